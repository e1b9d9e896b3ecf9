/** What a model was asked for, as far as the pages read it: `TrainSpec` of the service, which the API's description leaves open. */
import type { ModelDetail } from "./types";

export interface StopRules {
  max_minutes: number | null;
  max_steps: number | null;
  max_episodes: number | null;
  clean_laps: number | null;
}

/** One stage of a curriculum, with everything said. */
export interface Stage {
  name: string;
  tracks: { track: string; weight: number; reverse: boolean | null }[];
  race: TrainSpec["race"];
  max_speed_mps: number | null;
  /** When it is over; null in the last one. */
  advance: { completion: number | null; evaluations: number; clean_laps: number | null; max_steps: number | null; max_minutes: number | null } | null;
}

export interface TrainSpec {
  seed: number;
  n_envs: number;
  race: { race_type: string; reverse_dir: boolean } & Record<string, unknown>;
  model_metadata: { action_space: unknown; action_space_type: string; sensor: string[]; neural_network: string; training_algorithm: string; lidar_config?: Record<string, unknown> | null };
  sensor_settings?: Record<string, Record<string, unknown>>;
  hyperparameters: Record<string, number | string | null>;
  stop: StopRules;
  curriculum?: { stages: Stage[]; look_back_every: number; forgotten_points: number } | null;
}

export const specOf = (model: ModelDetail): TrainSpec => model.spec as unknown as TrainSpec;

/** Returns the stage of this number, counted from 1; undefined without a curriculum. */
export const stageOf = (model: ModelDetail, number: number | null | undefined): Stage | undefined =>
  number == null ? undefined : specOf(model).curriculum?.stages[number - 1];

/** Returns the main track of a stage; of a training without stages its own. */
export const trackOf = (model: ModelDetail, stage: number | null | undefined): string => stageOf(model, stage)?.tracks[0]?.track ?? model.track;

/** Returns the track of a row's label, which may say a direction. */
export const trackOfLabel = (label: string): string => label.replace(/ (reversed|forward)$/, "");
