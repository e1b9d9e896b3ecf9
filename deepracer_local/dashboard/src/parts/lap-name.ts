/** How the address names a lap: MODEL:best, MODEL:evaluation:JOB:LAP, MODEL:opponent:JOB:LAP, MODEL:training:NUMBER:LAP, MODEL:episode:NUMBER. */

export type LapName =
  | { kind: "best"; model: string }
  /** A lap of an evaluation that was asked for; the first is 1. */
  | { kind: "evaluation"; model: string; job: string; lap: number }
  /** The same of the other car, where it was a race of two models; `model` is the one that was evaluated. */
  | { kind: "opponent"; model: string; job: string; lap: number }
  /** A lap of an evaluation that training drove after so many updates. */
  | { kind: "training"; model: string; number: number; lap: number }
  | { kind: "episode"; model: string; number: number };

export const MOST_LAPS = 10;

export function nameOf(lap: LapName): string {
  const place = lap.kind === "evaluation" || lap.kind === "opponent" ? [lap.job, lap.lap] : lap.kind === "training" ? [lap.number, lap.lap] : lap.kind === "episode" ? [lap.number] : [];
  return [lap.model, lap.kind, ...place].join(":");
}

/** Returns what a name means; null where it is none. */
export function lapNamed(text: string): LapName | null {
  const [model = "", kind, first = "", second = "", ...rest] = text.split(":");
  const isCount = (part: string) => /^\d{1,9}$/.test(part);
  if (model === "" || rest.length > 0) return null;
  if (kind === "best" && first === "") return { kind, model };
  if ((kind === "evaluation" || kind === "opponent") && first !== "" && isCount(second)) return { kind, model, job: first, lap: Number(second) };
  if (kind === "training" && isCount(first) && isCount(second)) return { kind, model, number: Number(first), lap: Number(second) };
  if (kind === "episode" && isCount(first) && second === "") return { kind, model, number: Number(first) };
  return null;
}

/** Returns the address at which laps are replayed. */
export const addressOfLaps = (laps: LapName[]): string => `/laps?${new URLSearchParams(laps.slice(0, MOST_LAPS).map((lap) => ["lap", nameOf(lap)]))}`;
