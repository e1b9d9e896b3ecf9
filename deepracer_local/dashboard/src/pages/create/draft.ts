/** A training as it is being put together: its defaults, what may be wrong with it, and how it is sent. */
import { specOf } from "../../api/spec";
import type { ModelDetail } from "../../api/types";
import { faultOfRace, type Race, raceOf, raceRequestOf, TIME_TRIAL } from "./race";
import { faultOfSettings, type Sectors, sectorsOfSpec, sectorsRequestOf, type SensorSetting, settingsOfSpec, settingsRequestOf, USUAL_SECTORS } from "./sensors";

export interface Action {
  /** Degrees, left is positive. */
  steering_angle: number;
  /** m/s */
  speed: number;
}

interface Range {
  low: number;
  high: number;
}

export type ActionSpace = { type: "discrete"; actions: Action[] } | { type: "continuous"; steering: Range; speed: Range };

export interface Draft {
  name: string;
  description: string;
  tags: string;
  track: string;
  isReversed: boolean;
  reward: string;
  space: ActionSpace;
  network: string;
  sensors: string[];
  /** By the sensor's name; those that are left out are ideal. */
  sensorSettings: Record<string, SensorSetting>;
  sectors: Sectors;
  race: Race;
  /** JSON or YAML of the stages; empty for a training that has one. */
  curriculum: string;
  /** "clipped_ppo" or "sac". */
  algorithm: string;
  hyperparameters: Record<string, number | string>;
  maxMinutes: string;
  cleanLaps: string;
  seed: string;
  cars: string;
  /** What the model begins with: another one's weights. */
  parent: { id: string; name: string; checkpoint: string } | null;
}

export type Field = keyof Draft | `hyperparameters.${string}`;
export type Faults = Partial<Record<Field, string>>;

export interface HyperparameterHelp {
  name: string;
  label: string;
  help: string;
  low: number;
  high: number;
  isWhole: boolean;
}

export const NETWORKS = [
  { value: "fast", label: "Fast", id: "FAST_CONVOLUTIONAL_NETWORK", description: "Two layers after pooling. A fortieth of the arithmetic of shallow: best on a laptop." },
  { value: "shallow", label: "Shallow", id: "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", description: "Three layers. DeepRacer's usual network." },
  { value: "deep", label: "Deep", id: "DEEP_CONVOLUTIONAL_NETWORK", description: "Five layers. Slow to train without a fast machine." },
  { value: "deeper", label: "Deeper", id: "DEEP_CONVOLUTIONAL_NETWORK_DEEP", description: "Seven layers. The slowest." },
];

export const HYPERPARAMETERS: HyperparameterHelp[] = [
  { name: "lr", label: "Learning rate", help: "How far each update moves the network. Higher learns faster, and forgets faster.", low: 1e-8, high: 1e-3, isWhole: false },
  { name: "num_steps_between_training", label: "Steps between updates", help: "How much is driven before the network is updated. More is steadier and slower.", low: 32, high: 100_000, isWhole: true },
  { name: "num_epochs", label: "Epochs", help: "How often each update goes over what was driven.", low: 3, high: 10, isWhole: true },
  { name: "beta_entropy", label: "Entropy", help: "How much trying is worth for its own sake. 0 stops exploring early, more keeps the car curious.", low: 0, high: 1, isWhole: false },
  { name: "discount_factor", label: "Discount factor", help: "How much a reward in the future counts now, per step of a fifteenth of a second. 0.95 looks a second ahead, 0.99 seven.", low: 0, high: 1, isWhole: false },
];
/** Of soft actor-critic instead of the entropy bonus, the epochs and the loss of PPO. */
const SAC_ALPHA: HyperparameterHelp = { name: "sac_alpha", label: "Temperature", help: "How much trying is worth for its own sake: 0.2 tries a lot, 0.01 little.", low: 0, high: 1, isWhole: false };
const OF_PPO = ["num_epochs", "beta_entropy"];
export const ALGORITHMS = [
  { value: "clipped_ppo", label: "PPO", description: "Learns steadily from what it has just driven. The choice for most." },
  { value: "sac", label: "SAC", description: "Learns from all that it has ever driven: from fewer steps, but only ranges of actions, and less steadily." },
];
const STACK: HyperparameterHelp = { name: "stack_size", label: "Pictures at once", help: "How many of the newest pictures the network sees together: from two it can see how fast it is.", low: 1, high: 4, isWhole: true };
export const BATCH_SIZES = [32, 64, 128, 256, 512];
export const LOSSES = ["mean squared error", "huber"];

const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;
const TAG = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const STAMP = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
/** Instead of a number of steps, as files of the original say it. */
const BY_EPISODES: HyperparameterHelp = { name: "num_episodes_between_training", label: "Episodes between updates", help: "How many episodes are driven before the network is updated. More is steadier and slower.", low: 1, high: 1_000, isWhole: true };
const ANGLES = [-30, -15, 0, 15, 30];
const FAST = { batch_size: 128, num_epochs: 4, lr: 1e-3, beta_entropy: 0.01, discount_factor: 0.95, loss_type: "mean squared error", num_steps_between_training: 512, stack_size: 1 };
const SAC = { batch_size: 64, lr: 1e-3, discount_factor: 0.95, num_steps_between_training: 256, sac_alpha: 0.1, stack_size: 1 };

/** Returns what an algorithm learns well with. */
export const hyperparametersFor = (algorithm: string): Draft["hyperparameters"] => (algorithm === "sac" ? SAC : FAST);

export function newDraft(track: string, reward: string): Draft {
  return {
    name: `Training ${STAMP.format(new Date()).replace(/[:,]/g, (c) => (c === ":" ? "." : ""))}`,
    description: "",
    tags: "",
    track,
    isReversed: false,
    reward,
    space: { type: "discrete", actions: ANGLES.map((steering_angle) => ({ steering_angle, speed: 1 })) },
    network: "fast",
    sensors: ["FRONT_FACING_CAMERA"],
    sensorSettings: {},
    sectors: USUAL_SECTORS,
    race: TIME_TRIAL,
    curriculum: "",
    algorithm: "clipped_ppo",
    hyperparameters: FAST,
    maxMinutes: "10",
    cleanLaps: "",
    seed: "0",
    cars: "16",
    parent: null,
  };
}

/** Returns a draft that begins where a checkpoint of a model is. */
export function draftOf(model: ModelDetail, reward: string, checkpoint: string): Draft {
  const spec = specOf(model);
  const stop = spec.stop;
  const algorithm = ALGORITHMS.find(({ value }) => value === spec.model_metadata.training_algorithm)?.value ?? "clipped_ppo";
  const hyperparameters: Draft["hyperparameters"] = { ...hyperparametersFor(algorithm) };
  for (const name of Object.keys(hyperparameters)) hyperparameters[name] = spec.hyperparameters[name] ?? hyperparameters[name] ?? "";
  if (spec.hyperparameters["num_steps_between_training"] === null) {
    delete hyperparameters["num_steps_between_training"];
    hyperparameters[BY_EPISODES.name] = spec.hyperparameters[BY_EPISODES.name] ?? "";
  }
  return {
    ...newDraft(model.track, reward),
    name: `${model.name.slice(0, 58)} next`,
    tags: model.tags.join(", "),
    isReversed: spec.race.reverse_dir,
    space: spaceOf(spec.model_metadata),
    network: NETWORKS.find((one) => one.id === spec.model_metadata.neural_network)?.value ?? "shallow",
    hyperparameters,
    sensors: spec.model_metadata.sensor,
    sensorSettings: settingsOfSpec(spec.sensor_settings),
    sectors: sectorsOfSpec(spec.model_metadata.lidar_config),
    race: raceOf(spec.race),
    algorithm,
    // Steps and episodes of a training that went before say little about the next one.
    maxMinutes: String(stop.max_minutes ?? (stop.clean_laps === null ? 10 : "")),
    cleanLaps: stop.clean_laps === null ? "" : String(stop.clean_laps),
    seed: String(spec.seed),
    cars: String(spec.n_envs),
    parent: { id: model.id, name: model.name, checkpoint },
  };
}

/** Returns the hyperparameters that this draft has: updates come after steps, or after episodes. */
export const hyperparametersOf = (draft: Draft): HyperparameterHelp[] =>
  [...(draft.algorithm === "sac" ? [...HYPERPARAMETERS.filter(({ name }) => !OF_PPO.includes(name)), SAC_ALPHA] : HYPERPARAMETERS), STACK].map((one) => (one.name === "num_steps_between_training" && draft.hyperparameters[one.name] === undefined ? BY_EPISODES : one));

/** Reads the action space of a `model_metadata.json`. Throws an Error that says what it is not. */
export function spaceOf(metadata: unknown): ActionSpace {
  const found = metadata as { action_space?: unknown };
  const space = Array.isArray(metadata) ? metadata : found?.action_space;
  const number = (value: unknown, what: string): number => {
    if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`Expected ${what} to be a number, got ${JSON.stringify(value)}.`);
    return value;
  };
  if (Array.isArray(space)) {
    if (space.length === 0) throw new Error("Expected at least one action in action_space, got none.");
    return {
      type: "discrete",
      actions: space.map((action, i) => ({
        steering_angle: number(action?.steering_angle, `steering_angle of action ${i}`),
        speed: number(action?.speed, `speed of action ${i}`),
      })),
    };
  }
  if (space !== null && typeof space === "object") {
    const { steering_angle: steering, speed } = space as Record<string, Range | undefined>;
    const range = (value: Range | undefined, what: string): Range => ({ low: number(value?.low, `${what}.low`), high: number(value?.high, `${what}.high`) });
    return { type: "continuous", steering: range(steering, "steering_angle"), speed: range(speed, "speed") };
  }
  throw new Error("Expected an object with action_space: a list of actions, or steering_angle and speed with low and high.");
}

/** Returns evenly spread actions, as the granularity of the AWS console made them. */
export function grid(maxAngle: number, angles: number, maxSpeed: number, speeds: number): Action[] {
  const actions: Action[] = [];
  for (let i = 0; i < angles; i++) {
    const angle = angles === 1 ? 0 : -maxAngle + (2 * maxAngle * i) / (angles - 1);
    for (let k = 1; k <= speeds; k++) actions.push({ steering_angle: round(angle), speed: round((maxSpeed * k) / speeds) });
  }
  return actions;
}

/** Returns what is wrong, by field; empty where all is well. */
export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (!NAME.test(draft.name)) faults.name = "Expected 1 to 64 letters, digits, spaces, dots, hyphens and underscores, a letter or digit first.";
  if (draft.description.length > 255) faults.description = `Expected at most 255 characters, got ${draft.description.length}.`;
  const bad = tagsOf(draft).find((tag) => !TAG.test(tag));
  if (bad !== undefined) faults.tags = `Expected letters, digits, hyphens and underscores, at most 32, got "${bad}".`;
  if (!draft.track) faults.track = "Choose a track.";
  if (draft.reward.trim() === "") faults.reward = "Expected a Python function reward_function(params), got nothing. Take an example.";
  const race = faultOfRace(draft.race);
  if (race) faults.race = race;
  if (draft.algorithm === "sac" && draft.space.type === "discrete") faults.algorithm = "SAC chooses from ranges: expected a continuous action space, got a list of actions.";
  if (draft.sensors.length === 0) faults.sensors = "Expected a camera, or the state of the car.";
  const settings = faultOfSettings(draft.sensors, draft.sensorSettings, draft.sectors);
  if (settings) faults.sensorSettings = settings;
  const space = faultOfSpace(draft.space);
  if (space) faults.space = space;
  for (const { name, label, low, high, isWhole } of hyperparametersOf(draft)) {
    const value = Number(draft.hyperparameters[name]);
    const isFine = draft.hyperparameters[name] !== "" && value >= low && value <= high && (!isWhole || Number.isInteger(value));
    if (!isFine) faults[`hyperparameters.${name}`] = `${label}: expected a ${isWhole ? "whole " : ""}number from ${low} to ${high.toLocaleString("en")}.`;
  }
  if (draft.maxMinutes === "" && draft.cleanLaps === "") faults.maxMinutes = "Say when it ends: after a time, after clean laps, or whichever comes first.";
  else if (draft.maxMinutes !== "" && !(Number(draft.maxMinutes) > 0 && Number(draft.maxMinutes) <= 1440)) faults.maxMinutes = "Expected minutes, more than 0 and at most 1,440.";
  if (draft.cleanLaps !== "" && !isWholeFrom(draft.cleanLaps, 1, 100)) faults.cleanLaps = "Expected a whole number from 1 to 100.";
  if (!isWholeFrom(draft.seed, 0, 2 ** 31 - 1)) faults.seed = "Expected a whole number from 0 to 2,147,483,647.";
  if (!isWholeFrom(draft.cars, 1, 64)) faults.cars = "Expected a whole number from 1 to 64.";
  return faults;
}

/** Returns the body of `POST /models`, or of a clone. */
export function requestOf(draft: Draft): Record<string, unknown> {
  const { space } = draft;
  const action_space =
    space.type === "discrete" ? space.actions : { steering_angle: space.steering, speed: space.speed };
  return {
    name: draft.name,
    description: draft.description,
    tags: tagsOf(draft),
    track: draft.track,
    reverse: draft.isReversed,
    race: raceRequestOf(draft.race),
    curriculum: draft.curriculum.trim() === "" ? null : draft.curriculum,
    reward_function: draft.reward,
    model_metadata: {
      action_space,
      action_space_type: space.type,
      sensor: draft.sensors,
      ...sectorsRequestOf(draft.sensors, draft.sectors),
      neural_network: NETWORKS.find((one) => one.value === draft.network)?.id,
      training_algorithm: draft.algorithm,
      version: "5",
    },
    sensor_settings: settingsRequestOf(draft.sensors, draft.sensorSettings),
    hyperparameters: Object.fromEntries(
      Object.entries(draft.hyperparameters).map(([name, value]) => [name, name === "loss_type" ? value : Number(value)]),
    ),
    seed: Number(draft.seed),
    cars: Number(draft.cars),
    max_minutes: draft.maxMinutes === "" ? null : Number(draft.maxMinutes),
    stop_after_clean_laps: draft.cleanLaps === "" ? null : Number(draft.cleanLaps),
    // What is left out of a clone is taken from its parent; these it shall not have.
    max_steps: null,
    max_episodes: null,
    ...(draft.parent ? { checkpoint: draft.parent.checkpoint } : {}),
  };
}

export const tagsOf = (draft: Draft): string[] => draft.tags.split(",").map((tag) => tag.trim()).filter(Boolean);

function faultOfSpace(space: ActionSpace): string | null {
  if (space.type === "continuous") {
    if (!(space.steering.low < space.steering.high)) return "Expected the lowest steering angle below the highest.";
    return space.speed.low > 0 && space.speed.low < space.speed.high ? null : "Expected speeds above 0, the lowest below the highest.";
  }
  if (space.actions.length === 0) return "Expected at least one action.";
  const i = space.actions.findIndex((a) => !(a.speed > 0 && a.speed <= 20 && Math.abs(a.steering_angle) <= 90));
  return i < 0 ? null : `Action ${i}: expected a speed above 0 and at most 20 m/s, and an angle from -90° to 90°.`;
}

const round = (value: number): number => Math.round(value * 100) / 100;

const isWholeFrom = (text: string, low: number, high: number): boolean => /^\d+$/.test(text) && Number(text) >= low && Number(text) <= high;
