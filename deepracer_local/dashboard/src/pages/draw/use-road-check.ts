/** What the service finds in the drawing, a quarter of a second after its last change. */
import { useEffect, useState } from "react";

import { call, messageOf } from "../../api/client";
import type { DrawnTrack } from "../../api/types";
import type { Sketch } from "./sketch";
import { MIN_POINTS } from "./spline";

const PATIENCE_MS = 250;

export interface RoadCheck {
  /** Of the newest drawing that was looked at. */
  answer: DrawnTrack | null;
  /** Why it could not be looked at. */
  error: string | null;
  isChecking: boolean;
}

export const bodyOf = (sketch: Sketch): Record<string, unknown> => ({
  points: sketch.points.map((point) => [point.x, point.y]),
  width_m: sketch.width,
});

export function useRoadCheck(sketch: Sketch): RoadCheck {
  const [check, setCheck] = useState<RoadCheck>({ answer: null, error: null, isChecking: true });
  const { points, width } = sketch;
  useEffect(() => {
    if (points.length < MIN_POINTS || !(width > 0)) {
      setCheck({ answer: null, error: null, isChecking: false });
      return undefined;
    }
    const controller = new AbortController();
    setCheck((before) => ({ ...before, isChecking: true }));
    const timer = window.setTimeout(async () => {
      try {
        const body = { ...bodyOf(sketch), dry_run: true };
        const answer = await call("POST /api/v1/tracks/drawn", { body, signal: controller.signal });
        setCheck({ answer, error: null, isChecking: false });
      } catch (error) {
        if (!controller.signal.aborted) setCheck({ answer: null, error: messageOf(error), isChecking: false });
      }
    }, PATIENCE_MS);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
    // Its title and description change nothing of the road.
  }, [points, width]);
  return check;
}
