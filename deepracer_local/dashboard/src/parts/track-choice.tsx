/** Finds tracks by text and difficulty, and puts them in an order; the order is kept for the next time. */
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState } from "react";

import type { TrackView } from "../api/types";
import { words } from "../format";
import { DIFFICULTIES, difficultyOf, hardnessOf } from "./difficulty";

const SORTS: { value: string; label: string; by: (a: TrackView, b: TrackView) => number }[] = [
  { value: "easy", label: "Easiest first", by: (a, b) => hardnessOf(a) - hardnessOf(b) },
  { value: "hard", label: "Hardest first", by: (a, b) => hardnessOf(b) - hardnessOf(a) },
  { value: "short", label: "Shortest first", by: (a, b) => a.length_m - b.length_m },
  { value: "long", label: "Longest first", by: (a, b) => b.length_m - a.length_m },
  { value: "wide", label: "Widest first", by: (a, b) => b.width_m - a.width_m },
  { value: "name", label: "By name", by: (a, b) => a.title.localeCompare(b.title) },
];
const ANY = { value: "", label: "Any difficulty" };
const LEVELS = [ANY, ...DIFFICULTIES.map((value) => ({ value: value as string, label: words(value) }))];
const KEY = "deepracer-local.track-order";

export interface TrackChoice {
  text: string;
  level: string;
  sort: string;
  set: (part: Partial<Pick<TrackChoice, "text" | "level" | "sort">>) => void;
}

export function useTrackChoice(): TrackChoice {
  const [choice, setChoice] = useState({ text: "", level: "", sort: stored() });
  return {
    ...choice,
    set: (part) => {
      if (part.sort !== undefined) keep(part.sort);
      setChoice((before) => ({ ...before, ...part }));
    },
  };
}

/** Returns the tracks that fit, in the chosen order; `first` is put before all. */
export function useFitting(tracks: TrackView[] | undefined, { text, level, sort }: TrackChoice, first = ""): TrackView[] {
  return useMemo(() => {
    const { by } = SORTS.find(({ value }) => value === sort) ?? SORTS[0]!;
    return (tracks ?? [])
      .filter((track) => fits(track, text) && (level === "" || difficultyOf(track) === level))
      .sort((a, b) => Number(b.name === first) - Number(a.name === first) || by(a, b));
  }, [tracks, text, level, sort, first]);
}

export function TrackFilter({ choice }: { choice: TrackChoice }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <TextFilter filteringText={choice.text} filteringPlaceholder="Find a track" filteringAriaLabel="Find a track" onChange={({ detail }) => choice.set({ text: detail.filteringText })} />
      <Select
        ariaLabel="Difficulty"
        selectedOption={LEVELS.find(({ value }) => value === choice.level) ?? ANY}
        options={LEVELS}
        onChange={({ detail }) => choice.set({ level: detail.selectedOption.value ?? "" })}
      />
      <Select
        ariaLabel="Sort tracks"
        selectedOption={SORTS.find(({ value }) => value === choice.sort) ?? SORTS[0]!}
        options={SORTS}
        onChange={({ detail }) => choice.set({ sort: detail.selectedOption.value ?? "" })}
      />
    </SpaceBetween>
  );
}

const fits = (track: TrackView, text: string): boolean => `${track.name} ${track.title} ${track.description}`.toLowerCase().includes(text.trim().toLowerCase());

function stored(): string {
  try {
    return window.localStorage.getItem(KEY) ?? SORTS[0]!.value;
  } catch {
    return SORTS[0]!.value;
  }
}

function keep(sort: string): void {
  try {
    window.localStorage.setItem(KEY, sort);
  } catch {
    // A browser that keeps nothing still sorts.
  }
}
