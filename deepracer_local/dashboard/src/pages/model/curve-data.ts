/** Puts episodes, updates and evaluations on one axis of steps. */
import type { EpisodeRow, EvaluationRow, MetricsRow } from "../../api/queries";

type Column = (number | null)[];
export type Lines = [number[], ...Column[]];

export interface CurveData {
  reward: Lines;
  completion: Lines;
  /** Where the stages of a curriculum begin, with their numbers. */
  stages: { x: number; text: string }[];
  /** For each x the index of the episode that ended last, or of the first one. */
  episodeAt: number[];
}

/** Several episodes may end in one step of all cars; on the axis they stand beside each other. */
const BESIDE = 1e-3;

export function curveData(rows: MetricsRow[], episodes: EpisodeRow[], laps: EvaluationRow[]): CurveData {
  const driven = new Map(laps.map((row) => [row.iteration, row.mean_progress]));
  const points: { x: number; episode: number | null; row: MetricsRow | null }[] = [
    ...rows.map((row) => ({ x: row.total_steps, episode: null, row })),
    ...episodes.map((one, i) => ({ x: one.total_steps, episode: i, row: null })),
  ].sort((a, b) => a.x - b.x);
  const steps: number[] = [];
  const [rewards, means, progress, completions, evaluations]: [Column, Column, Column, Column, Column] = [[], [], [], [], []];
  const episodeAt: number[] = [];
  let last = 0;
  for (const { x, episode, row } of points) {
    const before = steps.at(-1) ?? -1;
    steps.push(x > before ? x : before + BESIDE);
    const one = episode === null ? null : (episodes[episode] ?? null);
    last = episode ?? last;
    rewards.push(one?.reward ?? null);
    progress.push(one?.progress ?? null);
    means.push(row?.mean_reward ?? null);
    completions.push(row?.mean_progress ?? null);
    evaluations.push(row ? (driven.get(row.iteration) ?? null) : null);
    episodeAt.push(last);
  }
  const stages = rows
    .map((row, i) => ({ x: rows[i - 1]?.total_steps ?? 0, text: `stage ${row.stage}`, isNew: row.stage !== undefined && row.stage !== rows[i - 1]?.stage }))
    .filter(({ isNew }) => isNew)
    .map(({ x, text }) => ({ x, text }));
  return { stages, reward: [steps, rewards, means], completion: [steps, progress, completions, evaluations], episodeAt };
}
