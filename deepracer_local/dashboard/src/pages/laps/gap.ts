/** How laps compare: who was where when. Pure. */
import { begunM, drivenM, type Lap, type Line, timeAt } from "./lap";

/** The stretch that two laps have both driven, in metres from the beginning of the first. */
export interface Shared {
  fromM: number;
  toM: number;
  /** What to add to metres of the first lap to have metres of the other. */
  shiftM: number;
}

const SHORTEST_M = 0.5;
const TOLERANCE_M = 1e-6;
const PARTS = 200;
/** Time that is lost is a slope; over less than this it is noise of the step. */
const SLOPE_M = 0.6;

/** Returns what both have driven; null where that is next to nothing. A training episode may begin anywhere. */
export function sharedOf(first: Lap, other: Lap, line: Line): Shared | null {
  let best: Shared | null = null;
  for (const turn of line.isClosed ? [-1, 0, 1] : [0]) {
    const shiftM = first.startM - other.startM + turn * line.lengthM;
    const [fromM, toM] = [Math.max(begunM(first), begunM(other) - shiftM), Math.min(drivenM(first), drivenM(other) - shiftM)];
    if (toM - fromM > (best === null ? SHORTEST_M : best.toM - best.fromM)) best = { fromM, toM, shiftM };
  }
  return best;
}

/** Returns the seconds that `other` is behind at a place, since the place where both had driven first; null outside. */
export function gapAt(first: Lap, other: Lap, shared: Shared, metres: number): number | null {
  const { fromM, toM, shiftM } = shared;
  if (metres < fromM - TOLERANCE_M || metres > toM + TOLERANCE_M) return null;
  const since = (lap: Lap, shift: number) => timeAt(lap, metres + shift) - timeAt(lap, fromM + shift);
  return since(other, shiftM) - since(first, 0);
}

/** Returns progress of the first lap in percent, and the gap of each other lap to it there. */
export function gapTrace(laps: Lap[], line: Line): [number[], ...(number | null)[][]] {
  const [first, ...others] = laps;
  if (!first) return [[]];
  const places = Array.from({ length: PARTS + 1 }, (_, i) => (i / PARTS) * line.lengthM).filter((metres) => metres <= drivenM(first) + TOLERANCE_M);
  const gaps = others.map((other) => {
    const shared = sharedOf(first, other, line);
    return places.map((metres) => (shared === null ? null : gapAt(first, other, shared, metres)));
  });
  return [places.map((metres) => (100 * metres) / line.lengthM), ...gaps];
}

/** Returns where in metres of `best` a stretch of `lap` is; null where `best` has not driven it in one. */
export function sameOf(lap: Lap, best: Lap, line: Line, fromM: number, toM: number): [number, number] | null {
  const at = lap.startM + fromM - best.startM;
  // An episode that began elsewhere goes over the start line; the best lap drove what is behind it at its own beginning.
  const from = line.isClosed && at > -TOLERANCE_M ? Math.max(0, at) % line.lengthM : at;
  const to = from + toM - fromM;
  return from < begunM(best) - TOLERANCE_M || to > drivenM(best) + TOLERANCE_M ? null : [from, to];
}

/** Returns the seconds from one place to another, in the lap's metres. */
export const timeBetween = (lap: Lap, fromM: number, toM: number): number => timeAt(lap, toM) - timeAt(lap, fromM);

/** Returns at each step how fast `lap` loses time against `best`, in seconds per metre; null where there is no telling. */
export function lossOf(lap: Lap, best: Lap, line: Line): (number | null)[] {
  return lap.d.map((metres) => {
    const [from, to] = [Math.max(begunM(lap), metres - SLOPE_M / 2), Math.min(drivenM(lap), metres + SLOPE_M / 2)];
    if (to - from < SLOPE_M / 4) return null;
    const same = sameOf(lap, best, line, from, to);
    return same === null ? null : (timeBetween(lap, from, to) - timeBetween(best, ...same)) / (to - from);
  });
}
