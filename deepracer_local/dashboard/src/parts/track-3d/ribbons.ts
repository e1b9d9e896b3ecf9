/** Flat surfaces along lines. A track's x and y, in metres, become x and -z of the scene, whose y points up. */
import { BufferGeometry, Float32BufferAttribute } from "three";

export type Point = readonly [number, number];
export type Line = readonly Point[];

export const pointsOf = (line: number[][]): Line => line.map(([x = 0, y = 0]) => [x, y] as const);

/** A surface between two lines of the same number of points; its texture runs on in metres along the left one. */
export function ribbon(left: Line, right: Line, height: number, isClosed: boolean): BufferGeometry {
  const positions: number[] = [];
  const uvs: number[] = [];
  const indices: number[] = [];
  const n = Math.min(left.length, right.length);
  let along = 0;
  for (let k = 0; k < n + (isClosed ? 1 : 0); k++) {
    const [l, r, before] = [left[k % n] ?? [0, 0], right[k % n] ?? [0, 0], left[(k + n - 1) % n] ?? [0, 0]];
    if (k > 0) along += Math.hypot(l[0] - before[0], l[1] - before[1]);
    positions.push(l[0], height, -l[1], r[0], height, -r[1]);
    uvs.push(0, along, Math.hypot(l[0] - r[0], l[1] - r[1]), along);
    if (k > 0) indices.push(2 * k - 2, 2 * k - 1, 2 * k, 2 * k, 2 * k - 1, 2 * k + 1);
  }
  const made = new BufferGeometry();
  made.setAttribute("position", new Float32BufferAttribute(positions, 3));
  made.setAttribute("normal", new Float32BufferAttribute(positions.map((_, i) => (i % 3 === 1 ? 1 : 0)), 3));
  made.setAttribute("uv", new Float32BufferAttribute(uvs, 2));
  made.setIndex(indices);
  return made;
}

/** Both sides of a strip of this width with the line in its middle. */
export function strip(line: Line, width: number, isClosed: boolean): [Line, Line] {
  const side = (sign: number): Line =>
    line.map((point, k) => {
      const [nx, ny] = normalAt(line, k, isClosed);
      return [point[0] + (sign * nx * width) / 2, point[1] + (sign * ny * width) / 2] as const;
    });
  return [side(1), side(-1)];
}

/** The unit vector to the left of the line at one of its points. */
export function normalAt(line: Line, k: number, isClosed: boolean): Point {
  const n = line.length;
  const at = (i: number): Point => line[isClosed ? (i + n) % n : Math.max(0, Math.min(n - 1, i))] ?? [0, 0];
  const [a, b] = [at(k - 1), at(k + 1)];
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  return [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
}

/** The pieces of a dashed line, each at least two points. */
export function dashes(line: Line, dash: number, gap: number, isClosed: boolean): Line[] {
  const all = isClosed ? [...line, line[0] ?? ([0, 0] as const)] : line;
  const found: Line[] = [];
  let piece: Point[] = [];
  let along = 0;
  for (let k = 1; k < all.length; k++) {
    const [a, b] = [all[k - 1] ?? [0, 0], all[k] ?? [0, 0]];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    // Steps of two centimetres are short enough that a dash begins and ends where it should.
    const n = Math.max(1, Math.ceil(length / 0.02));
    for (let i = 0; i < n; i++) {
      if ((along + (length * i) / n) % (dash + gap) < dash) piece.push([a[0] + ((b[0] - a[0]) * i) / n, a[1] + ((b[1] - a[1]) * i) / n]);
      else if (piece.length > 1) {
        found.push(piece);
        piece = [];
      }
    }
    along += length;
  }
  return piece.length > 1 ? [...found, piece] : found;
}
