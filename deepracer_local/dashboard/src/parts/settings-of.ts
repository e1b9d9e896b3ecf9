/** The settings of a training as lines of text that can be shown side by side. */
import type { TrainSpec } from "../api/spec";
import { words } from "../format";
import { ALGORITHMS, HYPERPARAMETERS, NETWORKS, spaceOf } from "../pages/create/draft";
import { raceOf, saidOfRace } from "../pages/create/race";

const LABELS = new Map(HYPERPARAMETERS.map(({ name, label }) => [name, label]));
/** Read for old files; clipped PPO does not use them. */
const UNUSED = ["exploration_type", "e_greedy_value", "epsilon_steps", "sac_alpha", "term_cond_avg_score", "term_cond_max_episodes"];

export function settingsOf(spec: TrainSpec): { label: string; value: string }[] {
  const space = spaceOf(spec.model_metadata);
  const network = NETWORKS.find((one) => one.id === spec.model_metadata.neural_network)?.label ?? spec.model_metadata.neural_network;
  const actions =
    space.type === "discrete"
      ? space.actions.map((action) => `${action.steering_angle}° ${action.speed} m/s`).join(", ")
      : `${space.steering.low}° to ${space.steering.high}°, ${space.speed.low} to ${space.speed.high} m/s`;
  const byEpisodes = spec.hyperparameters["num_steps_between_training"] === null;
  const hyperparameters = Object.entries(spec.hyperparameters)
    .filter(([name, value]) => value !== null && !UNUSED.includes(name) && (byEpisodes || name !== "num_episodes_between_training"))
    .map(([name, value]) => ({ label: LABELS.get(name) ?? words(name), value: typeof value === "string" ? words(value) : String(value) }));
  return [
    { label: "Direction", value: spec.race.reverse_dir ? "the other way" : "as drawn" },
    { label: "Race", value: saidOfRace(raceOf(spec.race)) },
    { label: "Algorithm", value: ALGORITHMS.find(({ value }) => value === spec.model_metadata.training_algorithm)?.label ?? words(spec.model_metadata.training_algorithm) },
    { label: "Network", value: network },
    { label: "Actions", value: actions },
    { label: "Sensors", value: spec.model_metadata.sensor.map(words).join(", ") },
    ...hyperparameters,
    { label: "Cars", value: String(spec.n_envs) },
    { label: "Seed", value: String(spec.seed) },
  ];
}
