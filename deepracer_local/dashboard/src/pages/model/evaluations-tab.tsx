/** All evaluations of a model, lap by lap. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";

import { addressOf, call } from "../../api/client";
import { useEvaluations } from "../../api/queries";
import type { EvaluationView, LapRecord, ModelDetail, Verdict } from "../../api/types";
import { count, dateTime, decimal, lapTime, percent, plural, relative, words } from "../../format";
import { JobProgress } from "../../parts/job-progress";
import { addressOfLaps, type LapName, MOST_LAPS } from "../../parts/lap-name";
import { isRunning, isUnfinished, OutcomeStatus, Status } from "../../parts/status";
import { useTrackTitle } from "../../parts/track-name";
import { Link, useFollow } from "../../shell/link";
import { useNotifications } from "../../shell/notifications";
import { Empty, Loaded } from "../../shell/states";
import { EvaluateModal } from "./evaluate-modal";

export function EvaluationsTab({ model }: { model: ModelDetail }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <SpaceBetween size="l">
      <Header variant="h2" description="Laps without the reward function, from the start line." actions={<Button onClick={() => setOpen(true)}>Evaluate</Button>}>
        Evaluations
      </Header>
      <Loaded query={useEvaluations(model.id)} what="the evaluations">
        {({ evaluations }) =>
          evaluations.length === 0 ? (
            <Container>
              <Empty title="Not evaluated yet" next="An evaluation drives whole laps and measures them." />
            </Container>
          ) : (
            <SpaceBetween size="l">
              {evaluations.map((evaluation) => (
                <Evaluation key={evaluation.id} evaluation={evaluation} model={model} />
              ))}
            </SpaceBetween>
          )
        }
      </Loaded>
      {isOpen && <EvaluateModal model={model} onClose={() => setOpen(false)} />}
    </SpaceBetween>
  );
}

function Evaluation({ evaluation, model }: { evaluation: EvaluationView; model: ModelDetail }) {
  const { fail } = useNotifications();
  const follow = useFollow();
  const title = useTrackTitle(evaluation.track);
  const { opponent } = evaluation;
  const nameOf = (lap: number): LapName => ({ kind: "evaluation", model: model.id, job: evaluation.id, lap });
  const theirs = (lap: number): LapName => ({ kind: "opponent", model: model.id, job: evaluation.id, lap });
  // Of a race both cars' first laps begin at once: side by side they are seen as they raced.
  const together = evaluation.laps.flatMap((lap) => [nameOf(lap.trial), ...(opponent?.laps[lap.trial - 1] ? [theirs(lap.trial)] : [])]);
  const complete = evaluation.laps.filter((lap) => lap.outcome === "lap_complete");
  const best = complete.length > 0 ? Math.min(...complete.map((lap) => lap.time_s)) : null;
  const stop = async () => {
    try {
      await call("POST /api/v1/jobs/{job_id}/cancel", { params: { job_id: evaluation.id } });
    } catch (error) {
      fail("stop the evaluation", error);
    }
  };
  const own = (
    <Table
      variant="container"
      header={
        <Header
          variant="h3"
          description={`${opponent ? `Against ${opponent.name}, on` : "On"} ${title}, checkpoint ${evaluation.checkpoint}, asked for ${dateTime(evaluation.created_at)}`}
          actions={
            isUnfinished(evaluation) ? (
              <Button onClick={() => void stop()}>Stop</Button>
            ) : evaluation.laps.length > 0 ? (
              <SpaceBetween direction="horizontal" size="xs">
                <Button href={addressOfLaps(together)} onFollow={follow}>
                  {together.length > MOST_LAPS ? `Replay ${MOST_LAPS} laps` : "Replay"}
                </Button>
                <Button
                  href={addressOf("GET /api/v1/models/{model_id}/evaluations/{evaluation_id}/trace.csv", {
                    params: { model_id: evaluation.model_id, evaluation_id: evaluation.id },
                  })}
                  download
                  iconName="download"
                >
                  Step trace
                </Button>
              </SpaceBetween>
            ) : undefined
          }
        >
          {plural(evaluation.trials, "lap")}, {relative(evaluation.created_at)}
        </Header>
      }
      filter={
        <Box padding={{ bottom: "s" }}>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Status", value: <Status status={evaluation.status} /> },
              { label: "Complete", value: evaluation.laps.length > 0 ? `${complete.length} of ${evaluation.laps.length}` : "–" },
              { label: "Best lap", value: lapTime(best) },
              { label: "Mean of the complete", value: lapTime(complete.length > 0 ? complete.reduce((sum, lap) => sum + lap.time_s, 0) / complete.length : null) },
              ...(opponent && evaluation.verdict ? [{ label: "Race", value: saidOf(evaluation.verdict, model.name, opponent.name) }] : []),
            ]}
          />
        </Box>
      }
      items={evaluation.laps}
      trackBy={(lap) => String(lap.trial)}
      empty={
        isRunning(evaluation.status) ? (
          <JobProgress job={evaluation} model={model} />
        ) : (
          <Empty title={emptyOf(evaluation)} next={evaluation.message ?? evaluation.waiting_for ?? undefined} />
        )
      }
      columnDefinitions={[
        ...columnsOf(evaluation.laps, nameOf),
        {
          id: "insight",
          header: "What it looked at",
          cell: (lap) => (
            <Link href={`/models/${evaluation.model_id}/evaluations/${evaluation.id}/insight?lap=${lap.trial}`} ariaLabel={`Look into lap ${lap.trial}`}>
              Look
            </Link>
          ),
        },
      ]}
    />
  );
  if (!opponent || opponent.laps.length === 0) return own;
  return (
    <SpaceBetween size="s">
      {own}
      <Table
        variant="container"
        header={
          <Header variant="h3" description={`Checkpoint ${opponent.checkpoint}, in the same race`}>
            Opponent: {opponent.name}
          </Header>
        }
        items={opponent.laps}
        trackBy={(lap) => String(lap.trial)}
        columnDefinitions={columnsOf(opponent.laps, theirs, " of the opponent")}
      />
    </SpaceBetween>
  );
}

/** Says who has won a race of two. */
const saidOf = ({ winner, reason }: Verdict, model: string, opponent: string): string =>
  winner === "nobody" ? `A draw: ${reason}` : `${winner === "model" ? model : opponent} won: ${reason}`;

function columnsOf(laps: LapRecord[], nameOf: (lap: number) => LapName, whose = ""): TableProps.ColumnDefinition<LapRecord>[] {
  return [
    { id: "trial", header: "Lap", cell: (lap) => count(lap.trial), isRowHeader: true, width: 90 },
    { id: "outcome", header: "Outcome", cell: (lap) => <OutcomeStatus outcome={lap.outcome} /> },
    { id: "time", header: "Time", cell: (lap) => <span className="numbers">{lapTime(lap.time_s)}</span> },
    { id: "progress", header: "Completion", cell: (lap) => <span className="numbers">{percent(lap.progress)}</span> },
    { id: "steps", header: "Steps", cell: (lap) => <span className="numbers">{count(lap.steps)}</span> },
    ...(laps.some(wasSetBack) ? FAULTS : []),
    {
      id: "replay",
      header: "Replay",
      cell: (lap) => (
        <Link href={addressOfLaps([nameOf(lap.trial)])} ariaLabel={`Replay lap ${lap.trial}${whose}`}>
          Replay
        </Link>
      ),
    },
  ];
}

const wasSetBack = (lap: LapRecord): boolean => (lap.resets ?? 0) > 0 || (lap.penalty_s ?? 0) > 0;

/** Where a car is set back after a fault, a lap may have several. */
const FAULTS = [
  { id: "off-tracks", header: "Off track", cell: (lap: LapRecord) => <span className="numbers">{count(lap.off_tracks)}</span> },
  { id: "crashes", header: "Crashes", cell: (lap: LapRecord) => <span className="numbers">{count(lap.crashes)}</span> },
  { id: "resets", header: "Set back", cell: (lap: LapRecord) => <span className="numbers">{count(lap.resets)}</span> },
  { id: "penalty", header: "Penalty", cell: (lap: LapRecord) => <span className="numbers">{decimal(lap.penalty_s, 1)} s</span> },
];

function emptyOf(evaluation: EvaluationView): string {
  if (evaluation.status === "QUEUED") return "It waits for its turn";
  return `${words(evaluation.status)} without a lap`;
}
