/** The smooth loop through points, as `track.json` means `spline`: the service samples the same curve. */
export interface Point {
  /** Metres. */
  x: number;
  y: number;
}

export interface Road {
  /** Closed lines: the last point is not the first one again. */
  centre: Point[];
  left: Point[];
  right: Point[];
  /** Of `centre`, between two points of the drawing. */
  stepsPerSegment: number;
}

/** With fewer there is no road. */
export const MIN_POINTS = 4;
export const MAX_POINTS = 200;
const STEPS = 24;
/** Points at one place would divide by nothing. */
const SHORTEST_M = 1e-6;

/** Returns the road through at least `MIN_POINTS` points, else null. */
export function roadOf(points: Point[], width: number): Road | null {
  if (points.length < MIN_POINTS) return null;
  const n = points.length;
  const at = (i: number): Point => points[(i + n) % n] as Point;
  const chords = points.map((point, i) => Math.max(SHORTEST_M, distance(point, at(i + 1))));
  const slopes = { x: slopesOf(points.map((p) => p.x), chords), y: slopesOf(points.map((p) => p.y), chords) };
  const road: Road = { centre: [], left: [], right: [], stepsPerSegment: STEPS };
  for (let i = 0; i < n; i++) {
    const chord = chords[i] ?? 0;
    const next = (i + 1) % n;
    for (let k = 0; k < STEPS; k++) {
      const t = k / STEPS;
      const [x, dx] = hermite(at(i).x, at(next).x, (slopes.x[i] ?? 0) * chord, (slopes.x[next] ?? 0) * chord, t);
      const [y, dy] = hermite(at(i).y, at(next).y, (slopes.y[i] ?? 0) * chord, (slopes.y[next] ?? 0) * chord, t);
      const half = width / 2 / Math.max(SHORTEST_M, Math.hypot(dx, dy));
      road.centre.push({ x, y });
      road.left.push({ x: x - dy * half, y: y + dx * half });
      road.right.push({ x: x + dy * half, y: y - dx * half });
    }
  }
  return road;
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** Returns the length of a closed line. */
export const lengthOf = (line: Point[]): number =>
  line.reduce((sum, point, i) => sum + distance(point, line[(i + 1) % line.length] as Point), 0);

/** Returns value and derivative, by the share `t` of the way from `a` to `b`. */
function hermite(a: number, b: number, slopeA: number, slopeB: number, t: number): [number, number] {
  const [t2, t3] = [t * t, t * t * t];
  const value = (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * slopeA + (3 * t2 - 2 * t3) * b + (t3 - t2) * slopeB;
  const slope = 6 * (t2 - t) * (a - b) + (3 * t2 - 4 * t + 1) * slopeA + (3 * t2 - 2 * t) * slopeB;
  return [value, slope];
}

/** Returns the slopes at the points that make the second derivative continuous all round. */
function slopesOf(values: number[], chords: number[]): number[] {
  const n = values.length;
  const [lower, diagonal, upper, right] = [[] as number[], [] as number[], [] as number[], [] as number[]];
  for (let i = 0; i < n; i++) {
    const [before, after] = [chords[(i + n - 1) % n] as number, chords[i] as number];
    const [previous, here, next] = [values[(i + n - 1) % n] as number, values[i] as number, values[(i + 1) % n] as number];
    lower.push(after);
    diagonal.push(2 * (before + after));
    upper.push(before);
    right.push(3 * ((after * (here - previous)) / before + (before * (next - here)) / after));
  }
  return solveCyclic(lower, diagonal, upper, right);
}

/** Solves a tridiagonal system with corners. Source: Press et al., Numerical Recipes, "Cyclic Tridiagonal Systems". */
function solveCyclic(lower: number[], diagonal: number[], upper: number[], right: number[]): number[] {
  const n = diagonal.length;
  const [corner, otherCorner] = [upper[n - 1] as number, lower[0] as number];
  const gamma = -(diagonal[0] as number);
  const changed = [...diagonal];
  changed[0] = (diagonal[0] as number) - gamma;
  changed[n - 1] = (diagonal[n - 1] as number) - (corner * otherCorner) / gamma;
  const x = solve(lower, changed, upper, right);
  const unit = diagonal.map((_, i) => (i === 0 ? gamma : i === n - 1 ? corner : 0));
  const z = solve(lower, changed, upper, unit);
  const [x0, xn, z0, zn] = [x[0] as number, x[n - 1] as number, z[0] as number, z[n - 1] as number];
  const factor = (x0 + (otherCorner * xn) / gamma) / (1 + z0 + (otherCorner * zn) / gamma);
  return x.map((value, i) => value - factor * (z[i] as number));
}

function solve(lower: number[], diagonal: number[], upper: number[], right: number[]): number[] {
  const n = diagonal.length;
  const [found, ahead] = [[] as number[], [] as number[]];
  let pivot = diagonal[0] as number;
  found[0] = (right[0] as number) / pivot;
  for (let i = 1; i < n; i++) {
    ahead[i] = (upper[i - 1] as number) / pivot;
    pivot = (diagonal[i] as number) - (lower[i] as number) * (ahead[i] as number);
    found[i] = ((right[i] as number) - (lower[i] as number) * (found[i - 1] as number)) / pivot;
  }
  for (let i = n - 2; i >= 0; i--) found[i] = (found[i] as number) - (ahead[i + 1] as number) * (found[i + 1] as number);
  return found;
}
