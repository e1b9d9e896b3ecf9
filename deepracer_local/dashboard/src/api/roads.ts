/** The tracks of a training, and which of them a row or a car of it is on. */
import { specOf } from "./spec";
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

/** Returns all tracks of a training, the main one first. */
export function roadsOf(model: ModelDetail): Road[] {
  const spec = specOf(model);
  if (!spec.tracks || spec.tracks.length === 0) return [{ label: model.track, track: model.track, weight: 1, reverse: null }];
  return spec.tracks.map((one) => ({ ...one, label: one.reverse === null ? one.track : `${one.track} ${one.reverse ? "reversed" : "forward"}` }));
}

/** Returns the name of the track that a row of a training calls so. */
export const trackOf = (model: ModelDetail, label: string | undefined): string => roadsOf(model).find((road) => road.label === label)?.track ?? model.track;

/** "Oval, the other way". `titles` are those of the tracks by their names. */
export const titleOfRoad = (road: Road, titles: ReadonlyMap<string, string>): string =>
  (titles.get(road.track) ?? road.track) + (road.reverse === null ? "" : road.reverse ? ", the other way" : ", as drawn");
