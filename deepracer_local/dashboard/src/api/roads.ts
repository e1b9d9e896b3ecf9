/** The tracks of a training, and which of them a row or a car of it is on. */
import { specOf, stageOf } from "./spec";
import type { ModelDetail } from "./types";

export interface Road {
  /** As rows and telemetry of a training call it. */
  label: string;
  /** The track's name. */
  track: string;
  /** Its share of the cars, beside the other weights. */
  weight: number;
  /** A direction of its own; null: that of the training. */
  reverse: boolean | null;
}

/** Returns all tracks of a training, or of this stage of it, counted from 1; the main one first. */
export function roadsOf(model: ModelDetail, stage?: number | null): Road[] {
  const tracks = stageOf(model, stage)?.tracks ?? specOf(model).tracks ?? [];
  if (tracks.length === 0) return [{ label: model.track, track: model.track, weight: 1, reverse: null }];
  return tracks.map((one) => ({ ...one, label: one.reverse === null ? one.track : `${one.track} ${one.reverse ? "reversed" : "forward"}` }));
}

/** Returns the name of the track that a row of a training, or of this stage of it, calls so; without a label the main one's. */
export function trackOf(model: ModelDetail, label: string | undefined, stage?: number | null): string {
  const roads = roadsOf(model, stage);
  return (roads.find((road) => road.label === label) ?? roads[0])?.track ?? model.track;
}

/** "Oval, the other way". `titles` are those of the tracks by their names. */
export const titleOfRoad = (road: Road, titles: ReadonlyMap<string, string>): string =>
  (titles.get(road.track) ?? road.track) + (road.reverse === null ? "" : road.reverse ? ", the other way" : ", as drawn");
