/** The laps that are replayed: number and colour, what each is, and how it stands at the instant. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";

import { decimal, lapTime, NOTHING, percent, words } from "../../format";
import { OutcomeStatus } from "../../parts/status";
import { Link } from "../../shell/link";
import type { ReplayClock } from "./clock";
import { gapAt, sharedOf } from "./gap";
import { LiveText } from "./live-text";
import { type LoadedLap, titleOf } from "./load";
import type { Replay } from "./replay";
import { lapColour } from "./replay-map";

interface Props {
  laps: LoadedLap[];
  chosen: number;
  clock: ReplayClock;
  replay: Replay;
  onChoose: (i: number) => void;
  onRemove: (name: string) => void;
}

export function LapTable({ laps, chosen, clock, replay, onChoose, onRemove }: Props) {
  const first = laps[0];
  const shared = useMemo(() => laps.map((one) => (first ? sharedOf(first.lap, one.lap, first.line) : null)), [laps, first]);
  const items = laps.map((lap, i) => ({ lap, i }));
  const gapOf = (i: number, t: number): string => {
    const [one, both, leader, place] = [laps[i], shared[i], replay(t)[0], replay(t)[i]];
    if (!first || !one || !both || !leader || !place) return NOTHING;
    // How far behind at the place where the slower of the two is.
    const gap = gapAt(first.lap, one.lap, both, Math.min(leader.d, place.d - both.shiftM));
    return gap === null ? NOTHING : `${gap > 0.005 ? "+" : ""}${gap.toFixed(2)} s`;
  };
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" counter={`(${laps.length})`} description="The chosen lap is painted, read out and analysed.">
          Chosen laps
        </Header>
      }
      selectionType="single"
      selectedItems={items.filter(({ i }) => i === chosen)}
      onSelectionChange={({ detail }) => onChoose(detail.selectedItems[0]?.i ?? 0)}
      ariaLabels={{ selectionGroupLabel: "The lap to look into", itemSelectionLabel: (_, { lap, i }) => `Lap ${i + 1}: ${titleOf(lap)}` }}
      items={items}
      trackBy={({ i }) => String(i)}
      columnDefinitions={[
        {
          id: "number",
          header: "Lap",
          cell: ({ i }) => (
            <span className="lap-number" style={{ background: `var(${lapColour(i)})` }}>
              {i + 1}
            </span>
          ),
        },
        {
          id: "model",
          header: "Driven by",
          isRowHeader: true,
          cell: ({ lap }) => (
            <>
              {lap.driver.id === null ? lap.driver.name : <Link href={`/models/${lap.driver.id}`}>{lap.driver.name}</Link>}
              <Box color="text-body-secondary" fontSize="body-s">
                {words(lap.title)}
              </Box>
            </>
          ),
        },
        { id: "outcome", header: "Outcome", cell: ({ lap }) => <OutcomeStatus outcome={lap.lap.outcome} /> },
        { id: "time", header: "Time", cell: ({ lap }) => <span className="numbers">{lapTime(lap.lap.timeS)}</span> },
        {
          id: "speed",
          header: "Speed",
          cell: ({ i }) => <LiveText clock={clock} of={(t) => (replay(t)[i] ? `${decimal(replay(t)[i]?.speed)} m/s` : NOTHING)} />,
        },
        {
          id: "progress",
          header: "Progress",
          cell: ({ i, lap }) => <LiveText clock={clock} of={(t) => (replay(t)[i] ? percent((100 * (replay(t)[i]?.d ?? 0)) / lap.line.lengthM) : NOTHING)} />,
        },
        { id: "gap", header: "Gap to lap 1", cell: ({ i }) => (i === 0 ? NOTHING : <LiveText clock={clock} of={(t) => gapOf(i, t)} />) },
        {
          id: "remove",
          header: "Remove",
          cell: ({ lap }) => <Button variant="icon" iconName="close" ariaLabel={`Leave out ${titleOf(lap)}`} onClick={() => onRemove(lap.name)} />,
        },
      ]}
    />
  );
}
