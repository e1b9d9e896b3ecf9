/** What a lap's line is painted by, and in which colours. Pure. */
import { lossOf } from "./gap";
import type { Lap, Line } from "./lap";

export const MEASURES = ["speed", "reward", "steering", "off-track", "time-lost"] as const;
export type Measure = (typeof MEASURES)[number];

export const MEASURE_LABELS: Record<Measure, string> = {
  speed: "Speed",
  reward: "Reward",
  steering: "Steering",
  "off-track": "Off-track",
  "time-lost": "Time lost against own best",
};

/** A value for each step, and what the ends of the scale stand for. */
export interface Heat {
  values: (number | null)[];
  low: number;
  high: number;
  unit: string;
  digits: number;
  ramp: Ramp;
  /** What low, the middle and high mean, where the numbers alone do not say it. */
  words?: [string, string, string];
}

type Ramp = readonly (readonly [number, number, number])[];

/** Viridis: readable without telling red from green, and brighter where there is more. */
const MORE: Ramp = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
/** Blue over near white to orange: two directions from nothing. */
const TWO_WAYS: Ramp = [[33, 102, 220], [146, 197, 222], [247, 247, 247], [244, 165, 90], [205, 70, 10]];
const ON_OR_OFF: Ramp = [[146, 197, 222], [205, 70, 10]];
/** A slower stretch than this is as orange as can be. */
const MOST_LOSS_S_PER_M = 0.5;
const LEAST_LOSS_S_PER_M = 0.02;

/** Returns the values to paint; null where there is nothing to tell: `time-lost` without another lap to lose against. */
export function heatOf(measure: Measure, lap: Lap, best: Lap | null, line: Line): Heat | null {
  if (measure === "speed") return { values: lap.speed, ...spanOf(lap.speed), unit: "m/s", digits: 2, ramp: MORE };
  if (measure === "reward") return { values: lap.reward, ...spanOf(lap.reward), unit: "per step", digits: 2, ramp: MORE };
  if (measure === "steering") {
    const most = Math.max(1, ...lap.steer.map(Math.abs));
    // Left is positive, and left on the legend.
    return { values: lap.steer.map((angle) => -angle), low: -most, high: most, unit: "°", digits: 0, ramp: TWO_WAYS, words: ["left", "straight", "right"] };
  }
  if (measure === "off-track") return { values: lap.isOn.map((isOn) => (isOn ? 0 : 1)), low: 0, high: 1, unit: "", digits: 0, ramp: ON_OR_OFF };
  if (best === null) return null;
  const values = lossOf(lap, best, line);
  const known = values.filter((value) => value !== null).map(Math.abs).sort((a, b) => a - b);
  // The start from standing would make all the rest look equal: a tenth of the steps may be beyond the ends.
  const most = Math.min(MOST_LOSS_S_PER_M, Math.max(LEAST_LOSS_S_PER_M, known[Math.floor(0.9 * known.length)] ?? 0));
  return { values, low: -most, high: most, unit: "s per m", digits: 2, ramp: TWO_WAYS, words: ["gained", "equal", "lost"] };
}

function spanOf(values: number[]): { low: number; high: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { low, high: high > low ? high : low + 1 };
}

export function colourOf(heat: Heat, value: number | null): string {
  if (value === null) return "rgb(128 128 128)";
  const share = Math.min(1, Math.max(0, (value - heat.low) / (heat.high - heat.low)));
  const at = share * (heat.ramp.length - 1);
  const i = Math.min(heat.ramp.length - 2, Math.floor(at));
  const [a, b] = [heat.ramp[i] ?? [0, 0, 0], heat.ramp[i + 1] ?? [0, 0, 0]];
  return `rgb(${a.map((part, k) => Math.round(part + ((b[k] ?? 0) - part) * (at - i))).join(" ")})`;
}

/** Returns the scale as a CSS background. */
export const gradientOf = (heat: Heat): string => `linear-gradient(to right, ${heat.ramp.map((colour) => `rgb(${colour.join(" ")})`).join(", ")})`;
