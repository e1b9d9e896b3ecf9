/** Two to six models side by side: how they learned, and in which settings they differ. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { lazy, Suspense, useMemo, useState } from "react";
import { useSearchParams } from "wouter";

import { useMetrics, useModel, useRandomisations, useRewardText, useTracks, useTrainingEvaluations } from "../api/queries";
import { specOf } from "../api/spec";
import type { ModelDetail, RandomisationPreset } from "../api/types";
import { lapTime, NOTHING } from "../format";
import { addressOfLaps } from "../parts/lap-name";
import { settingsOf } from "../parts/settings-of";
import { TextDiff } from "../parts/text-diff-view";
import { Link, useFollow } from "../shell/link";
import { useCrumbs } from "../shell/shell";
import { Empty, Loaded, Loading } from "../shell/states";

const Chart = lazy(() => import("../parts/chart"));
const MOST = 6;
const PERCENT: [number, number] = [0, 105];

export default function ComparePage() {
  useCrumbs({ text: "Models", href: "/models" }, { text: "Compare", href: "/models/compare" });
  const [search] = useSearchParams();
  const ids = [...new Set((search.get("ids") ?? "").split(",").filter(Boolean))].slice(0, MOST);
  if (ids.length < 2) return <Empty title="Choose two to six models" next={<Link href="/models">Choose them in the list</Link>} />;
  return <Gather ids={ids} found={[]} />;
}

/** Loads one model after the other: the number of hooks of a component may not change, that of components may. */
function Gather({ ids, found }: { ids: string[]; found: Learned[] }) {
  const [next, ...rest] = ids;
  if (next === undefined) return <Comparison all={found} />;
  return <One key={next} id={next} rest={rest} found={found} />;
}

interface Learned {
  model: ModelDetail;
  reward: string | undefined;
  steps: number[];
  rewards: (number | null)[];
  completion: Map<number, number>;
}

function One({ id, rest, found }: { id: string; rest: string[]; found: Learned[] }) {
  const metrics = useMetrics(id);
  const laps = useTrainingEvaluations(id);
  const reward = useRewardText(id);
  return (
    <Loaded query={useModel(id)} what="a model">
      {(model) => (
        <Loaded query={metrics} what="its curves">
          {(rows) => (
            <Gather
              ids={rest}
              found={[
                ...found,
                {
                  model,
                  reward: reward.data,
                  steps: rows.map((row) => row.total_steps),
                  rewards: rows.map((row) => row.mean_reward),
                  completion: new Map((laps.data ?? []).map((row) => [row.total_steps, row.mean_progress])),
                },
              ]}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Comparison({ all }: { all: Learned[] }) {
  const [isAll, setAll] = useState(false);
  const follow = useFollow();
  const curves = all.map(({ model }, i) => ({ label: model.name, colour: `--series-${i + 1}` }));
  const steps = useMemo(() => [...new Set(all.flatMap((one) => one.steps))].sort((a, b) => a - b), [all]);
  const completion = useMemo(() => [steps, ...all.map((one) => steps.map((x) => one.completion.get(x) ?? null))], [all, steps]);
  const rewards = useMemo(
    () => [
      steps,
      ...all.map((one) => {
        const byStep = new Map(one.steps.map((x, i) => [x, one.rewards[i] ?? null]));
        return steps.map((x) => byStep.get(x) ?? null);
      }),
    ],
    [all, steps],
  );
  const titles = new Map((useTracks().data?.tracks ?? []).map((track) => [track.name, track.title]));
  const presets = useRandomisations().data?.presets ?? [];
  const rows = rowsOf(all, titles, presets).filter((row) => isAll || new Set(row.values).size > 1);
  const columns: TableProps.ColumnDefinition<Row>[] = [
    { id: "label", header: "Setting", cell: (row) => row.label, isRowHeader: true },
    ...all.map(({ model }, i) => ({ id: model.id, header: model.name, cell: (row: Row) => row.values[i] })),
  ];
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <Button href={addressOfLaps(all.map(({ model }) => ({ kind: "best", model: model.id })))} onFollow={follow}>
              Replay their best laps
            </Button>
          }
        >
          Compare {all.length} models
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Completion of evaluation laps</Header>}>
          <Suspense fallback={<Loading what="the chart" />}>
            <Chart label={`Completion over steps of ${curves.map((curve) => curve.label).join(", ")}`} data={completion as [number[], ...(number | null)[][]]} curves={curves} format={(value) => `${value.toFixed(0)} %`} range={PERCENT} />
          </Suspense>
        </Container>
        <Container header={<Header variant="h2" description="Rewards of different functions are different currencies: compare shapes, not heights.">Training reward</Header>}>
          <Suspense fallback={<Loading what="the chart" />}>
            <Chart label={`Reward over steps of ${curves.map((curve) => curve.label).join(", ")}`} data={rewards as [number[], ...(number | null)[][]]} curves={curves} format={(value) => value.toFixed(1)} />
          </Suspense>
        </Container>
        <Table
          variant="container"
          header={
            <Header variant="h2" actions={<Toggle checked={isAll} onChange={({ detail }) => setAll(detail.checked)}>Equal ones too</Toggle>}>
              Settings
            </Header>
          }
          items={rows}
          trackBy="label"
          wrapLines
          columnDefinitions={columns}
          empty={<Empty title="All settings are equal" />}
        />
        {all.slice(1).map(({ model, reward }) =>
          reward === undefined || all[0]?.reward === undefined || reward === all[0].reward ? null : (
            <Container key={model.id} header={<Header variant="h2">Reward function: from {all[0].model.name} to {model.name}</Header>}>
              <TextDiff before={all[0].reward} after={reward} label={`How the reward function of ${model.name} differs`} />
            </Container>
          ),
        )}
        <Container header={<Header variant="h2">Open</Header>}>
          <SpaceBetween direction="horizontal" size="m">
            {all.map(({ model }) => (
              <Link key={model.id} href={`/models/${model.id}`}>
                {model.name}
              </Link>
            ))}
          </SpaceBetween>
        </Container>
      </SpaceBetween>
    </ContentLayout>
  );
}

interface Row {
  label: string;
  values: string[];
}

function rowsOf(all: Learned[], titles: Map<string, string>, presets: RandomisationPreset[]): Row[] {
  const settings = all.map(({ model }) => new Map(settingsOf(specOf(model), presets).map(({ label, value }) => [label, value])));
  const labels = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  return [
    { label: "Best lap", values: all.map(({ model }) => lapTime(model.best_lap_time_s)) },
    { label: "Track", values: all.map(({ model }) => titles.get(model.track) ?? model.track) },
    { label: "Reward function", values: lettersOf(all.map(({ reward }) => reward ?? "")) },
    ...labels.map((label) => ({ label, values: settings.map((one) => one.get(label) ?? NOTHING) })),
  ];
}

/** Names texts by letters: equal ones have the same. */
function lettersOf(texts: string[]): string[] {
  const different = [...new Set(texts)];
  return texts.map((text) => String.fromCharCode(65 + different.indexOf(text)));
}
