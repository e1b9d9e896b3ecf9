/** Which step of a lap is shown: by the address, a scrub bar, keys, and the clock. */
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "wouter";

/** Control steps of simulated time. */
const STEPS_PER_S = 15;
const SETTLED_MS = 250;
export const PACES = [0.25, 0.5, 1];

export interface Player {
  index: number;
  isPlaying: boolean;
  pace: number;
  choose: (index: number) => void;
  move: (by: number) => void;
  toggle: () => void;
  setPace: (pace: number) => void;
}

/** `numbers` are those of the steps, in order; the address names one of them. */
export function usePlayer(numbers: number[]): Player {
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get("step"));
  const last = Math.max(0, numbers.length - 1);
  const [index, setIndex] = useState(() => indexOf(numbers, asked));
  const [isPlaying, setPlaying] = useState(false);
  const [pace, setPace] = useState(0.5);

  const choose = useCallback((wanted: number) => setIndex(Math.min(last, Math.max(0, wanted))), [last]);
  const move = useCallback((by: number) => setIndex((now) => Math.min(last, Math.max(0, now + by))), [last]);
  const toggle = useCallback(() => {
    setPlaying((was) => !was);
    // At the end there is nothing to play but the whole.
    if (!isPlaying) setIndex((now) => (now === last ? 0 : now));
  }, [isPlaying, last]);

  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = window.setInterval(() => move(1), 1000 / (STEPS_PER_S * pace));
    return () => window.clearInterval(timer);
  }, [isPlaying, pace, move]);

  useEffect(() => {
    if (isPlaying && index === last) setPlaying(false);
  }, [isPlaying, index, last]);

  // The address follows once the step rests: browsers refuse to change it many times a second.
  const number = numbers[index];
  useEffect(() => {
    if (isPlaying || number === undefined || number === asked) return undefined;
    const timer = window.setTimeout(() => {
      setSearch((before) => ({ ...Object.fromEntries(before), step: String(number) }), { replace: true });
    }, SETTLED_MS);
    return () => window.clearTimeout(timer);
  }, [isPlaying, number, asked, setSearch]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      // What has the focus may need the key itself: a scrub bar, a list, a button.
      if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, select, textarea, [role=listbox], [role=slider]")) return;
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") move(event.key === "ArrowLeft" ? -1 : 1);
      else if (event.key === " " && !target.closest("button, a, [role=button]")) toggle();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [move, toggle]);

  return { index, isPlaying, pace, choose, move, toggle, setPace };
}

/** The step that is asked for, or the first one behind it. */
function indexOf(numbers: number[], asked: number): number {
  const found = numbers.findIndex((number) => number >= asked);
  return found < 0 ? Math.max(0, numbers.length - 1) : found;
}
