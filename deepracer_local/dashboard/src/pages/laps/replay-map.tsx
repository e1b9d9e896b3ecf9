/** The track with the laps that are replayed on it. Its lines are drawn when they change, its cars at every instant. */
import { useEffect, useMemo, useRef } from "react";

import type { TrackDetail } from "../../api/types";
import { drawObjects } from "../../parts/road-objects";
import { boundsOf, drawCar, drawTrack, type View, viewOf } from "../../parts/track-drawing";
import { useIsDark } from "../../shell/theme";
import type { ReplayClock } from "./clock";
import type { Corner } from "./corners";
import { colourOf, type Heat } from "./heat";
import { type Lap, type Line, pointAt } from "./lap";
import type { ObjectsOver } from "./lap-objects";
import type { Replay } from "./replay";

interface Props {
  track: TrackDetail;
  line: Line;
  laps: Lap[];
  /** Whose line is painted, whose car is ringed. */
  chosen: number;
  heat: Heat | null;
  corners: Corner[];
  worst: number | null;
  clock: ReplayClock;
  replay: Replay;
  /** What was on the road of the chosen lap. */
  objects: ObjectsOver;
  label: string;
}

/** The CSS variable of a lap's colour on the road, and of its curve on the page's ground. */
export const lapColour = (i: number): string => `--lap-${i + 1}`;
export const curveColour = (i: number): string => `--lap-curve-${i + 1}`;

type Context = CanvasRenderingContext2D;

/** A number's picture, and how far above the car's middle it begins. */
const NUMBER_PX = 24;
const NUMBER_ABOVE_PX = 28;

export function ReplayMap(props: Props) {
  const { track, clock } = props;
  const ground = useRef<HTMLCanvasElement>(null);
  const top = useRef<HTMLCanvasElement>(null);
  const newest = useRef(props);
  newest.current = props;
  const redraw = useRef<() => void>(() => undefined);
  const isDark = useIsDark();
  const bounds = useMemo(() => boundsOf(track), [track]);
  const ratio = (bounds.maxX - bounds.minX) / (bounds.maxY - bounds.minY);

  useEffect(() => {
    const [below, above] = [ground.current, top.current];
    const [lines, cars] = [below?.getContext("2d"), above?.getContext("2d")];
    if (!below || !above || !lines || !cars) return undefined;
    const style = getComputedStyle(below);
    const colours = Array.from({ length: 10 }, (_, i) => style.getPropertyValue(lapColour(i)).trim());
    const ring = style.getPropertyValue("--road-line").trim();
    let view: View = { scale: 1, left: 0, top: 0 };
    let numbers = numberPictures();

    const drawCars = () => {
      const { replay, chosen, objects } = newest.current;
      const ratioPx = window.devicePixelRatio;
      cars.setTransform(1, 0, 0, 1, 0, 0);
      cars.clearRect(0, 0, above.width, above.height);
      cars.scale(ratioPx, ratioPx);
      const instants = replay(clock.t);
      drawObjects(cars, objects(instants[chosen]?.t ?? 0), view, style);
      // The first lap is on top of the ghosts, the chosen one on top of all.
      const order = instants.map((_, i) => i).sort((a, b) => Number(a === chosen) - Number(b === chosen) || b - a);
      for (const i of order) {
        const instant = instants[i];
        if (!instant) continue;
        drawCar(cars, instant, view, colours[i] ?? "", i === chosen ? ring : null);
        const { x, y } = instant;
        cars.drawImage(numbers(i), Math.round(view.left + x * view.scale) - NUMBER_PX / 2, Math.round(view.top - y * view.scale) - NUMBER_ABOVE_PX, NUMBER_PX, NUMBER_PX);
      }
    };
    const drawAll = () => {
      const ratioPx = window.devicePixelRatio;
      const box = below.getBoundingClientRect();
      if (box.width === 0) return;
      for (const target of [below, above]) {
        target.width = Math.round(box.width * ratioPx);
        target.height = Math.round(box.height * ratioPx);
      }
      numbers = numberPictures(); // the window may have come to a finer screen
      lines.scale(ratioPx, ratioPx);
      view = viewOf(bounds, box.width, box.height);
      drawTrack(lines, track, view, style);
      drawLaps(lines, newest.current, view, colours);
      drawCorners(lines, newest.current, view, style);
      drawCars();
    };
    redraw.current = drawAll;
    const observer = new ResizeObserver(drawAll);
    observer.observe(below);
    drawAll();
    const stop = clock.onFrame(drawCars);
    return () => {
      observer.disconnect();
      stop();
    };
  }, [track, bounds, clock, isDark]);

  useEffect(() => redraw.current(), [props.laps, props.chosen, props.heat, props.corners, props.worst, props.replay, props.objects]);

  return (
    <div className="track-map laps-map" style={{ aspectRatio: String(ratio), maxHeight: 460 }}>
      <canvas ref={ground} role="img" aria-label={props.label} />
      <canvas ref={top} aria-hidden="true" data-testid="ghosts" />
    </div>
  );
}

function drawLaps(context: Context, { laps, chosen, heat }: Props, view: View, colours: string[]): void {
  context.lineJoin = "round";
  context.lineCap = "round";
  const at = (lap: Lap, i: number): [number, number] => [view.left + (lap.x[i] ?? 0) * view.scale, view.top - (lap.y[i] ?? 0) * view.scale];
  const trace = (lap: Lap) => {
    context.beginPath();
    lap.t.forEach((_, i) => context.lineTo(...at(lap, i)));
    context.stroke();
  };
  context.globalAlpha = 0.8;
  laps.forEach((lap, i) => {
    if (i === chosen) return;
    context.strokeStyle = colours[i] ?? "";
    context.lineWidth = 1.6;
    trace(lap);
  });
  context.globalAlpha = 1;
  const lap = laps[chosen];
  if (!lap) return;
  const width = Math.max(4, view.scale * 0.09);
  context.strokeStyle = heat ? "#ffffff" : (colours[chosen] ?? "");
  context.lineWidth = heat ? width + 2 : 3;
  trace(lap);
  if (!heat) return;
  context.lineWidth = width;
  for (let i = 1; i < lap.t.length; i++) {
    context.strokeStyle = colourOf(heat, heat.values[i] ?? null);
    context.beginPath();
    context.moveTo(...at(lap, i - 1));
    context.lineTo(...at(lap, i));
    context.stroke();
  }
}

/** Writes each corner's number beside the road; that of the worst in a filled circle. */
function drawCorners(context: Context, { corners, worst, line, track }: Props, view: View, style: CSSStyleDeclaration): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const corner of corners) {
    const [before, at, after] = [-0.1, 0, 0.1].map((shift) => pointAt(line, corner.apexM + shift));
    if (!before || !at || !after) continue;
    const away = Math.atan2(after[1] - before[1], after[0] - before[0]) + (corner.side === "left" ? 1 : -1) * (Math.PI / 2);
    const distance = track.width_m / 2 + 14 / view.scale;
    const [x, y] = [view.left + (at[0] + Math.cos(away) * distance) * view.scale, view.top - (at[1] + Math.sin(away) * distance) * view.scale];
    const isWorst = corner.number === worst;
    if (isWorst) {
      context.beginPath();
      context.arc(x, y, 11, 0, 2 * Math.PI);
      context.fillStyle = style.getPropertyValue("--worst");
      context.fill();
    }
    context.fillStyle = isWorst ? "#ffffff" : style.getPropertyValue("--chart-text");
    context.fillText(String(corner.number), x, y + 0.5);
  }
}

/** Returns the pictures of the laps' numbers, each drawn once: text costs more than all else of a car. */
function numberPictures(): (i: number) => HTMLCanvasElement {
  const made = new Map<number, HTMLCanvasElement>();
  return (i) => {
    const known = made.get(i);
    if (known) return known;
    const picture = document.createElement("canvas");
    picture.width = picture.height = Math.round(NUMBER_PX * window.devicePixelRatio);
    const context = picture.getContext("2d");
    if (context) {
      context.scale(window.devicePixelRatio, window.devicePixelRatio);
      drawNumber(context, i + 1, NUMBER_PX / 2, NUMBER_PX - 4);
    }
    made.set(i, picture);
    return picture;
  };
}

function drawNumber(context: Context, number: number, x: number, y: number): void {
  context.font = "700 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / 0.75)";
  context.strokeText(String(number), x, y);
  context.fillStyle = "#ffffff";
  context.fillText(String(number), x, y);
}
