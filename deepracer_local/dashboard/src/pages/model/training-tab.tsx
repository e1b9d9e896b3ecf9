/** The training: all cars on the track while it runs, how reward and completion grow, and what was kept. */
import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { addressOf } from "../../api/client";
import { useProgress } from "../../api/live";
import { type EvaluationRow, useCheckpoints, useTrainingEvaluations } from "../../api/queries";
import { trackOf } from "../../api/spec";
import type { JobView, ModelDetail } from "../../api/types";
import { bytes, count, jobName, lapTime, NOTHING, percent } from "../../format";
import { JobProgress, TrainingFigures } from "../../parts/job-progress";
import { addressOfLaps } from "../../parts/lap-name";
import { LiveView } from "../../parts/live-view";
import { isRunning } from "../../parts/status";
import { TelemetryStrip } from "../../parts/telemetry-strip";
import { TrackMap } from "../../parts/track-map";
import { Link, useFollow } from "../../shell/link";
import { Empty, Loaded } from "../../shell/states";
import { Curves } from "./curves";
import { EvaluateModal } from "./evaluate-modal";
import { StagesTable } from "./stages-table";

export function TrainingTab({ model, job }: { model: ModelDetail; job: JobView | undefined }) {
  const training = model.jobs.find((one) => one.kind === "TRAIN");
  return (
    <SpaceBetween size="l">
      {job && isRunning(job.status) ? (
        <Live model={model} job={job} />
      ) : (
        <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
          <TrackMap track={model.track} maxHeight={260} />
          {training && (
            <Container header={<Header variant="h3">{training.finished_at ? "Result" : "So far"}</Header>}>
              <TrainingFigures job={training} />
            </Container>
          )}
        </Grid>
      )}
      <StagesTable model={model} />
      <Curves id={model.id} />
      <Checkpoints model={model} />
    </SpaceBetween>
  );
}

function Live({ model, job }: { model: ModelDetail; job: JobView }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { stage } = useProgress(job.id, job.progress);
  return (
    <Container header={<Header variant="h2">{job.kind === "TRAIN" ? "Live" : `Live: ${jobName(job.kind).toLowerCase()}`}</Header>}>
      <SpaceBetween size="l">
        <LiveView track={trackOf(model, stage)} jobId={job.id} chosen={chosen} onChoose={setChosen} />
        <TelemetryStrip jobId={job.id} chosen={chosen} onChoose={setChosen} />
        <JobProgress job={job} model={model} />
        {job.kind === "TRAIN" && <TrainingFigures job={job} />}
      </SpaceBetween>
    </Container>
  );
}

function Checkpoints({ model }: { model: ModelDetail }) {
  const { id } = model;
  const [evaluated, setEvaluated] = useState<string | null>(null);
  const evaluations = useTrainingEvaluations(id);
  const laps = new Map((evaluations.data ?? []).map((row) => [row.total_steps, row]));
  const query = useCheckpoints(id);
  const follow = useFollow();
  return (
    <>
      {evaluated !== null && <EvaluateModal model={model} checkpoint={evaluated} onClose={() => setEvaluated(null)} />}
      <Loaded query={query} what="the checkpoints">
        {({ checkpoints, best_rule }) => (
          <Table
            variant="container"
            header={
              <Header variant="h2" counter={`(${checkpoints.length})`} description={`Best: ${best_rule}.`}>
                Checkpoints
              </Header>
            }
            items={[...checkpoints].reverse()}
            trackBy="name"
            empty={<Empty title="No checkpoint yet" next="The first is kept after the first policy update." />}
            columnDefinitions={[
              {
                id: "name",
                header: "After",
                isRowHeader: true,
                cell: (one) => (
                  <SpaceBetween direction="horizontal" size="xs">
                    <span className="numbers">{count(Number(one.name))} steps</span>
                    {one.is_best && <Badge color="green">best</Badge>}
                    {one.is_last && <Badge>last</Badge>}
                  </SpaceBetween>
                ),
              },
              { id: "completion", header: "Completion", cell: (one) => <span className="numbers">{percent(laps.get(Number(one.name))?.mean_progress)}</span> },
              { id: "lap", header: "Mean lap", cell: (one) => <span className="numbers">{lapTime(laps.get(Number(one.name))?.mean_lap_time_s)}</span> },
              { id: "replay", header: "Replay", cell: (one) => <FirstLap model={id} row={laps.get(Number(one.name))} /> },
              { id: "size", header: "Size", cell: (one) => <span className="numbers">{bytes(one.size)}</span> },
              {
                id: "next",
                header: "With it",
                cell: (one) => (
                  <SpaceBetween direction="horizontal" size="s">
                    <Button variant="inline-link" onClick={() => setEvaluated(one.name)} ariaLabel={`Evaluate the model after ${one.name} steps`}>
                      Evaluate
                    </Button>
                    <Button variant="inline-link" href={`/create?from=${id}&checkpoint=${one.name}`} onFollow={follow} ariaLabel={`Train on from the model after ${one.name} steps`}>
                      Train on
                    </Button>
                    <Button
                      variant="inline-link"
                      href={addressOf("GET /api/v1/models/{model_id}/archive", { params: { model_id: id }, query: { checkpoint: one.name } })}
                      download
                      ariaLabel={`Download the model after ${one.name} steps`}
                    >
                      Download
                    </Button>
                  </SpaceBetween>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

/** The first lap that a checkpoint drove when training evaluated it. */
function FirstLap({ model, row }: { model: string; row: EvaluationRow | undefined }) {
  if (row === undefined) return <>{NOTHING}</>;
  return (
    <Link href={addressOfLaps([{ kind: "training", model, number: row.iteration, lap: 1 }])} ariaLabel={`Replay a lap after ${row.total_steps} steps`}>
      Replay
    </Link>
  );
}
