/** What the network would do: a bar for each action, or mean and deviation on a scale. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";

import type { InsightStep, Interval, LapInsight } from "../../api/types";

/** "30° left", "straight"; positive angles point to the left. */
export function steering(degrees: number): string {
  const size = Number(Math.abs(degrees).toFixed(1));
  if (size === 0) return "straight";
  return `${size}° ${degrees > 0 ? "left" : "right"}`;
}

/** "straight at 1 m/s". */
export const commandOf = (step: InsightStep) => `${steering(step.steering_angle_deg)} at ${Number(step.chosen_speed_mps.toFixed(2))} m/s`;

export function Choices({ insight, step }: { insight: LapInsight; step: InsightStep }) {
  const space = insight.action_space;
  if (Array.isArray(space)) return <Bars actions={space} step={step} />;
  return (
    <SpaceBetween size="m">
      <Scale
        label="Steering"
        text={`${steering(step.steering_angle_deg)} ± ${(step.steering_deviation_deg ?? 0).toFixed(1)}°`}
        mean={-step.steering_angle_deg}
        deviation={step.steering_deviation_deg ?? 0}
        // Left is on the left.
        interval={{ low: -space.steering_angle.high, high: -space.steering_angle.low }}
        ends={[steering(space.steering_angle.high), steering(space.steering_angle.low)]}
      />
      <Scale
        label="Speed"
        text={`${step.chosen_speed_mps.toFixed(2)} ± ${(step.speed_deviation_mps ?? 0).toFixed(2)} m/s`}
        mean={step.chosen_speed_mps}
        deviation={step.speed_deviation_mps ?? 0}
        interval={space.speed}
        ends={[`${space.speed.low} m/s`, `${space.speed.high} m/s`]}
      />
      <Box variant="small" color="text-body-secondary">
        An evaluation drives the mean; training tries others around it, two thirds of them within the band of one standard deviation.
      </Box>
    </SpaceBetween>
  );
}

interface Action {
  steering_angle: number;
  speed: number;
}

function Bars({ actions, step }: { actions: Action[]; step: InsightStep }) {
  const places = actions.map((_, i) => i);
  // As on the road: the left is first.
  places.sort((a, b) => (actions[b]?.steering_angle ?? 0) - (actions[a]?.steering_angle ?? 0) || (actions[b]?.speed ?? 0) - (actions[a]?.speed ?? 0));
  return (
    <ul className="choices" aria-label={`How probable each action was at step ${step.step}`}>
      {places.map((i) => {
        const [action, share] = [actions[i], step.probabilities?.[i] ?? 0];
        const isChosen = i === step.action;
        return (
          <li key={i} className={isChosen ? "choice chosen" : "choice"}>
            <span className="choice-name">{action && `${steering(action.steering_angle)}, ${action.speed} m/s`}</span>
            <span className="choice-bar" aria-hidden="true">
              <span style={{ width: `${100 * share}%` }} />
            </span>
            <span className="choice-share numbers">{(100 * share).toFixed(1)} %</span>
            {isChosen && (
              <span role="img" aria-label="chosen">
                ✓
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface ScaleProps {
  label: string;
  text: string;
  mean: number;
  deviation: number;
  interval: Interval;
  ends: [string, string];
}

function Scale({ label, text, mean, deviation, interval, ends }: ScaleProps) {
  const at = (value: number) => Math.min(100, Math.max(0, (100 * (value - interval.low)) / (interval.high - interval.low)));
  const [from, to] = [at(mean - deviation), at(mean + deviation)];
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <div className="numbers">{text}</div>
      <div className="scale" aria-hidden="true">
        <span className="scale-band" style={{ left: `${from}%`, width: `${to - from}%` }} />
        <span className="scale-mean" style={{ left: `${at(mean)}%` }} />
      </div>
      <div className="scale-ends">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </div>
    </div>
  );
}
