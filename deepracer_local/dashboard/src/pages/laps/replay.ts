/** Several laps at one instant: side by side in time, or at the same place. Pure. */
import { sharedOf } from "./gap";
import { type Instant, instantOf, type Lap, type Line, timeAt } from "./lap";

export const ALIGNMENTS = ["time", "distance"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/** Returns the instants of all laps when `t` seconds of the replay are over; null for a lap that has not begun there. */
export type Replay = (t: number) => (Instant | null)[];

/** By distance every car is where the first one is at that instant, whenever it came there. */
export function replayOf(laps: Lap[], alignment: Alignment, line: Line): Replay {
  const [first, ...others] = laps;
  if (alignment === "time" || first === undefined) return (t) => laps.map((lap) => instantOf(lap, t));
  const shared = others.map((other) => sharedOf(first, other, line));
  return (t) => {
    const leading = instantOf(first, t);
    return [
      leading,
      ...others.map((other, i) => {
        const both = shared[i];
        if (!both || leading.d < both.fromM - 1e-6) return null;
        return instantOf(other, timeAt(other, leading.d + both.shiftM));
      }),
    ];
  };
}

/** Returns how many seconds there are to replay. */
export const durationOf = (laps: Lap[], alignment: Alignment): number =>
  Math.max(0, ...(alignment === "time" ? laps : laps.slice(0, 1)).map((lap) => lap.t.at(-1) ?? 0));
