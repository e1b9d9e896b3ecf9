/** Which part of the ground is seen, and where metres are in pixels: x to the right, y upwards. */
import type { Point } from "./spline";

export interface Viewport {
  /** The middle, in metres. */
  x: number;
  y: number;
  /** Pixels per metre. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const [FAREST, NEAREST] = [4, 400];
const MARGIN_M = 0.7;
const GRIDS_M = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
const GRID_PX = 34;

export const toPixels = (view: Viewport, size: Size, point: Point): Point => ({
  x: size.width / 2 + (point.x - view.x) * view.scale,
  y: size.height / 2 - (point.y - view.y) * view.scale,
});

export const toMetres = (view: Viewport, size: Size, pixel: Point): Point => ({
  x: view.x + (pixel.x - size.width / 2) / view.scale,
  y: view.y - (pixel.y - size.height / 2) / view.scale,
});

/** Returns the view that shows all of `points`. */
export function fitted(points: Point[], size: Size, width: number): Viewport {
  if (points.length === 0) return { x: 0, y: 0, scale: 60 };
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
  const [low, high] = [{ x: Math.min(...xs), y: Math.min(...ys) }, { x: Math.max(...xs), y: Math.max(...ys) }];
  const around = 2 * MARGIN_M + width;
  const scale = Math.min(size.width / (high.x - low.x + around), size.height / (high.y - low.y + around));
  return { x: (low.x + high.x) / 2, y: (low.y + high.y) / 2, scale: bounded(scale) };
}

/** Returns the view `factor` times as near, with what is at `pixel` staying there. */
export function zoomed(view: Viewport, size: Size, factor: number, pixel: Point = { x: size.width / 2, y: size.height / 2 }): Viewport {
  const scale = bounded(view.scale * factor);
  const place = toMetres(view, size, pixel);
  return {
    x: place.x - (pixel.x - size.width / 2) / scale,
    y: place.y + (pixel.y - size.height / 2) / scale,
    scale,
  };
}

/** Returns the distance of grid lines that are well apart. */
export const gridOf = (view: Viewport): number => GRIDS_M.find((step) => step * view.scale >= GRID_PX) ?? 500;

/** Returns the multiples of `step` that are seen along one side. */
export function linesOf(middle: number, pixels: number, view: Viewport, step: number): number[] {
  const half = pixels / 2 / view.scale;
  const [first, last] = [Math.ceil((middle - half) / step), Math.floor((middle + half) / step)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

const bounded = (scale: number): number => Math.min(NEAREST, Math.max(FAREST, scale));
