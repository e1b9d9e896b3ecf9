/** The corners of a track, and what a lap did in each. Pure. */
import { sameOf, timeBetween } from "./gap";
import { begunM, drivenM, instantOf, type Lap, type Line, modulo, pointAt, timeAt, wayBetween } from "./lap";

export interface Corner {
  /** 1 is the first behind the start line. */
  number: number;
  side: "left" | "right";
  /** Metres from the start line; `toM` is beyond the line's length where the corner goes over the start. */
  fromM: number;
  toM: number;
  /** Where it is tightest. */
  apexM: number;
  radiusM: number;
  turnDeg: number;
}

export interface CornerReport {
  corner: Corner;
  entryMps: number;
  minMps: number;
  exitMps: number;
  timeS: number;
  /** Against the reference; what was gained is negative. */
  lostS: number | null;
  /** How much longer the car's own way was than that of the reference; null where that is the pace. */
  longerM: number | null;
  /** Steps with a wheel off the track. */
  offSteps: number;
  /** Whether the lap began in the middle of it: a training episode may. */
  isBegin: boolean;
  /** Whether the lap ended here without being complete. */
  isEnd: boolean;
}

const GRID_M = 0.1;
const WINDOW_M = 0.6;
const WIDEST_M = 4;
const LEAST_TURN_DEG = 20;
const APART_M = 0.5;
/** So much of a corner has to be driven for it to be judged; one over the start line is driven in two parts. */
const LEAST_SHARE = 0.5;
/** A car that slides out of a corner leaves the track a little behind it. */
const BEHIND_M = 1;
/** The share of its steps in which a lap is slower than its pace. */
const PACE = 0.9;

/**
 * Returns the corners of a line in driving order.
 *
 * The rule: the curvature at a place is the change of heading over the 0.6 m around it. A corner is a stretch that turns to
 * one side more tightly than a circle of 4 m radius, by 20 degrees or more in all; stretches to the same side with less than
 * 0.5 m between them are one corner. What bends less is driven like a straight.
 */
export function cornersOf(line: Line): Corner[] {
  const n = Math.max(3, Math.round(line.lengthM / GRID_M));
  const grid = line.lengthM / n;
  const bends = Array.from({ length: n }, (_, i) => curvatureAt(line, i * grid));
  const sides = bends.map((bend) => (Math.abs(bend) < 1 / WIDEST_M ? 0 : Math.sign(bend)));
  // A loop is read from a place that belongs to no corner, so that one over the start line stays whole.
  const first = line.isClosed ? Math.max(0, sides.indexOf(0)) : 0;
  const runs: { side: number; from: number; to: number }[] = [];
  for (let k = 0; k < n; k++) {
    const [i, side] = [first + k, sides[(first + k) % n] ?? 0];
    const last = runs.at(-1);
    if (side === 0) continue;
    if (last && last.side === side && (i - last.to) * grid < APART_M) last.to = i + 1;
    else runs.push({ side, from: i, to: i + 1 });
  }
  return runs
    .map(({ side, from, to }) => {
      const within = Array.from({ length: to - from }, (_, k) => ({ i: from + k, bend: bends[(from + k) % n] ?? 0 }));
      const apex = within.reduce((tightest, one) => (Math.abs(one.bend) > Math.abs(tightest.bend) + 1e-9 ? one : tightest));
      // Where a bend is equally tight all along, its apex is its middle.
      const equal = within.filter((one) => Math.abs(one.bend) > 0.97 * Math.abs(apex.bend));
      const middle = equal[equal.length >> 1] ?? apex;
      const fromM = modulo(from * grid, line.lengthM);
      return {
        side: side > 0 ? ("left" as const) : ("right" as const),
        fromM,
        toM: fromM + (to - from) * grid,
        apexM: modulo(middle.i * grid, line.lengthM),
        radiusM: 1 / Math.abs(apex.bend),
        turnDeg: (within.reduce((sum, one) => sum + Math.abs(one.bend), 0) * grid * 180) / Math.PI,
      };
    })
    .filter((corner) => corner.turnDeg >= LEAST_TURN_DEG)
    .sort((a, b) => a.apexM - b.apexM)
    .map((corner, i) => ({ number: i + 1, ...corner }));
}

/** Returns 1 / radius in 1/m, positive to the left. */
function curvatureAt(line: Line, metres: number): number {
  const half = WINDOW_M / 2;
  const at = line.isClosed ? metres : Math.min(Math.max(metres, WINDOW_M), line.lengthM - WINDOW_M);
  const [a, b, c, d] = [at - half - GRID_M, at - half + GRID_M, at + half - GRID_M, at + half + GRID_M].map((m) => pointAt(line, m));
  if (!a || !b || !c || !d) return 0;
  const turn = Math.atan2(d[1] - c[1], d[0] - c[0]) - Math.atan2(b[1] - a[1], b[0] - a[0]);
  return (modulo(turn + Math.PI, 2 * Math.PI) - Math.PI) / WINDOW_M;
}

/**
 * Returns what a lap did in each corner that it drove.
 *
 * Time is lost against `best`, another lap; where there is none, against driving through at the lap's own pace: the speed
 * that nine tenths of its steps do not exceed.
 */
export function reportOf(lap: Lap, best: Lap | null, corners: Corner[], line: Line): CornerReport[] {
  const speeds = lap.speed.toSorted((a, b) => a - b);
  const paceMps = Math.max(speeds[Math.floor(PACE * (speeds.length - 1))] ?? 0, 0.1);
  return corners.flatMap((corner) => {
    const range = drivenIn(lap, corner, line);
    if (range === null) return [];
    const [from, to] = range;
    const [begin, end] = [timeAt(lap, from), timeAt(lap, to)];
    const steps = lap.d.flatMap((d, i) => (d >= from && d <= to ? [i] : []));
    const [entryMps, exitMps] = [instantOf(lap, begin).speed, instantOf(lap, end).speed];
    const timeS = end - begin;
    const same = best === null ? null : sameOf(lap, best, line, from, to);
    const bestS = best === null ? (to - from) / paceMps : same && timeBetween(best, ...same);
    const past = drivenM(lap) - to;
    return {
      corner,
      entryMps,
      exitMps,
      minMps: Math.min(entryMps, exitMps, ...steps.map((i) => lap.speed[i] ?? entryMps)),
      timeS,
      lostS: bestS === null ? null : timeS - bestS,
      longerM: best && same ? wayBetween(lap, from, to) - wayBetween(best, ...same) : null,
      offSteps: steps.filter((i) => !lap.isOn[i]).length,
      isBegin: from === begunM(lap) && lap.startM !== 0,
      isEnd: lap.outcome !== "lap_complete" && past < BEHIND_M,
    };
  });
}

/** Returns which metres of a lap are in a corner; null where that is too little of it. */
function drivenIn(lap: Lap, corner: Corner, line: Line): [number, number] | null {
  const began = corner.fromM - lap.startM;
  for (const from of line.isClosed ? [began, began - line.lengthM, began + line.lengthM] : [began]) {
    const to = from + corner.toM - corner.fromM;
    const driven: [number, number] = [Math.max(from, begunM(lap)), Math.min(to, drivenM(lap))];
    const isEnd = lap.outcome !== "lap_complete" && drivenM(lap) > from && drivenM(lap) < to;
    if (driven[1] - driven[0] >= LEAST_SHARE * (to - from) || (isEnd && driven[1] > driven[0])) return driven;
  }
  return null;
}

/** Returns the corner to work on: the one where the lap ended early, else the one that lost most or gained least. */
export function worstOf(report: CornerReport[]): CornerReport | null {
  const end = report.findLast((one) => one.isEnd);
  if (end) return end;
  const known = report.filter((one) => one.lostS !== null);
  return known.reduce<CornerReport | null>((worst, one) => (worst === null || (one.lostS ?? 0) > (worst.lostS ?? 0) ? one : worst), null);
}
