/** What an evaluation may choose: what is on the road, what a fault costs, where and which way it drives. */
import type { EvaluationRace } from "../../api/types";
import { faultOfRace, type Race, raceRequestOf } from "../create/race";

export interface Rules {
  /** The training's objects; otherwise those of `race`. */
  isOwnRoad: boolean;
  race: Race;
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
  isOwnRoad: true,
  race,
  isSetBack: false,
  resets: "100",
  offTrackS: "2",
  crashS: "5",
  direction: "own",
  isContinuous: true,
  start: "0",
  seed: "0",
});

/** Returns the fields of the request that the rules are. */
export function requestOfRules(rules: Rules): { race: EvaluationRace | null; reverse: boolean | null; seed: number } {
  const race: EvaluationRace = {
    // A request with a type of race says everything, one without keeps the training's objects.
    ...(rules.isOwnRoad ? {} : (raceRequestOf(rules.race) ?? { race_type: "TIME_TRIAL" as const })),
    ...(rules.isSetBack ? { number_of_resets: Number(rules.resets), off_track_penalty: Number(rules.offTrackS), collision_penalty: Number(rules.crashS) } : {}),
    ...(rules.isContinuous ? {} : { is_continuous: false }),
    ...(Number(rules.start) === 0 ? {} : { start_position_offset: Number(rules.start) / 100 }),
  };
  return {
    race: Object.keys(race).length === 0 ? null : race,
    reverse: rules.direction === "own" ? null : rules.direction === "other",
    seed: Number(rules.seed),
  };
}

/** Returns what is wrong with the rules, by field; empty where all is well. */
export function faultsOfRules(rules: Rules): Partial<Record<"race" | "resets" | "offTrackS" | "crashS" | "start" | "seed", string>> {
  const isIn = (text: string, low: number, high: number) => text.trim() !== "" && Number(text) >= low && Number(text) <= high;
  const isWhole = (text: string, low: number, high: number) => isIn(text, low, high) && Number.isInteger(Number(text));
  const race = rules.isOwnRoad ? null : faultOfRace(rules.race);
  const seconds = "Expected seconds from 0 to 60.";
  return {
    ...(race ? { race } : {}),
    ...(rules.isSetBack && !isWhole(rules.resets, 1, 10_000) ? { resets: "Expected a whole number from 1 to 10,000." } : {}),
    ...(rules.isSetBack && !isIn(rules.offTrackS, 0, 60) ? { offTrackS: seconds } : {}),
    ...(rules.isSetBack && !isIn(rules.crashS, 0, 60) ? { crashS: seconds } : {}),
    ...(isIn(rules.start, 0, 99.99) ? {} : { start: "Expected a share of the lap from 0 to 99 %." }),
    ...(isWhole(rules.seed, 0, 2 ** 31 - 101) ? {} : { seed: "Expected a whole number from 0 to 2,147,483,547." }),
  };
}
