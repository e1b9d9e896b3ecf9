/** A track from above, and while a job runs all of its cars, as they are pushed. */
import { useEffect, useMemo, useRef } from "react";

import { carsOn } from "../api/leader";
import { useLive } from "../api/live";
import { useTrack } from "../api/queries";
import type { TrackDetail } from "../api/types";
import { useIsDark } from "../shell/theme";
import { Loaded } from "../shell/states";
import { shareSince } from "./live-cars";
import { drawObjects, liveObjects } from "./road-objects";
import { boundsOf, drawCars, drawTrack, viewOf } from "./track-drawing";

interface Props {
  track: string;
  /** Whose cars to show. */
  jobId?: string;
  /** What that job calls the track; null or left out where it has no other. */
  road?: string | null;
  /** The number of the car to mark. */
  chosen?: number | null;
  maxHeight?: number;
}

export function TrackMap(props: Props) {
  return (
    <Loaded query={useTrack(props.track)} what={`the track ${props.track}`}>
      {(track) => <Map {...props} detail={track} />}
    </Loaded>
  );
}

function Map({ detail, jobId, road = null, chosen = null, maxHeight = 420 }: Props & { detail: TrackDetail }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useLive();
  const isDark = useIsDark();
  const marked = useRef(chosen);
  marked.current = chosen;
  const bounds = useMemo(() => boundsOf(detail), [detail]);
  const ratio = (bounds.maxX - bounds.minX) / (bounds.maxY - bounds.minY);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return undefined;
    const background = document.createElement("canvas");
    const style = getComputedStyle(document.body);
    const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const objects = jobId === undefined ? () => [] : liveObjects(live, jobId, () => marked.current ?? live.leaderOf(jobId, road), isStill);
    let frame = 0;
    let shown: unknown;

    const draw = (isForced: boolean) => {
      const seen = jobId === undefined ? undefined : live.telemetry.get(jobId);
      const share = seen === undefined || isStill ? 1 : shareSince(seen.atMs);
      const state = seen === undefined ? "none" : `${seen.current.number}:${share.toFixed(2)}:${marked.current}`;
      if (!isForced && state === shown) return;
      shown = state;
      const ratioPx = window.devicePixelRatio;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      context.drawImage(background, 0, 0);
      if (seen === undefined) return;
      context.scale(ratioPx, ratioPx);
      const view = viewOf(bounds, element.width / ratioPx, element.height / ratioPx);
      drawObjects(context, objects(), view, style);
      drawCars(context, carsOn(seen.current.cars, road), seen.previous?.cars ?? null, share, view, style, marked.current);
    };
    const fit = () => {
      const ratioPx = window.devicePixelRatio;
      const box = element.getBoundingClientRect();
      if (box.width === 0) return;
      for (const target of [element, background]) {
        target.width = Math.round(box.width * ratioPx);
        target.height = Math.round(box.height * ratioPx);
      }
      const ground = background.getContext("2d");
      if (!ground) return;
      ground.scale(ratioPx, ratioPx);
      drawTrack(ground, detail, viewOf(bounds, box.width, box.height), style);
      draw(true);
    };
    const loop = () => {
      draw(false);
      frame = window.requestAnimationFrame(loop);
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    if (jobId !== undefined) frame = window.requestAnimationFrame(loop);
    return () => {
      observer.disconnect();
      window.cancelAnimationFrame(frame);
    };
  }, [detail, bounds, jobId, road, live, isDark]);

  const label = jobId === undefined ? `The track ${detail.title} from above` : `The cars on the track ${detail.title}, live, from above`;
  return (
    <div className="track-map" style={{ aspectRatio: String(ratio), maxHeight }}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
