/** How hard a track is, from its tightest bend and its width: what the car has to steer, and how far it may be off. */
import type { TrackView } from "../api/types";

export type Difficulty = "easy" | "medium" | "hard";
export const DIFFICULTIES: Difficulty[] = ["easy", "medium", "hard"];

/** Bends beyond this radius ask little of the car, which can turn in a third of it. */
const WIDE_M = 2;
const TIGHT_M = 0.5;
const BROAD_M = 1.4;
const NARROW_M = 0.5;

/** Returns 0 for the easiest to 100 for the hardest: two thirds of it by the tightest bend, a third by the width. */
export function hardnessOf(track: Pick<TrackView, "min_radius_m" | "width_m">): number {
  const bend = share(track.min_radius_m ?? WIDE_M, WIDE_M, TIGHT_M);
  const road = share(track.width_m, BROAD_M, NARROW_M);
  return Math.round((100 * (2 * bend + road)) / 3);
}

export function difficultyOf(track: Pick<TrackView, "min_radius_m" | "width_m">): Difficulty {
  const hardness = hardnessOf(track);
  return hardness < 55 ? "easy" : hardness < 80 ? "medium" : "hard";
}

const share = (value: number, none: number, all: number): number => Math.min(1, Math.max(0, (none - value) / (none - all)));
