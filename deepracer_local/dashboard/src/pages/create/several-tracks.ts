/** The tracks of a training that is being put together: which, how many of the cars on each, and which way round. */
import type { TrainSpec } from "../../api/spec";

export const DIRECTIONS = [
  { value: "same", label: "As the training" },
  { value: "drawn", label: "As drawn" },
  { value: "reversed", label: "The other way" },
] as const;
export type Direction = (typeof DIRECTIONS)[number]["value"];

export interface DraftRoad {
  track: string;
  /** Its share of the cars, beside the other weights. */
  weight: string;
  direction: Direction;
}

export const MOST_TRACKS = 16;
const MOST_WEIGHT = 1_000;

export const roadOn = (track: string): DraftRoad => ({ track, weight: "1", direction: "same" });

/** Returns the request's `tracks`; null where `track` says it all. */
export function roadsRequestOf(roads: DraftRoad[]): Record<string, unknown>[] | null {
  if (roads.length === 1 && roads[0]?.direction === "same") return null;
  return roads.map(({ track, weight, direction }) => ({ track, weight: Number(weight), reverse: direction === "same" ? null : direction === "reversed" }));
}

/** Reads the tracks that a model was asked for; `track` is its main one. */
export function roadsOfSpec(track: string, spec: TrainSpec): DraftRoad[] {
  if (!spec.tracks || spec.tracks.length === 0) return [roadOn(track)];
  return spec.tracks.map((one) => ({ track: one.track, weight: String(one.weight), direction: one.reverse === null ? "same" : one.reverse ? "reversed" : "drawn" }));
}

/** Returns what is wrong with the tracks as a sentence; null where all is well. */
export function faultOfRoads(roads: DraftRoad[]): string | null {
  if (roads.length === 0) return "Choose a track.";
  if (roads.length > MOST_TRACKS) return `Expected at most ${MOST_TRACKS} tracks, got ${roads.length}.`;
  const wrong = roads.find(({ weight }) => !(weight.trim() !== "" && Number(weight) > 0 && Number(weight) <= MOST_WEIGHT));
  if (wrong) return `Expected a weight above 0 and up to ${MOST_WEIGHT.toLocaleString("en")}, got "${wrong.weight}".`;
  const ways = roads.map(({ track, direction }) => `${track} ${direction}`);
  if (new Set(ways).size < ways.length) return "Expected each track once in each direction. Change the direction of one of two, or leave it out.";
  return null;
}

/** Returns the other direction for a track that is there once; null where both of its directions are there. */
export function otherWay(roads: DraftRoad[], road: DraftRoad, isReversed: boolean): DraftRoad | null {
  if (roads.filter(({ track }) => track === road.track).length > 1) return null;
  const turned = road.direction === "same" ? isReversed : road.direction === "reversed";
  return { ...road, direction: turned ? "drawn" : "reversed" };
}

/** Tells whether the main track is driven against the order of its file. */
export const isMainReversed = ({ roads, isReversed }: { roads: DraftRoad[]; isReversed: boolean }): boolean =>
  roads[0] === undefined || roads[0].direction === "same" ? isReversed : roads[0].direction === "reversed";

/** Returns how many cars each track gets, as the trainer spreads them: one, and the rest by weight. Empty where that cannot be said. */
export function carsOfRoads(roads: DraftRoad[], cars: string): number[] {
  const left = Number(cars) - roads.length;
  const weights = roads.map(({ weight }) => Number(weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!Number.isInteger(left) || left < 0 || !(total > 0) || weights.some((weight) => !(weight > 0))) return [];
  const exact = weights.map((weight) => (left * weight) / total);
  const counts = exact.map(Math.floor);
  const rest = left - counts.reduce((sum, count) => sum + count, 0);
  const order = exact.map((_, i) => i).sort((a, b) => counts[a]! - exact[a]! - (counts[b]! - exact[b]!) || a - b);
  for (const i of order.slice(0, rest)) counts[i]! += 1;
  return counts.map((count) => count + 1);
}

/** Says a track in a few words: "Oval, the other way, weight 2". */
export function saidOfRoad({ track, weight, direction }: DraftRoad, titles: ReadonlyMap<string, string>): string {
  const parts = [titles.get(track) ?? track];
  if (direction !== "same") parts.push(direction === "drawn" ? "as drawn" : "the other way");
  if (Number(weight) !== 1) parts.push(`weight ${weight}`);
  return parts.join(", ");
}
