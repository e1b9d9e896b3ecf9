/** What the reward function pays: painted on the track, lap by lap, and what it is told at the marked place. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";

import { useTrack } from "../../api/queries";
import type { PaintedLap, PreviewAnswer, RoadObjectView } from "../../api/types";
import { plural } from "../../format";
import { REWARD_COLOURS } from "../../parts/reward-drawing";
import { RewardMap, type Scene } from "../../parts/reward-map";
import { REWARD_PARAMETERS } from "../../parts/reward-parameters";
import { Loaded } from "../../shell/states";
import type { Picture } from "./use-reward-preview";

/** What is marked on the map. */
export interface Mark {
  scene: Scene;
  place: number;
}

const HEADINGS = ["Facing forward", "Turned 30° left", "Turned 30° right", "Facing backwards"];
const LANES: [number, string][] = [
  [-1, "off the road on the right"],
  [-0.05, "right of the centre line"],
  [0.05, "on the centre line"],
  [1, "left of the centre line"],
];

interface Props {
  picture: Picture | null;
  mark: Mark;
  values: Record<string, string>;
  onMark: (mark: Mark) => void;
  isRunning: boolean;
}

export function RewardPreview({ picture, mark, values, onMark, isRunning }: Props) {
  const track = useTrack(picture?.track ?? "");
  if (picture === null)
    return (
      <Box color="text-body-secondary" padding={{ vertical: "l" }} textAlign="center">
        {isRunning ? <StatusIndicator type="loading">Driving five laps</StatusIndicator> : "The map is painted as soon as the function returns a reward."}
      </Box>
    );
  const { answer, isStale, told, objects } = picture;
  const { scene } = mark;
  const said = saidOf(answer, mark);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        <SegmentedControl
          label="What to paint"
          selectedId={scene.is}
          options={[
            { id: "laps", text: "Laps" },
            { id: "grid", text: "Whole road" },
          ]}
          onChange={({ detail }) => onMark(detail.selectedId === "laps" ? { scene: { is: "laps", lap: 0 }, place: 0 } : gridMark(answer, 0))}
        />
        {scene.is === "grid" && (
          <Select
            ariaLabel="Heading of the car"
            selectedOption={{ value: String(scene.heading), label: HEADINGS[scene.heading] ?? "" }}
            options={HEADINGS.map((label, i) => ({ value: String(i), label }))}
            onChange={({ detail }) => onMark({ scene: { is: "grid", heading: Number(detail.selectedOption.value) }, place: mark.place })}
          />
        )}
      </SpaceBetween>
      <Loaded query={track} what={`the track ${picture.track}`}>
        {(detail) => (
          <RewardMap
            detail={detail}
            answer={answer}
            scene={scene}
            place={mark.place}
            objects={objectsAt(objects, mark)}
            said={said}
            label={scene.is === "laps" ? "Step of the lap" : "Place on the road"}
            isStale={isStale}
            onChoose={(place) => onMark({ scene, place })}
          />
        )}
      </Loaded>
      <Legend answer={answer} />
      {objects.length > 0 && (
        <Box variant="small" color="text-body-secondary">
          {scene.is === "laps" && objects.length > 1 ? "Other cars are where they are at the marked step." : "All that is on the road is where it is at the start of an episode."} The sample cars drive
          through: while one touches something, the function is told that it has crashed.
        </Box>
      )}
      {isStale && !isRunning && (
        <Box variant="small" color="text-status-inactive">
          Painted before the last change, which cannot be painted.
        </Box>
      )}
      <div data-testid="reward-here">
        <Box variant="small" color="text-body-secondary">
          {said}
        </Box>
      </div>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="inline-link" onClick={() => onMark({ scene: lapScene(scene), place: 0 })}>
          At the start
        </Button>
        <Button variant="inline-link" onClick={() => onMark({ scene: lapScene(scene), place: bendOf(told.laps[lapScene(scene).lap]?.steering_angle) })}>
          In the sharpest bend
        </Button>
      </SpaceBetween>
      <Totals laps={answer.laps} chosen={scene.is === "laps" ? scene.lap : null} onChoose={(lap) => onMark({ scene: { is: "laps", lap }, place: 0 })} />
      <ExpandableSection headerText="Values at the marked place" variant="footer">
        <dl className="told">
          {REWARD_PARAMETERS.filter(({ name }) => values[name] !== undefined).map(({ name, meaning }) => (
            <div key={name} title={meaning}>
              <dt>{name}</dt>
              <dd>{values[name]}</dd>
            </div>
          ))}
        </dl>
      </ExpandableSection>
    </SpaceBetween>
  );
}

const NOTHING_THERE: RoadObjectView[] = [];

/** A lap's first step is after the first instant; a place of the grid has no instant of its own. */
function objectsAt(objects: RoadObjectView[][], { scene, place }: Mark): RoadObjectView[] {
  const instant = scene.is === "laps" ? place + 1 : 0;
  return objects[Math.min(instant, objects.length - 1)] ?? NOTHING_THERE;
}

function Legend({ answer }: { answer: PreviewAnswer }) {
  const [low, high] = [answer.scale_low, answer.scale_high];
  if (answer.low === answer.high) return <div className="reward-legend">{short(low)} per step, everywhere</div>;
  return (
    <div className="reward-legend" role="img" aria-label={`Colours: from ${short(low)}, dark, to ${short(high)} reward per step, bright`}>
      <span>{low !== null && answer.low !== null && answer.low < low ? `≤ ${short(low)}` : short(low)}</span>
      <span className="reward-legend-bar" style={{ background: `linear-gradient(to right, ${REWARD_COLOURS.join(", ")})` }} />
      <span>{high !== null && answer.high !== null && answer.high > high ? `≥ ${short(high)}` : short(high)}</span>
      <span className="reward-legend-unit">reward per step</span>
    </div>
  );
}

/** A bar for each lap; the shares are of the lap along the centre line. */
function Totals({ laps, chosen, onChoose }: { laps: PaintedLap[]; chosen: number | null; onChoose: (lap: number) => void }) {
  const most = Math.max(...laps.map((lap) => Math.abs(lap.total ?? 0)), 1e-9);
  const centre = laps[0]?.total ?? null;
  return (
    <div>
      <Box variant="h4" padding={{ bottom: "xxs" }}>
        Reward of a whole lap
      </Box>
      <ul className="reward-totals">
        {laps.map((lap, i) => (
          <li key={`${lap.title}-${i}`}>
            <button type="button" aria-pressed={i === chosen} onClick={() => onChoose(i)}>
              <span className="reward-totals-title">{lap.title}</span>
              <span className="reward-totals-figure">
                {short(lap.total)}
                <small>{shareOf(lap, i, centre)}</small>
              </span>
              <span className="reward-totals-track">
                <span className={(lap.total ?? 0) < 0 ? "reward-totals-bar is-negative" : "reward-totals-bar"} style={{ width: `${(100 * Math.abs(lap.total ?? 0)) / most}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function shareOf(lap: PaintedLap, i: number, centre: number | null): string {
  const end = lap.complete ? "" : `, ends at ${lap.progress.toFixed(0)} %`;
  if (i === 0) return `in ${plural(lap.steps, "step")}${end}`;
  if (lap.total === null || centre === null || centre <= 0) return `in ${plural(lap.steps, "step")}${end}`;
  return `${((100 * lap.total) / centre).toFixed(0)} % of centre${end}`;
}

/** "Zig-zag, step 34 of 183, 18.5 % of the lap: reward 0.5". */
function saidOf(answer: PreviewAnswer, { scene, place }: Mark): string {
  if (scene.is === "laps") {
    const lap = answer.laps[scene.lap];
    if (!lap) return "";
    return `${lap.title}, step ${place + 1} of ${lap.steps}: reward ${short(lap.reward[place])}`;
  }
  const { grid } = answer;
  const lane = grid.lanes[place % grid.lanes.length] ?? 0;
  const where = lane > 1 ? "off the road on the left" : (LANES.find(([end]) => lane <= end)?.[1] ?? "");
  const along = Math.round((100 * (Math.floor(place / grid.lanes.length) + 0.5)) / grid.n_along);
  return `${along} % round the lap, ${where}, ${(HEADINGS[scene.heading] ?? "").toLowerCase()}: reward ${short(grid.reward[scene.heading]?.[place])}`;
}

const lapScene = (scene: Scene): { is: "laps"; lap: number } => (scene.is === "laps" ? scene : { is: "laps", lap: 0 });

const gridMark = ({ grid }: PreviewAnswer, heading: number): Mark => ({ scene: { is: "grid", heading }, place: Math.floor(grid.lanes.length / 2) });

function bendOf(steering: unknown[] | undefined): number {
  const angles = (steering ?? []).map((angle) => Math.abs(Number(angle)));
  return Math.max(0, angles.indexOf(Math.max(...angles)));
}

/** Four digits: 0.3626, 175, 1.2e+6. */
const short = (value: number | null | undefined): string => (value == null ? "none" : String(Number(value.toPrecision(4))));
