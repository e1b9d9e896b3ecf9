/** What an evaluation may choose: what is on the road, what a fault costs, where and which way it drives. */
import type { EvaluationRace } from "../../api/types";
import { faultOfRace, type Lane, type Race, raceRequestOf } from "../create/race";

/** The training's objects, those of `race`, or another model's car. */
export type OnRoad = "own" | "other" | "model";

export const GRID = [
  { value: "ahead", label: "Ahead" },
  { value: "behind", label: "Behind" },
  { value: "beside", label: "Side by side" },
] as const;
export type Grid = (typeof GRID)[number]["value"];

/** Whom to race against. */
export interface Opponent {
  model: string | null;
  checkpoint: string;
  /** Where its car starts. */
  grid: Grid;
  distanceM: string;
  lane: Lane;
}

export interface Rules {
  onRoad: OnRoad;
  race: Race;
  opponent: Opponent;
  /** After a fault the car is set back and goes on; otherwise the attempt ends. */
  isSetBack: boolean;
  resets: string;
  offTrackS: string;
  crashS: string;
  direction: Direction;
  isContinuous: boolean;
  /** Percent of the lap. */
  start: string;
  seed: string;
}

export const DIRECTIONS = [
  { value: "own", label: "As in the training" },
  { value: "drawn", label: "As drawn" },
  { value: "other", label: "The other way" },
] as const;
export type Direction = (typeof DIRECTIONS)[number]["value"];

export const rulesFor = (race: Race): Rules => ({
  onRoad: "own",
  race,
  opponent: { model: null, checkpoint: "best", grid: "ahead", distanceM: "2", lane: 1 },
  isSetBack: false,
  resets: "100",
  offTrackS: "2",
  crashS: "5",
  direction: "own",
  isContinuous: true,
  start: "0",
  seed: "0",
});

type RulesRequest = { race: EvaluationRace | null; reverse: boolean | null; seed: number; opponent?: string | null; opponent_checkpoint?: string };

/** Returns the fields of the request that the rules are. */
export function requestOfRules(rules: Rules): RulesRequest {
  const race: EvaluationRace = {
    // A request with a type of race says everything, one without keeps the training's objects.
    ...(rules.onRoad === "other" ? (raceRequestOf(rules.race) ?? { race_type: "TIME_TRIAL" as const }) : {}),
    ...(rules.onRoad === "model" ? gridOf(rules.opponent) : {}),
    ...(rules.isSetBack ? { number_of_resets: Number(rules.resets), off_track_penalty: Number(rules.offTrackS), collision_penalty: Number(rules.crashS) } : {}),
    ...(rules.isContinuous ? {} : { is_continuous: false }),
    ...(Number(rules.start) === 0 ? {} : { start_position_offset: Number(rules.start) / 100 }),
  };
  return {
    race: Object.keys(race).length === 0 ? null : race,
    reverse: rules.direction === "own" ? null : rules.direction === "other",
    seed: Number(rules.seed),
    ...(rules.onRoad === "model" ? { opponent: rules.opponent.model, opponent_checkpoint: rules.opponent.checkpoint } : {}),
  };
}

function gridOf({ grid, distanceM, lane }: Opponent): EvaluationRace {
  const sign = grid === "behind" ? -1 : 1;
  return {
    race_type: "HEAD_TO_MODEL",
    opponent_distance: grid === "beside" ? 0 : sign * Number(distanceM),
    ...(grid === "beside" ? { opponent_lane: lane } : {}),
  };
}

/** Returns what is wrong with the rules, by field; empty where all is well. */
export function faultsOfRules(rules: Rules): Partial<Record<"race" | "opponent" | "distance" | "resets" | "offTrackS" | "crashS" | "start" | "seed", string>> {
  const isIn = (text: string, low: number, high: number) => text.trim() !== "" && Number(text) >= low && Number(text) <= high;
  const isWhole = (text: string, low: number, high: number) => isIn(text, low, high) && Number.isInteger(Number(text));
  const race = rules.onRoad === "other" ? faultOfRace(rules.race) : null;
  const { model, grid, distanceM } = rules.opponent;
  const isRace = rules.onRoad === "model";
  const seconds = "Expected seconds from 0 to 60.";
  return {
    ...(race ? { race } : {}),
    ...(isRace && model === null ? { opponent: "Choose the model to race against." } : {}),
    ...(isRace && grid !== "beside" && !isIn(distanceM, 0.1, 50) ? { distance: "Expected metres from 0.1 to 50." } : {}),
    ...(rules.isSetBack && !isWhole(rules.resets, 1, 10_000) ? { resets: "Expected a whole number from 1 to 10,000." } : {}),
    ...(rules.isSetBack && !isIn(rules.offTrackS, 0, 60) ? { offTrackS: seconds } : {}),
    ...(rules.isSetBack && !isIn(rules.crashS, 0, 60) ? { crashS: seconds } : {}),
    ...(isIn(rules.start, 0, 99.99) ? {} : { start: "Expected a share of the lap from 0 to 99 %." }),
    ...(isWhole(rules.seed, 0, 2 ** 31 - 101) ? {} : { seed: "Expected a whole number from 0 to 2,147,483,547." }),
  };
}
