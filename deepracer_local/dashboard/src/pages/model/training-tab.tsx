/** The training: all cars on the track while it runs, how reward and completion grow, and what was kept. */
import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { lazy, Suspense, useMemo, useState } from "react";

import { addressOf } from "../../api/client";
import { type EvaluationRow, type MetricsRow, useCheckpoints, useMetrics, useTrainingEvaluations } from "../../api/queries";
import type { JobView, ModelDetail } from "../../api/types";
import { bytes, count, decimal, lapTime, percent } from "../../format";
import type { Curve } from "../../parts/chart";
import { JobProgress, TrainingFigures } from "../../parts/job-progress";
import { isRunning } from "../../parts/status";
import { TelemetryStrip } from "../../parts/telemetry-strip";
import { TrackMap } from "../../parts/track-map";
import { Empty, Loaded, Loading } from "../../shell/states";

const Chart = lazy(() => import("../../parts/chart"));
const REWARD: Curve[] = [{ label: "Training reward, mean of an episode", colour: "--series-1" }];
const COMPLETION: Curve[] = [
  { label: "Training", colour: "--series-1" },
  { label: "Evaluation", colour: "--series-2", hasPoints: true },
];
const PERCENT: [number, number] = [0, 105];

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
      <Curves id={model.id} />
      <Checkpoints id={model.id} />
    </SpaceBetween>
  );
}

function Live({ model, job }: { model: ModelDetail; job: JobView }) {
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <Container header={<Header variant="h2">{job.kind === "TRAIN" ? "Live" : "Live: evaluation"}</Header>}>
      <SpaceBetween size="l">
        <TrackMap track={model.track} jobId={job.id} chosen={chosen} />
        <TelemetryStrip jobId={job.id} chosen={chosen} onChoose={setChosen} />
        <JobProgress job={job} model={model} />
        {job.kind === "TRAIN" && <TrainingFigures job={job} />}
      </SpaceBetween>
    </Container>
  );
}

function Curves({ id }: { id: string }) {
  const metrics = useMetrics(id);
  const evaluations = useTrainingEvaluations(id);
  return (
    <Loaded query={metrics} what="the curves">
      {(rows) => (
        <ColumnLayout columns={2}>
          <Container header={<Header variant="h2">Reward</Header>}>
            {rows.length === 0 ? <NoCurve /> : <RewardChart rows={rows} laps={evaluations.data ?? []} />}
          </Container>
          <Container header={<Header variant="h2">Completion of the lap</Header>}>
            {rows.length === 0 ? <NoCurve /> : <CompletionChart rows={rows} laps={evaluations.data ?? []} />}
          </Container>
        </ColumnLayout>
      )}
    </Loaded>
  );
}

const NoCurve = () => <Empty title="No update yet" next="The first point comes with the first policy update, some seconds after the start." />;

const bestOf = (laps: EvaluationRow[]): number | null => laps.findLast((row) => row.is_best)?.total_steps ?? null;

function RewardChart({ rows, laps }: { rows: MetricsRow[]; laps: EvaluationRow[] }) {
  const data = useMemo(() => [rows.map((row) => row.total_steps), rows.map((row) => row.mean_reward)] as [number[], (number | null)[]], [rows]);
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Chart label={`Mean reward of training episodes over ${count(rows.at(-1)?.total_steps)} steps, now ${decimal(rows.at(-1)?.mean_reward)}`} data={data} curves={REWARD} format={(value) => value.toFixed(1)} best={bestOf(laps)} />
    </Suspense>
  );
}

function CompletionChart({ rows, laps }: { rows: MetricsRow[]; laps: EvaluationRow[] }) {
  const data = useMemo(() => {
    const driven = new Map(laps.map((row) => [row.iteration, row.mean_progress]));
    return [rows.map((row) => row.total_steps), rows.map((row) => row.mean_progress), rows.map((row) => driven.get(row.iteration) ?? null)] as [number[], (number | null)[], (number | null)[]];
  }, [rows, laps]);
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Chart label={`Completion of laps in training and evaluation, at the end ${percent(laps.at(-1)?.mean_progress)}`} data={data} curves={COMPLETION} format={(value) => `${value.toFixed(0)} %`} range={PERCENT} best={bestOf(laps)} />
    </Suspense>
  );
}

function Checkpoints({ id }: { id: string }) {
  const evaluations = useTrainingEvaluations(id);
  const laps = new Map((evaluations.data ?? []).map((row) => [row.total_steps, row]));
  return (
    <Loaded query={useCheckpoints(id)} what="the checkpoints">
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
            { id: "size", header: "Size", cell: (one) => <span className="numbers">{bytes(one.size)}</span> },
            {
              id: "download",
              header: "Model",
              cell: (one) => (
                <Button
                  variant="inline-link"
                  href={addressOf("GET /api/v1/models/{model_id}/archive", { params: { model_id: id }, query: { checkpoint: one.name } })}
                  download
                  ariaLabel={`Download the model after ${one.name} steps`}
                >
                  Download
                </Button>
              ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
