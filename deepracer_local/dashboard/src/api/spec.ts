/** What a model was asked for, as far as the pages read it: `TrainSpec` of the service, which the API's description leaves open. */
import type { ModelDetail } from "./types";

export interface StopRules {
  max_minutes: number | null;
  max_steps: number | null;
  max_episodes: number | null;
  clean_laps: number | null;
}

export interface TrainSpec {
  seed: number;
  n_envs: number;
  race: { race_type: string; reverse_dir: boolean } & Record<string, unknown>;
  model_metadata: { action_space: unknown; action_space_type: string; sensor: string[]; neural_network: string; training_algorithm: string; lidar_config?: Record<string, unknown> | null };
  sensor_settings?: Record<string, Record<string, unknown>>;
  hyperparameters: Record<string, number | string | null>;
  stop: StopRules;
  /** Several tracks; empty or left out where there is one. */
  tracks?: { track: string; weight: number; reverse: boolean | null }[];
  /** Lower and upper end of every range; left out by models from before there were any. */
  randomisation?: Record<string, number[]>;
}

export const specOf = (model: ModelDetail): TrainSpec => model.spec as unknown as TrainSpec;
