/** What is being drawn, how it is changed, and the way back; kept over a reload. */
import { distance, type Point, type Road } from "./spline";

export interface Sketch {
  title: string;
  description: string;
  /** Metres, from border to border. */
  width: number;
  /** Of a loop in driving order; it starts at the first. */
  points: Point[];
}

interface Version {
  sketch: Sketch;
  /** Which point is worked on. */
  selected: number | null;
}

export interface History extends Version {
  past: Version[];
  future: Version[];
  /** Changes in a row with one name are one step back. */
  last: string;
}

export type Change =
  | { type: "edit"; name: string; part: Partial<Sketch>; selected?: number | null }
  | { type: "select"; selected: number | null }
  | { type: "settle" }
  | { type: "undo" }
  | { type: "redo" };

const MOST_STEPS = 200;
const KEY = "deepracer-local.drawing";

const loop = (...pairs: [number, number][]): Point[] => pairs.map(([x, y]) => ({ x, y }));
export const TEMPLATES: { id: string; text: string; points: Point[] }[] = [
  { id: "oval", text: "Oval", points: loop([-2, -1.5], [0, -1.7], [2, -1.5], [3.5, 0], [2, 1.5], [0, 1.7], [-2, 1.5], [-3.5, 0]) },
  { id: "l", text: "L", points: loop([-2, -3], [0, -3.1], [2.4, -3], [3.5, -1.9], [2.4, -0.8], [0.6, -0.4], [-0.2, 0.6], [-0.4, 2.2], [-1.6, 3.2], [-2.8, 2.2], [-3.1, 0], [-3, -2]) },
  { id: "bean", text: "Bean", points: loop([-2, -1.6], [0.5, -1.8], [3, -1.6], [4.2, 0], [3, 1.5], [0.7, 0.9], [-1.8, 1.6], [-3.3, 0]) },
  { id: "snake", text: "Snake", points: loop([-4, -2], [-1.5, -2.1], [1.5, -2.1], [4, -2], [5.1, -0.6], [4.3, 0.9], [2.4, 0.5], [0.8, 0.5], [-0.6, 1.6], [-2.6, 1.9], [-4.6, 1.2], [-5.2, -0.6]) },
];

export const newSketch = (points = TEMPLATES[0]!.points): Sketch => ({ title: "My track", description: "", width: 0.8, points });

export const beginWith = (sketch: Sketch): History => ({ sketch, selected: null, past: [], future: [], last: "" });

export function changed(history: History, change: Change): History {
  const { sketch, selected, past, future, last } = history;
  const version: Version = { sketch, selected };
  switch (change.type) {
    case "select":
      return { ...history, selected: change.selected };
    case "settle":
      return { ...history, last: "" };
    case "undo": {
      const before = past.at(-1);
      return before === undefined ? history : { ...before, past: past.slice(0, -1), future: [version, ...future], last: "" };
    }
    case "redo": {
      const after = future[0];
      return after === undefined ? history : { ...after, past: [...past, version], future: future.slice(1), last: "" };
    }
    case "edit": {
      const isMore = change.name !== "" && change.name === last;
      return {
        sketch: { ...sketch, ...change.part },
        selected: change.selected === undefined ? selected : change.selected,
        past: isMore ? past : [...past, version].slice(-MOST_STEPS),
        future: [],
        last: change.name,
      };
    }
  }
}

export const moved = (points: Point[], i: number, to: Point): Point[] => points.map((point, k) => (k === i ? tidy(to) : point));
export const without = (points: Point[], i: number): Point[] => points.filter((_, k) => k !== i);
export const inserted = (points: Point[], i: number, point: Point): Point[] => [...points.slice(0, i), tidy(point), ...points.slice(i)];
/** The other way round, from the same start. */
export const reversed = (points: Point[]): Point[] => [...points.slice(0, 1), ...points.slice(1).reverse()];
/** The same loop that starts at another point. */
export const startingAt = (points: Point[], i: number): Point[] => [...points.slice(i), ...points.slice(0, i)];

export function mirrored(points: Point[]): Point[] {
  const xs = points.map((point) => point.x);
  const sum = Math.min(...xs) + Math.max(...xs);
  return points.map((point) => tidy({ x: sum - point.x, y: point.y }));
}

/** Returns the middle of the segment behind a point, on the road where there is one. */
export function middleAfter(points: Point[], i: number, road: Road | null): Point {
  const onRoad = road?.centre[i * road.stepsPerSegment + road.stepsPerSegment / 2];
  const [a, b] = [points[i] as Point, points[(i + 1) % points.length] as Point];
  return onRoad ?? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Returns behind which point of the drawing the road passes a place, or null where the place is beside the road. */
export function segmentAt(road: Road, place: Point, width: number): number | null {
  let [best, nearest] = [0, Number.POSITIVE_INFINITY];
  road.centre.forEach((point, i) => {
    const away = distance(point, place);
    if (away < nearest) [best, nearest] = [i, away];
  });
  return nearest <= width / 2 ? Math.floor(best / road.stepsPerSegment) : null;
}

/** Returns the name under which a title is kept; empty where it has no letter or digit. */
export const nameOf = (title: string): string =>
  title
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^[_-]+|_+$/g, "")
    .slice(0, 64);

export function keep(sketch: Sketch): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(sketch));
  } catch {
    // A browser that keeps nothing still draws.
  }
}

export function forget(): void {
  try {
    window.localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** Returns what was being drawn in this browser, or something to begin with. */
export function kept(): Sketch {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? "null");
    if (isSketch(found)) return found;
  } catch {
    // Whatever it was, it cannot be read.
  }
  return newSketch();
}

function isSketch(value: unknown): value is Sketch {
  const found = value as Partial<Sketch> | null;
  return (
    typeof found?.title === "string" &&
    typeof found.description === "string" &&
    Number.isFinite(found.width) &&
    Array.isArray(found.points) &&
    found.points.every((point: Partial<Point> | null) => Number.isFinite(point?.x) && Number.isFinite(point?.y))
  );
}

/** Millimetres are enough: a hand draws no finer. */
const tidy = ({ x, y }: Point): Point => ({ x: Math.round(x * 1000) / 1000, y: Math.round(y * 1000) / 1000 });
