/** Tries and paints the reward function while it is written: once the keys rest, and never two trials at a time. */
import { useEffect, useRef, useState } from "react";

import { call, messageOf } from "../../api/client";
import type { PreviewAnswer, RecordedLap } from "../../api/types";
import type { Finding } from "../../parts/code-editor";
import type { Told } from "../../parts/reward-parameters";

const REST_MS = 300;
const NO_FINDINGS: Finding[] = [];

export interface PreviewWish {
  text: string;
  track: string;
  isReversed: boolean;
  laps: RecordedLap[];
  /** The request's race; null for an empty road. */
  race: Record<string, unknown> | null;
  /** The stages, as text; empty for one. */
  curriculum: string;
}

export interface Preview {
  is: "resting" | "running" | "failed" | "done";
  /** Why it failed. */
  message: string;
  /** The newest answer about this text, or an earlier one while that is on its way. */
  answer: PreviewAnswer | null;
  /** The newest answer that had something to paint; a text with an error does not take the picture away. */
  picture: Picture | null;
  findings: Finding[];
}

export interface Picture {
  track: string;
  answer: PreviewAnswer;
  /** What the function is told, per lap and per heading of the grid. */
  told: Told;
  isStale: boolean;
}

export function useRewardPreview({ text, track, isReversed, laps, race, curriculum }: PreviewWish): Preview {
  const [is, setIs] = useState<Preview["is"]>("resting");
  const [message, setMessage] = useState("");
  const [answer, setAnswer] = useState<PreviewAnswer | null>(null);
  const [picture, setPicture] = useState<Omit<Picture, "isStale"> | null>(null);
  // What the function is told depends on the places alone, so it is asked for once.
  const known = useRef<{ places: string; told: Told } | null>(null);
  const places = JSON.stringify([track, isReversed, laps]);
  const road = JSON.stringify(race);

  useEffect(() => {
    if (text.trim() === "" || track === "") {
      setIs("resting");
      setAnswer(null);
      return undefined;
    }
    const abort = new AbortController();
    setIs("running");
    const timer = window.setTimeout(async () => {
      try {
        const [, , recorded] = JSON.parse(places) as [string, boolean, RecordedLap[]];
        const with_params = known.current?.places !== places;
        const body = { reward_function: text, track, reverse: isReversed, laps: recorded, race: JSON.parse(road) as Record<string, unknown> | null, curriculum: curriculum.trim() === "" ? null : curriculum, with_params };
        const found = await call("POST /api/v1/reward-functions/preview", { body, signal: abort.signal });
        if (with_params) known.current = { places, told: { laps: found.laps.map((lap) => lap.params ?? {}), grid: found.grid.params ?? [] } };
        setAnswer(found);
        if (found.low !== null && known.current) setPicture({ track, answer: found, told: known.current.told });
        setIs("done");
      } catch (error) {
        if (abort.signal.aborted) return;
        setMessage(messageOf(error));
        setIs("failed");
      }
    }, REST_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [text, track, isReversed, places, road, curriculum]);

  const shown = picture !== null && picture.track === track ? { ...picture, isStale: is === "running" || picture.answer !== answer } : null;
  return { is, message, answer, picture: shown, findings: answer?.findings ?? NO_FINDINGS };
}
