/** What differs from episode to episode of a training: a preset, or ranges of one's own. */
import type { RandomisationList, RandomisationPreset, RangeView } from "../../api/types";
import { plural, words } from "../../format";

export const OFF = "off";
export const OWN = "own";

interface Ends {
  low: string;
  high: string;
}

export interface Randomisation {
  /** The name of a preset, or "own". */
  kind: string;
  /** One's own, by name; those that are left out are as specified. */
  ranges: Record<string, Ends>;
}

export const NO_RANDOMISATION: Randomisation = { kind: OFF, ranges: {} };

export const KINDS = [
  { value: OFF, label: "Off", description: "Every episode is the same car under the same light." },
  { value: "mild", label: "Mild", description: "Small differences, as between two cars of one kind." },
  { value: "strong", label: "Strong", description: "Large differences, for a car that leaves the simulator. Learning takes longer." },
  { value: OWN, label: "Ranges of my own", description: "Choose for each property between which values it lies." },
];

const UNITS: Record<string, string> = { x: "factor", deg: "degrees", steps: "steps of 1/15 s", m: "metres", share: "share", px: "pixels", grey: "grey levels" };

/** "steering_bias_deg" → "Steering bias". */
export const titleOfRange = (name: string): string => words(name.replace(/_(deg|steps|m|px)$/, ""));

export const unitOfRange = ({ unit }: RangeView): string => UNITS[unit] ?? unit;

/** "0.85 to 1.15", or "1" where both ends are the same. */
export const saidOfEnds = (ends: readonly (number | string)[]): string => (ends[0] === ends[1] ? String(ends[0]) : `${ends[0]} to ${ends[1]}`);

/** Returns the ranges of a preset, to begin one's own with. */
export const rangesOf = (preset: RandomisationPreset | undefined): Randomisation["ranges"] =>
  Object.fromEntries(Object.entries(preset?.ranges ?? {}).map(([name, ends]) => [name, { low: String(ends[0]), high: String(ends[1]) }]));

/** Returns the ends of one range of one's own: as specified where it is left out. */
export const endsOf = (ranges: Randomisation["ranges"], { name, specified }: RangeView): Ends => ranges[name] ?? { low: String(specified), high: String(specified) };

/** Returns the request's `randomisation`. */
export function randomisationRequestOf({ kind, ranges }: Randomisation): string | Record<string, number[]> {
  if (kind !== OWN) return kind;
  return Object.fromEntries(Object.entries(ranges).map(([name, { low, high }]) => [name, [Number(low), Number(high)]]));
}

/** Reads what a model was asked for; a preset by its ranges. */
export function randomisationOfSpec(ranges: Record<string, number[]> | undefined, presets: RandomisationPreset[]): Randomisation {
  if (ranges === undefined) return NO_RANDOMISATION;
  const preset = presetOf(ranges, presets);
  return preset === null ? { kind: OWN, ranges: rangesOf({ name: OWN, ranges }) } : { kind: preset, ranges: {} };
}

/** Returns the name of the preset that has these ranges; null where none has. */
export function presetOf(ranges: Record<string, number[]>, presets: RandomisationPreset[]): string | null {
  const isSame = (preset: RandomisationPreset) => Object.entries(preset.ranges).every(([name, ends]) => ends[0] === ranges[name]?.[0] && ends[1] === ranges[name]?.[1]);
  return presets.find(isSame)?.name ?? null;
}

/** Returns what is wrong, by the range's name; empty where all is well. */
export function faultsOfRanges({ kind, ranges }: Randomisation, limits: RangeView[]): Record<string, string> {
  if (kind !== OWN) return {};
  const faults: Record<string, string> = {};
  for (const one of limits) {
    const { low, high } = endsOf(ranges, one);
    const isIn = (text: string) => text.trim() !== "" && Number(text) >= one.low && Number(text) <= one.high && (!one.is_whole || Number.isInteger(Number(text)));
    if (!isIn(low) || !isIn(high)) faults[one.name] = `${titleOfRange(one.name)}: expected two ${one.is_whole ? "whole " : ""}numbers from ${one.low} to ${one.high}.`;
    else if (Number(low) > Number(high)) faults[one.name] = `${titleOfRange(one.name)}: expected the lower end first, got ${low} and ${high}.`;
  }
  return faults;
}

/** Says in a few words what differs, and where the ranges are one's own, which they are. */
export function saidOfRandomisation({ kind, ranges }: Randomisation, { ranges: limits }: RandomisationList): { name: string; ranges: string } {
  if (kind !== OWN) return { name: KINDS.find(({ value }) => value === kind)?.label ?? kind, ranges: "" };
  const changed = limits.filter((one) => {
    const { low, high } = endsOf(ranges, one);
    return Number(low) !== one.specified || Number(high) !== one.specified;
  });
  if (changed.length === 0) return { name: "Off", ranges: "" };
  const told = changed.map((one) => `${titleOfRange(one.name)} ${saidOfEnds([endsOf(ranges, one).low, endsOf(ranges, one).high])}`);
  return { name: `${plural(changed.length, "range")} of my own`, ranges: `${told.join(", ")}.` };
}
