/** The settings of a training as lines of text that can be shown side by side. */
import type { TrainSpec } from "../api/spec";
import type { RandomisationPreset } from "../api/types";
import { words } from "../format";
import { ALGORITHMS, HYPERPARAMETERS, NETWORKS, spaceOf } from "../pages/create/draft";
import { presetOf, saidOfEnds, titleOfRange } from "../pages/create/randomisation";
import { raceOf, saidOfRace } from "../pages/create/race";
import { roadsOfSpec, saidOfRoad } from "../pages/create/several-tracks";

const LABELS = new Map(HYPERPARAMETERS.map(({ name, label }) => [name, label]));
/** Read for old files; clipped PPO does not use them. */
const UNUSED = ["exploration_type", "e_greedy_value", "epsilon_steps", "sac_alpha", "term_cond_avg_score", "term_cond_max_episodes"];

/** `presets` are the known randomisations; without them ranges are told one by one. */
export function settingsOf(spec: TrainSpec, presets: RandomisationPreset[] = []): { label: string; value: string }[] {
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
    ...(spec.tracks && spec.tracks.length > 0 ? [{ label: "Tracks", value: roadsOfSpec("", spec).map((road) => saidOfRoad(road, new Map())).join("; ") }] : []),
    { label: "Direction", value: spec.race.reverse_dir ? "the other way" : "as drawn" },
    { label: "Race", value: saidOfRace(raceOf(spec.race)) },
    { label: "Randomisation", value: saidOfRanges(spec.randomisation ?? {}, presets) },
    { label: "Algorithm", value: ALGORITHMS.find(({ value }) => value === spec.model_metadata.training_algorithm)?.label ?? words(spec.model_metadata.training_algorithm) },
    { label: "Network", value: network },
    { label: "Actions", value: actions },
    { label: "Sensors", value: spec.model_metadata.sensor.map(words).join(", ") },
    ...hyperparameters,
    { label: "Cars", value: String(spec.n_envs) },
    { label: "Seed", value: String(spec.seed) },
  ];
}

/** The preset's name, or each range that is one. */
function saidOfRanges(ranges: Record<string, number[]>, presets: RandomisationPreset[]): string {
  const preset = Object.keys(ranges).length === 0 ? "off" : presetOf(ranges, presets);
  if (preset !== null) return words(preset);
  const drawn = Object.entries(ranges).filter(([, ends]) => ends[0] !== ends[1]);
  return drawn.length === 0 ? "Off" : drawn.map(([name, ends]) => `${titleOfRange(name)} ${saidOfEnds(ends)}`).join(", ");
}
