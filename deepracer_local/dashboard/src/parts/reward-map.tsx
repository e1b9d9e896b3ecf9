/** The track painted with what a reward function pays; a place on it can be chosen by pointer and by keys. */
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef } from "react";

import type { PreviewAnswer, RoadObjectView, TrackDetail } from "../api/types";
import { useIsDark } from "../shell/theme";
import { drawGrid, drawLaps, drawMark, scaleOf } from "./reward-drawing";
import { drawObjects } from "./road-objects";
import { boundsOf, drawBorders, drawTrack, type View, viewOf } from "./track-drawing";

export type Scene = { is: "laps"; lap: number } | { is: "grid"; heading: number };

interface Props {
  detail: TrackDetail;
  answer: PreviewAnswer;
  scene: Scene;
  /** The step of the lap, or the place of the grid, that is marked. */
  place?: number;
  /** What is on the road at that instant. */
  objects?: readonly RoadObjectView[];
  /** Says in words what is marked. */
  said?: string;
  /** Without it the picture is only looked at, and `label` says what it is. */
  onChoose?: (place: number) => void;
  label: string;
  isStale?: boolean;
  maxHeight?: number;
}

const AN_EMPTY_ROAD: RoadObjectView[] = [];

export function RewardMap({ detail, answer, scene, place, objects = AN_EMPTY_ROAD, said, onChoose, label, isStale = false, maxHeight = 380 }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useIsDark();
  const bounds = useMemo(() => boundsOf(detail), [detail]);
  const ratio = (bounds.maxX - bounds.minX) / (bounds.maxY - bounds.minY);
  const view = useRef<View | null>(null);
  const points = scene.is === "laps" ? answer.laps[scene.lap] : answer.grid;

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return undefined;
    const draw = () => {
      const ratioPx = window.devicePixelRatio;
      const box = element.getBoundingClientRect();
      if (box.width === 0) return;
      element.width = Math.round(box.width * ratioPx);
      element.height = Math.round(box.height * ratioPx);
      context.scale(ratioPx, ratioPx);
      const shown = viewOf(bounds, box.width, box.height);
      view.current = shown;
      const style = getComputedStyle(document.body);
      drawTrack(context, detail, shown, style);
      if (scene.is === "laps") {
        drawLaps(context, answer.laps, scene.lap, scaleOf(answer), shown);
      } else {
        drawGrid(context, answer.grid, scene.heading, detail.is_closed, scaleOf(answer), shown);
        drawBorders(context, detail, shown, style);
      }
      drawObjects(context, objects, shown, style);
      const [x, y] = place === undefined ? [] : [points?.x[place], points?.y[place]];
      if (x !== undefined && y !== undefined) drawMark(context, x, y, shown);
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    draw();
    return () => observer.disconnect();
  }, [detail, bounds, answer, scene, place, points, objects, isDark]);

  const box = { className: isStale ? "track-map is-stale" : "track-map", style: { aspectRatio: String(ratio), maxHeight } };
  if (onChoose === undefined || points === undefined || place === undefined)
    return (
      <div {...box}>
        <canvas ref={canvas} role="img" aria-label={label} />
      </div>
    );
  const pick = (event: PointerEvent<HTMLElement>) => {
    const shown = view.current;
    if (!shown) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - left - shown.left) / shown.scale, (shown.top - (event.clientY - top)) / shown.scale];
    onChoose(nearest(points.x, points.y, x, y));
  };
  const press = (event: KeyboardEvent) => {
    const to = moved(event.key, place, points.x.length, scene.is === "grid" ? answer.grid.lanes.length : 1);
    if (to === null) return;
    event.preventDefault();
    onChoose(to);
  };
  return (
    <div
      {...box}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={points.x.length}
      aria-valuenow={place + 1}
      aria-valuetext={said ?? ""}
      onPointerMove={pick}
      onPointerDown={pick}
      onKeyDown={press}
    >
      <canvas ref={canvas} />
    </div>
  );
}

function nearest(xs: number[], ys: number[], x: number, y: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  xs.forEach((other, i) => {
    const far = (other - x) ** 2 + ((ys[i] ?? 0) - y) ** 2;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

/** Left and right go along the lap, up and down across the road; null for a key that means nothing here. */
function moved(key: string, place: number, n: number, lanes: number): number | null {
  const steps: Record<string, number> = { ArrowRight: lanes, ArrowLeft: -lanes, ArrowUp: 1, ArrowDown: -1, PageUp: 10 * lanes, PageDown: -10 * lanes };
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  const step = steps[key];
  if (step === undefined) return null;
  const to = place + step;
  if (lanes > 1 && Math.abs(step) === 1) return Math.floor(to / lanes) === Math.floor(place / lanes) ? to : place;
  return Math.abs(step) === lanes ? (to + n) % n : Math.min(n - 1, Math.max(0, to));
}
