/** The cars of a running job at this very moment: on their way from one telemetry message to the next. */
import { carsOn } from "../api/leader";
import type { LiveStore } from "../api/live";
import type { CarState } from "../api/socket";
import { between } from "./track-drawing";

/** Where cars come from, asked for every picture: a running job, or a recorded lap. */
export type CarSource = () => readonly CarState[];

/** Telemetry comes fifteen times a second. */
const INTERVAL_MS = 1000 / 15;

/** Returns how much of the way from one message to the next is done, when the newest came at `atMs`. */
export const shareSince = (atMs: number): number => Math.min(1, (performance.now() - atMs) / INTERVAL_MS);

/** Returns the source of a job's cars on a track, null for its only one; where `isStill`, they stand where they were last seen. */
export function liveCars(live: LiveStore, jobId: string, road: string | null, isStill: boolean): CarSource {
  return () => {
    const seen = live.telemetry.get(jobId);
    if (seen === undefined) return [];
    const share = isStill ? 1 : shareSince(seen.atMs);
    const earlier = new Map((seen.previous?.cars ?? []).map((car) => [car.car, car]));
    return carsOn(seen.current.cars, road).map((car) => ({ ...car, ...between(earlier.get(car.car), car, share) }));
  };
}
