/** Draws a track and the cars on it into a canvas. Metres become pixels here and nowhere else. */
import type { CarState } from "../api/socket";
import type { TrackDetail } from "../api/types";

type Line = number[][];

/** Where metres are on the canvas: x to the right, y upwards. */
export interface View {
  scale: number;
  left: number;
  top: number;
}

/** Where something is and looks: metres and degrees. */
export interface Place {
  x: number;
  y: number;
  yaw: number;
}

export interface Bounds {
  minX: number;
  maxX: number;
  minY: number;
  maxY: number;
}

const MARGIN_M = 0.35;
const CAR_LENGTH_M = 0.42;
/** A car that was set back is not drawn on its way there. */
const JUMP_M = 1.5;
export const CAR_COLOURS = ["--series-1", "--series-5", "--series-3", "--series-2", "--series-4"];

export function boundsOf(track: TrackDetail): Bounds {
  const points = [...track.outer, ...track.inner] as Line;
  const [xs, ys] = [points.map((p) => p[0] ?? 0), points.map((p) => p[1] ?? 0)];
  return {
    minX: Math.min(...xs) - MARGIN_M,
    maxX: Math.max(...xs) + MARGIN_M,
    minY: Math.min(...ys) - MARGIN_M,
    maxY: Math.max(...ys) + MARGIN_M,
  };
}

export function viewOf(bounds: Bounds, width: number, height: number): View {
  const [w, h] = [bounds.maxX - bounds.minX, bounds.maxY - bounds.minY];
  const scale = Math.min(width / w, height / h);
  return { scale, left: (width - w * scale) / 2 - bounds.minX * scale, top: (height + h * scale) / 2 + bounds.minY * scale };
}

export function drawTrack(context: CanvasRenderingContext2D, track: TrackDetail, view: View, style: CSSStyleDeclaration): void {
  const colour = (name: string) => style.getPropertyValue(name);
  context.lineJoin = "round";
  context.beginPath();
  if (track.is_closed) {
    trace(context, track.outer, view, true);
    trace(context, track.inner, view, true);
  } else {
    trace(context, [...track.outer, ...[...track.inner].reverse()], view, true);
  }
  context.fillStyle = colour("--road");
  context.fill("evenodd");
  drawBorders(context, track, view, style);
  context.strokeStyle = colour("--road-line");
  context.lineWidth = Math.max(1, view.scale * 0.025);
  context.setLineDash([view.scale * 0.22, view.scale * 0.22]);
  stroke(context, track.centre, view, track.is_closed);
  context.setLineDash([]);
  context.strokeStyle = colour("--road-edge");
  context.lineWidth = Math.max(2, view.scale * 0.07);
  stroke(context, [track.inner[0] ?? [], track.outer[0] ?? []], view, false);
}

export function drawBorders(context: CanvasRenderingContext2D, track: TrackDetail, view: View, style: CSSStyleDeclaration): void {
  context.strokeStyle = style.getPropertyValue("--road-edge");
  context.lineWidth = Math.max(1, view.scale * 0.05);
  for (const line of [track.outer, track.inner]) stroke(context, line, view, track.is_closed);
}

/** `share` of the way from where the cars were before to where they are. */
export function drawCars(
  context: CanvasRenderingContext2D,
  cars: readonly CarState[],
  before: CarState[] | null,
  share: number,
  view: View,
  style: CSSStyleDeclaration,
  chosen: number | null,
): void {
  if (cars.length === 0) return;
  const earlier = new Map((before ?? []).map((car) => [car.car, car]));
  const colours = CAR_COLOURS.map((name) => style.getPropertyValue(name));
  const ring = style.getPropertyValue("--road-line");
  for (const car of cars) {
    const colour = colours[car.car % colours.length] ?? "";
    drawCar(context, between(earlier.get(car.car), car, share), view, colour, car.car === chosen ? ring : null);
  }
}

/** `ring` is the colour of a circle around it; null for none. */
export function drawCar(context: CanvasRenderingContext2D, place: Place, view: View, colour: string, ring: string | null): void {
  const half = Math.max(5, (CAR_LENGTH_M * view.scale) / 2);
  context.save();
  context.translate(view.left + place.x * view.scale, view.top - place.y * view.scale);
  if (ring !== null) {
    context.beginPath();
    context.arc(0, 0, half * 1.7, 0, 2 * Math.PI);
    context.strokeStyle = ring;
    context.lineWidth = 2;
    context.stroke();
  }
  context.rotate((-place.yaw * Math.PI) / 180);
  context.beginPath();
  context.moveTo(half, 0);
  context.lineTo(-half, half * 0.6);
  context.lineTo(-half * 0.6, 0);
  context.lineTo(-half, -half * 0.6);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1.2;
  context.stroke();
  context.restore();
}

/** Where something is, a `share` of the way from one message to the next. */
export function between(before: Place | undefined, now: Place, share: number): Place {
  if (!before || Math.hypot(now.x - before.x, now.y - before.y) > JUMP_M) return { x: now.x, y: now.y, yaw: now.yaw };
  const turn = ((now.yaw - before.yaw + 540) % 360) - 180;
  return {
    x: before.x + (now.x - before.x) * share,
    y: before.y + (now.y - before.y) * share,
    yaw: before.yaw + turn * share,
  };
}

function trace(context: CanvasRenderingContext2D, line: Line, view: View, isClosed: boolean): void {
  line.forEach(([x = 0, y = 0], i) => {
    const [px, py] = [view.left + x * view.scale, view.top - y * view.scale];
    if (i === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  });
  if (isClosed) context.closePath();
}

function stroke(context: CanvasRenderingContext2D, line: Line, view: View, isClosed: boolean): void {
  context.beginPath();
  trace(context, line, view, isClosed);
  context.stroke();
}
