/** A driven lap as numbers, and where its car was at an instant or at a place. Nothing here knows the page. */

/** What a lap is read from: columns of the step trace. */
export const COLUMNS = ["X", "Y", "yaw", "steer", "throttle", "measured_speed", "reward", "all_wheels_on_track", "progress", "tstamp", "episode", "steps"] as const;

type Column = (typeof COLUMNS)[number];
export type Point = readonly [number, number];

/** Where a car is at an instant; seconds and metres since the lap began, degrees counter-clockwise, m/s. */
export interface Instant {
  t: number;
  d: number;
  x: number;
  y: number;
  yaw: number;
  steer: number;
  speed: number;
  reward: number;
  isOn: boolean;
}

/** The steps of a lap in order; all lists are equally long. */
export interface Lap {
  /** Seconds since the lap began, rising. */
  t: number[];
  /** Metres along the centre line since the lap began, never falling. */
  d: number[];
  x: number[];
  y: number[];
  /** Degrees. */
  yaw: number[];
  /** Degrees, left is positive. */
  steer: number[];
  /** The speed that was commanded in m/s. */
  throttle: number[];
  /** The speed that was driven in m/s. */
  speed: number[];
  reward: number[];
  /** Whether all wheels are on the track. */
  isOn: boolean[];
  /** The numbers of its steps in its episode. */
  step: number[];
  /** Where on the driven line the lap began, in metres from the start line. */
  startM: number;
  timeS: number;
  outcome: string;
}

/** What is known of a lap besides its steps. */
export interface Known {
  outcome: string;
  /** The lap's time, in which the crossing of the line is interpolated. */
  timeS: number;
}

/** A lap that begins so close to the start line begins at it: its progress is measured at the car's front. */
const AT_THE_START_M = 0.6;

/** Returns the columns of a step trace. Throws where it is none. */
export function columnsOf(csv: string): Record<Column, string[]> {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  if (header !== COLUMNS.join(",")) throw new Error(`Expected a step trace with ${COLUMNS.join(",")}, got ${header.slice(0, 80)}.`);
  const rows = lines.map((line) => line.split(","));
  return Object.fromEntries(COLUMNS.map((name, i) => [name, rows.map((row) => row[i] ?? "")])) as Record<Column, string[]>;
}

/**
 * Returns the lap that a trace tells of. `line` is the centre line in driving direction.
 * Throws where there is no step.
 */
export function lapOf(columns: Record<Column, string[]>, known: Known, line: Line): Lap {
  const share = beforeFirst(columns);
  // Where the lap began before its first step, an instant is put in front of it.
  const whole = <T>(list: T[], first: (a: T, b: T) => T): T[] => {
    const [a, b] = list;
    return share > 0 && a !== undefined && b !== undefined ? [first(a, b), ...list] : list;
  };
  const straight = (name: Column) => whole(columns[name].map(Number), (a, b) => a - (b - a) * share);
  const same = (name: Column) => whole(columns[name].map(Number), (a) => a);
  const [x, y, progress, stamps] = [straight("X"), straight("Y"), straight("progress"), straight("tstamp")];
  if (x.length === 0) throw new Error("Its trace has no step.");
  const d = progress.map((percent) => Math.max(0, (percent * line.lengthM) / 100));
  for (let i = 1; i < d.length; i++) d[i] = Math.max(d[i] ?? 0, d[i - 1] ?? 0);
  const t = stamps.map((stamp) => stamp - (stamps[0] ?? 0));
  const isComplete = known.outcome === "lap_complete";
  // The last step of a complete lap is behind the line; the lap ended when the line was crossed.
  if (isComplete && known.timeS > (t.at(-2) ?? 0)) t[t.length - 1] = known.timeS;
  let startM = placeOn(line, [x[0] ?? 0, y[0] ?? 0]) - (d[0] ?? 0);
  if (line.isClosed && startM > line.lengthM - AT_THE_START_M) startM -= line.lengthM;
  if (Math.abs(startM) < AT_THE_START_M) startM = 0;
  return {
    t,
    d,
    x,
    y,
    yaw: same("yaw"),
    steer: same("steer"),
    throttle: same("throttle"),
    speed: same("measured_speed"),
    reward: same("reward"),
    isOn: whole(columns.all_wheels_on_track, (a) => a).map((text) => text === "True"),
    step: straight("steps"),
    startM,
    timeS: isComplete ? known.timeS : (t.at(-1) ?? 0),
    outcome: known.outcome,
  };
}

/**
 * Returns how many steps before its first one a lap began. One after another begins between two steps: at its first one the car
 * is beyond the line already. The first lap of an episode begins with its first step, when the car stands.
 */
function beforeFirst(columns: Record<Column, string[]>): number {
  const [[stamp = 0], [first = 0, second = first]] = [columns.tstamp.map(Number), columns.progress.map(Number)];
  return stamp > 0 && first > 0 && second > first ? first / (second - first) : 0;
}

/** A line in driving direction, with the metres from its beginning to each point. */
export interface Line {
  points: Point[];
  atM: number[];
  lengthM: number;
  isClosed: boolean;
}

/** Returns the centre line as it is driven: as drawn, or the other way from the same start. */
export function lineOf(centre: number[][], isClosed: boolean, isReversed: boolean): Line {
  const drawn = centre.map(([x = 0, y = 0]): Point => [x, y]);
  const [first, ...rest] = drawn;
  let points = drawn;
  if (isReversed && first) points = isClosed ? [first, ...rest.reverse()] : drawn.toReversed();
  const atM: number[] = [];
  let lengthM = 0;
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before) lengthM += Math.hypot(point[0] - before[0], point[1] - before[1]);
    atM.push(lengthM);
  });
  const [begin, end] = [points[0], points.at(-1)];
  if (isClosed && begin && end) lengthM += Math.hypot(begin[0] - end[0], begin[1] - end[1]);
  return { points, atM, lengthM, isClosed };
}

/** Returns how far along the line its nearest place to a point is, in metres. */
export function placeOn(line: Line, [x, y]: Point): number {
  let [best, nearest] = [0, Number.POSITIVE_INFINITY];
  const n = line.points.length;
  for (let i = 0; i < (line.isClosed ? n : n - 1); i++) {
    const [a, b] = [line.points[i], line.points[(i + 1) % n]];
    if (!a || !b) continue;
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const square = dx * dx + dy * dy;
    const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / square));
    const away = Math.hypot(x - a[0] - share * dx, y - a[1] - share * dy);
    if (away < nearest) [best, nearest] = [(line.atM[i] ?? 0) + share * Math.sqrt(square), away];
  }
  return best;
}

/** Returns the point at so many metres along the line. */
export function pointAt(line: Line, metres: number): Point {
  const at = line.isClosed ? modulo(metres, line.lengthM) : Math.min(Math.max(metres, 0), line.lengthM);
  const i = Math.max(0, firstAtLeast(line.atM, at, true) - 1);
  const [a, b] = [line.points[i] ?? [0, 0], line.points[(i + 1) % line.points.length] ?? [0, 0]];
  const end = line.atM[i + 1] ?? line.lengthM;
  const share = (at - (line.atM[i] ?? 0)) / (end - (line.atM[i] ?? 0) || 1);
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

export const modulo = (value: number, length: number): number => ((value % length) + length) % length;

/** Tells whether a lap was driven against the direction in which the centre line is drawn. */
export function isAgainst(columns: Record<Column, string[]>, drawn: Line): boolean {
  const [xs, ys] = [columns.X.map(Number), columns.Y.map(Number)];
  let along = 0;
  for (let i = 1; i < xs.length; i++) {
    const step = placeOn(drawn, [xs[i] ?? 0, ys[i] ?? 0]) - placeOn(drawn, [xs[i - 1] ?? 0, ys[i - 1] ?? 0]);
    if (Math.abs(step) < drawn.lengthM / 2) along += step;
  }
  return along < 0;
}

/** Returns the first index whose value is at least (or, `isAbove`, above) `value` in a rising list; its length if none. */
function firstAtLeast(rising: number[], value: number, isAbove = false): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = rising[middle] ?? 0;
    if (isAbove ? one > value : one >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns where the car is `t` seconds after the lap's beginning; before it at its start, after it at its end. */
export function instantOf(lap: Lap, t: number): Instant {
  const last = lap.t.length - 1;
  const after = Math.min(Math.max(firstAtLeast(lap.t, t), 0), last);
  const before = Math.max(0, after - 1);
  const [t0, t1] = [lap.t[before] ?? 0, lap.t[after] ?? 0];
  const share = t1 > t0 ? Math.min(1, Math.max(0, (t - t0) / (t1 - t0))) : 1;
  const between = (list: number[]) => (list[before] ?? 0) + ((list[after] ?? 0) - (list[before] ?? 0)) * share;
  const nearest = share < 0.5 ? before : after;
  const turn = modulo((lap.yaw[after] ?? 0) - (lap.yaw[before] ?? 0) + 180, 360) - 180;
  const d = between(lap.d);
  return {
    t: Math.min(Math.max(t, 0), t1),
    d,
    x: between(lap.x),
    y: between(lap.y),
    yaw: (lap.yaw[before] ?? 0) + turn * share,
    steer: lap.steer[nearest] ?? 0,
    speed: between(lap.speed),
    reward: lap.reward[nearest] ?? 0,
    isOn: lap.isOn[nearest] ?? true,
  };
}

/** Returns the step of the episode, with its fraction, `t` seconds after the lap's beginning. */
export function stepAt(lap: Lap, t: number): number {
  const after = Math.min(firstAtLeast(lap.t, t), lap.t.length - 1);
  const before = Math.max(0, after - 1);
  const [t0, t1, begin, end] = [lap.t[before] ?? 0, lap.t[after] ?? 0, lap.step[before] ?? 0, lap.step[after] ?? 0];
  return t1 > t0 ? begin + (end - begin) * Math.min(1, Math.max(0, (t - t0) / (t1 - t0))) : end;
}

/** Returns when the car was `metres` from the lap's beginning, in seconds; the lap's time where it never came so far. */
export function timeAt(lap: Lap, metres: number): number {
  const after = firstAtLeast(lap.d, metres);
  if (after >= lap.d.length) return lap.t.at(-1) ?? 0;
  if (after === 0) return lap.t[0] ?? 0;
  const [d0, d1] = [lap.d[after - 1] ?? 0, lap.d[after] ?? 0];
  const [t0, t1] = [lap.t[after - 1] ?? 0, lap.t[after] ?? 0];
  return t0 + (t1 - t0) * ((metres - d0) / (d1 - d0 || 1));
}

/** Returns how long the way is that the car itself took between two places of the centre line, in metres. */
export function wayBetween(lap: Lap, fromM: number, toM: number): number {
  const [begin, end] = [timeAt(lap, fromM), timeAt(lap, toM)];
  const inside = lap.t.flatMap((t, i) => (t > begin && t < end ? [{ x: lap.x[i] ?? 0, y: lap.y[i] ?? 0 }] : []));
  let [way, before] = [0, instantOf(lap, begin) as { x: number; y: number }];
  for (const point of [...inside, instantOf(lap, end)]) {
    way += Math.hypot(point.x - before.x, point.y - before.y);
    before = point;
  }
  return way;
}

/** Where a lap begins: progress is measured at the front of the car, which is beyond the line when it is put down on it. */
export const begunM = (lap: Lap): number => lap.d[0] ?? 0;
export const drivenM = (lap: Lap): number => lap.d.at(-1) ?? 0;
