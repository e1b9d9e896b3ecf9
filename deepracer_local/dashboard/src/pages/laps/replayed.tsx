/** Chosen laps, all loaded: the map, the transport, the table of laps, the gap trace, and what the chosen one tells. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { useSearchParams } from "wouter";

import { decimal, NOTHING, percent, plural } from "../../format";
import { Loading } from "../../shell/states";
import { Actions, Corners, HeatLegend } from "./analysis";
import { ReplayClock } from "./clock";
import { cornersOf, reportOf, worstOf } from "./corners";
import { gapTrace } from "./gap";
import { heatOf, type Measure, MEASURE_LABELS, MEASURES } from "./heat";
import type { Instant } from "./lap";
import { LapTable } from "./lap-table";
import { LiveText } from "./live-text";
import { type LoadedLap, titleOf, useOwnBest } from "./load";
import { type Alignment, ALIGNMENTS, durationOf, replayOf } from "./replay";
import { curveColour, ReplayMap } from "./replay-map";
import { Transport } from "./transport";

const Chart = lazy(() => import("../../parts/chart"));
const PROGRESS = { label: "Progress of lap 1", format: (value: number) => `${value.toFixed(0)} %` };
const gapText = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(2)} s`;
const PLAIN = "plain";
const PAINTS = [{ value: PLAIN, label: "Its colour" }, ...MEASURES.map((value) => ({ value, label: MEASURE_LABELS[value] }))];
const TOGETHER = [
  { value: "time", label: "Time", description: "All begin at once" },
  { value: "distance", label: "Distance", description: "All are where lap 1 is" },
];
const KEPT_MS = 400;

interface Props {
  laps: LoadedLap[];
  onRemove: (name: string) => void;
}

export function Replayed({ laps: loaded, onRemove }: Props) {
  const [search, setSearch] = useSearchParams();
  const alignment: Alignment = ALIGNMENTS.find((one) => one === search.get("align")) ?? "time";
  const measure: Measure | undefined = search.has("by") ? MEASURES.find((one) => one === search.get("by")) : "speed";
  const chosen = Math.min(Math.max(0, Number(search.get("on") ?? 1) - 1 || 0), loaded.length - 1);
  const set = (name: string, value: string) =>
    setSearch((before) => new URLSearchParams([...[...before].filter(([key]) => key !== name), [name, value]]), { replace: true });

  const laps = useMemo(() => loaded.map((one) => one.lap), [loaded]);
  const one = loaded[chosen] ?? loaded[0];
  const best = useOwnBest(one).data?.lap ?? null;
  const line = loaded[0]?.line;
  const clock = useClock(durationOf(laps, alignment), Number(search.get("t") ?? 0), (t) => set("t", t.toFixed(3)));
  const replay = useMemo(() => replayOf(laps, alignment, line ?? EMPTY), [laps, alignment, line]);
  const corners = useMemo(() => (one ? cornersOf(one.line) : []), [one]);
  const report = useMemo(() => (one ? reportOf(one.lap, best, corners, one.line) : []), [one, best, corners]);
  const heat = useMemo(() => (one && measure ? heatOf(measure, one.lap, best, one.line) : null), [one, measure, best]);
  const worst = useMemo(() => worstOf(report), [report]);
  if (!one || !line) return null;
  const linkOf = (t: number) => `/laps?${new URLSearchParams([...[...search].filter(([key]) => key !== "t"), ["t", t.toFixed(3)]])}`;
  const title = titleOf(one);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{one.track.title}</Header>}>
        <SpaceBetween size="m">
          <ReplayMap
            track={one.track}
            line={one.line}
            laps={laps}
            chosen={chosen}
            heat={heat}
            corners={corners}
            worst={worst?.corner.number ?? null}
            clock={clock}
            replay={replay}
            objects={one.objects}
            label={`${plural(loaded.length, "lap")} on ${one.track.title} from above. ${title} is painted by ${measure ? MEASURE_LABELS[measure].toLowerCase() : "its colour"}.`}
          />
          <Transport clock={clock} linkOf={linkOf} />
          <Readout clock={clock} of={(t) => replay(t)[chosen] ?? null} lengthM={line.lengthM} title={title} />
          <Choices alignment={alignment} measure={measure} hasGhosts={loaded.length > 1} set={set}>
            {measure && <HeatLegend heat={heat} measure={measure} />}
          </Choices>
        </SpaceBetween>
      </Container>
      <LapTable laps={loaded} chosen={chosen} clock={clock} replay={replay} onChoose={(i) => set("on", String(i + 1))} onRemove={onRemove} />
      {loaded.length > 1 && <Gaps laps={loaded} />}
      <Corners report={report} worst={worst} against={best ? "its own best lap" : "its own pace"} title={title} />
      <Actions lap={one.lap} title={title} />
    </SpaceBetween>
  );
}

const EMPTY = { points: [], atM: [], lengthM: 0, isClosed: false };

/** A clock for as long as the page is open; the address follows where it rests. */
function useClock(durationS: number, firstS: number, keep: (t: number) => void): ReplayClock {
  const [clock] = useState(() => new ReplayClock());
  const [start] = useState(Number.isFinite(firstS) ? firstS : 0);
  const [keeper] = useState({ keep });
  keeper.keep = keep;
  useEffect(() => {
    const isFirst = clock.durationS === 0;
    clock.setDuration(durationS);
    if (isFirst && start > 0) clock.seek(start);
  }, [clock, durationS, start]);
  useEffect(() => {
    let timer = 0;
    const stop = clock.onChange(() => {
      window.clearTimeout(timer);
      // A key that is held down moves it thirty times a second; a browser takes so many addresses as an attack.
      if (!clock.isPlaying) timer = window.setTimeout(() => keeper.keep(clock.t), KEPT_MS);
    });
    return () => {
      window.clearTimeout(timer);
      stop();
      clock.pause();
    };
  }, [clock, keeper]);
  return clock;
}

function Readout({ clock, of, lengthM, title }: { clock: ReplayClock; of: (t: number) => Instant | null; lengthM: number; title: string }) {
  const read = (text: (instant: Instant) => string) => (
    <LiveText
      clock={clock}
      of={(t) => {
        const instant = of(t);
        return instant === null ? NOTHING : text(instant);
      }}
    />
  );
  return (
    <div role="group" aria-label={`${title} at this instant`} data-testid="readout">
      <KeyValuePairs
        columns={3}
        minColumnWidth={110}
        items={[
          { label: "Lap time", value: read((instant) => `${instant.t.toFixed(2)} s`) },
          { label: "Progress", value: read((instant) => percent((100 * instant.d) / lengthM)) },
          { label: "Speed", value: read((instant) => `${decimal(instant.speed)} m/s`) },
          { label: "Steering", value: read((instant) => `${decimal(instant.steer, 0)}°`) },
          { label: "Reward of the step", value: read((instant) => decimal(instant.reward)) },
          { label: "Wheels", value: read((instant) => (instant.isOn ? "all on the track" : "not all on the track")) },
        ]}
      />
    </div>
  );
}

interface ChoicesProps {
  alignment: Alignment;
  measure: Measure | undefined;
  hasGhosts: boolean;
  set: (name: string, value: string) => void;
  /** The legend, beside what it explains. */
  children: ReactNode;
}

function Choices({ alignment, measure, hasGhosts, set, children }: ChoicesProps) {
  return (
    <div className="choices">
      <FormField label="Paint the lap by">
        <Select
          selectedOption={PAINTS.find(({ value }) => value === (measure ?? PLAIN)) ?? null}
          options={PAINTS}
          onChange={({ detail }) => set("by", detail.selectedOption.value ?? PLAIN)}
        />
      </FormField>
      {children}
      {hasGhosts && (
        <FormField label="Ghosts together in">
          <Select
            selectedOption={TOGETHER.find(({ value }) => value === alignment) ?? null}
            options={TOGETHER}
            onChange={({ detail }) => set("align", detail.selectedOption.value ?? "time")}
          />
        </FormField>
      )}
    </div>
  );
}

function Gaps({ laps }: { laps: LoadedLap[] }) {
  const data = useMemo(() => gapTrace(laps.map((one) => one.lap), laps[0]?.line ?? EMPTY), [laps]);
  const isEmpty = data.slice(1).every((gaps) => gaps.every((gap) => gap === null));
  const curves = useMemo(() => laps.slice(1).map((one, i) => ({ label: `${i + 2}: ${one.driver.name}`, colour: curveColour(i + 1) })), [laps]);
  return (
    <Container header={<Header variant="h2" description="Seconds behind lap 1 at the same place; below zero a lap is ahead.">Gap to lap 1</Header>}>
      {isEmpty ? (
        <Box color="text-body-secondary">The laps have no part of the track in common.</Box>
      ) : (
        <Suspense fallback={<Loading what="the chart" />}>
          <Chart label={`Gap in seconds to ${laps[0] ? titleOf(laps[0]) : "the first lap"} over its progress`} data={data} curves={curves} format={gapText} x={PROGRESS} />
        </Suspense>
      )}
    </Container>
  );
}
