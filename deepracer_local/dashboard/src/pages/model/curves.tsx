/** How the training went: every episode as a dot, their means and the evaluations as lines. */
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { lazy, Suspense, useMemo, useState } from "react";
import { useLocation } from "wouter";

import { type EpisodeRow, type EvaluationRow, type MetricsRow, useEpisodes, useMetrics, useTrainingEvaluations } from "../../api/queries";
import { count, decimal, percent, words } from "../../format";
import type { Curve } from "../../parts/chart";
import { addressOfLaps } from "../../parts/lap-name";
import { Link } from "../../shell/link";
import { Empty, Loaded, Loading } from "../../shell/states";
import { type CurveData, curveData, type Lines } from "./curve-data";

const Chart = lazy(() => import("../../parts/chart"));
const REWARD: Curve[] = [
  { label: "Episode", colour: "--series-6", isScatter: true },
  { label: "Mean of an update", colour: "--series-1" },
];
const COMPLETION: Curve[] = [
  { label: "Episode", colour: "--series-6", isScatter: true },
  { label: "Mean of an update", colour: "--series-1" },
  { label: "Evaluation", colour: "--series-2", hasPoints: true },
];
const PERCENT: [number, number] = [0, 105];

export function Curves({ id }: { id: string }) {
  const metrics = useMetrics(id);
  const episodes = useEpisodes(id);
  const laps = useTrainingEvaluations(id);
  return (
    <Loaded query={metrics} what="the curves">
      {(rows) => (rows.length === 0 ? <NoCurve /> : <Pair id={id} rows={rows} episodes={episodes.data ?? []} laps={laps.data ?? []} />)}
    </Loaded>
  );
}

const NoCurve = () => (
  <Container header={<Header variant="h2">Reward and completion</Header>}>
    <Empty title="No update yet" next="The first point comes with the first policy update, some seconds after the start." />
  </Container>
);

function Pair({ id, rows, episodes, laps }: { id: string; rows: MetricsRow[]; episodes: EpisodeRow[]; laps: EvaluationRow[] }) {
  const [seen, setSeen] = useState<number | null>(null);
  const data = useMemo(() => curveData(rows, episodes, laps), [rows, episodes, laps]);
  const best = laps.findLast((row) => row.is_best)?.total_steps ?? null;
  const look = (index: number) => setSeen(data.episodeAt[index] ?? null);
  const [, navigate] = useLocation();
  const open = (index: number) => {
    const row = episodes[data.episodeAt[index] ?? -1];
    if (row) navigate(addressOfLaps([{ kind: "episode", model: id, number: row.number }]));
  };
  return (
    <ColumnLayout columns={2}>
      <Container header={<Header variant="h2">Reward</Header>}>
        <Picture data={data.reward} curves={REWARD} best={best} marks={data.stages} onLook={look} onOpen={open} format={(value) => value.toFixed(1)} label={`Reward of ${count(episodes.length)} training episodes over ${count(rows.at(-1)?.total_steps)} steps, mean now ${decimal(rows.at(-1)?.mean_reward)}`} />
        <Episode id={id} row={seen === null ? undefined : episodes[seen]} />
      </Container>
      <Container
        header={
          <Header variant="h2" actions={laps.length > 0 ? <Link href={addressOfLaps([{ kind: "best", model: id }])}>Replay the best lap</Link> : undefined}>
            Completion of the lap
          </Header>
        }
      >
        <Picture data={data.completion} curves={COMPLETION} best={best} marks={data.stages} onLook={look} onOpen={open} format={(value) => `${value.toFixed(0)} %`} range={PERCENT} label={`Completion of laps in training and evaluation, at the end ${percent(laps.at(-1)?.mean_progress)}`} />
        <Episode id={id} row={seen === null ? undefined : episodes[seen]} />
      </Container>
    </ColumnLayout>
  );
}

function Picture(props: { data: Lines; curves: Curve[]; best: number | null; marks: CurveData["stages"]; onLook: (index: number) => void; onOpen: (index: number) => void; format: (value: number) => string; range?: [number, number]; label: string }) {
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Chart {...props} />
    </Suspense>
  );
}

/** What the pointer, or the arrow keys, have found. */
function Episode({ id, row }: { id: string; row: EpisodeRow | undefined }) {
  if (!row) return <p className="hovered">Point at a dot, or walk with the arrow keys, to see its episode; click, or press Enter, to replay it.</p>;
  return (
    <p className="hovered numbers" aria-live="polite">
      Episode {row.number}: reward {decimal(row.reward, 1)}, {percent(row.progress)} of the lap in {decimal(row.time_s, 1)} s, {words(row.outcome).toLowerCase()}.{" "}
      <Link href={addressOfLaps([{ kind: "episode", model: id, number: row.number }])}>Replay it</Link>
    </p>
  );
}
