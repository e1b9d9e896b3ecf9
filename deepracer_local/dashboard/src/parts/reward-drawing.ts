/** Paints what a reward function pays: cells over the road, or the steps of laps. */
import type { PaintedGrid, PaintedLap, PreviewAnswer } from "../api/types";
import type { View } from "./track-drawing";

/** Cividis: even steps for every eye, the common colour blindnesses included (Nuñez, Anderton, Renslow 2018). */
export const REWARD_COLOURS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];

export interface Scale {
  low: number;
  high: number;
}

/** The middle 96 % of all rewards, so that a single one does not take all colours. */
export const scaleOf = (answer: PreviewAnswer): Scale => ({ low: answer.scale_low ?? 0, high: answer.scale_high ?? 0 });

function colourOf(reward: number | null | undefined, { low, high }: Scale): string | null {
  if (reward == null) return null;
  const share = high > low ? Math.min(1, Math.max(0, (reward - low) / (high - low))) : 0.5;
  const place = share * (REWARD_COLOURS.length - 1);
  const [from, to] = [REWARD_COLOURS[Math.floor(place)] ?? "", REWARD_COLOURS[Math.ceil(place)] ?? ""];
  const [a, b] = [channels(from), channels(to)];
  return `rgb(${a.map((value, i) => Math.round(value + ((b[i] ?? 0) - value) * (place % 1))).join(" ")})`;
}

const channels = (colour: string): number[] => [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));

export function drawGrid(context: CanvasRenderingContext2D, grid: PaintedGrid, heading: number, isClosed: boolean, scale: Scale, view: View): void {
  const across = grid.lanes.length;
  const corner = cornersOf(grid, isClosed, view);
  // What lies off the road first: in a tight bend it may reach over the road itself.
  const lanes = grid.lanes.map((lane, j) => ({ lane, j })).sort((a, b) => Math.abs(b.lane) - Math.abs(a.lane));
  for (const { j } of lanes) {
    for (let i = 0; i < grid.n_along; i += 1) {
      const colour = colourOf(grid.reward[heading]?.[i * across + j], scale);
      if (colour === null) continue;
      context.beginPath();
      [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)].forEach(([x, y], k) => (k === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
      context.closePath();
      context.fillStyle = context.strokeStyle = colour;
      context.lineWidth = 0.7; // no seam between neighbours
      context.fill();
      context.stroke();
    }
  }
}

/** Returns where the corner before place i and lane j is: the middle of the four places around it. */
function cornersOf(grid: PaintedGrid, isClosed: boolean, view: View): (i: number, j: number) => [number, number] {
  const [n, m] = [grid.n_along, grid.lanes.length];
  const along = (values: number[], i: number, j: number): number => {
    const at = (k: number) => values[k * m + j] ?? 0;
    if (i >= 0 && i < n) return at(i);
    if (isClosed) return at((i + n) % n);
    return i < 0 ? 2 * at(0) - at(1) : 2 * at(n - 1) - at(n - 2);
  };
  const place = (values: number[], i: number, j: number): number => {
    if (j < 0) return 2 * along(values, i, 0) - along(values, i, 1);
    if (j >= m) return 2 * along(values, i, m - 1) - along(values, i, m - 2);
    return along(values, i, j);
  };
  const middle = (values: number[], i: number, j: number) =>
    (place(values, i - 1, j - 1) + place(values, i, j - 1) + place(values, i - 1, j) + place(values, i, j)) / 4;
  return (i, j) => [view.left + middle(grid.x, i, j) * view.scale, view.top - middle(grid.y, i, j) * view.scale];
}

/** `chosen` is drawn last and larger; null draws all alike. */
export function drawLaps(context: CanvasRenderingContext2D, laps: PaintedLap[], chosen: number | null, scale: Scale, view: View): void {
  const order = laps.map((_, i) => i).sort((a, b) => Number(a === chosen) - Number(b === chosen));
  for (const i of order) {
    const lap = laps[i];
    const radius = Math.max(1.6, view.scale * (i === chosen ? 0.055 : 0.03));
    context.globalAlpha = chosen === null || i === chosen ? 1 : 0.55;
    lap?.reward.forEach((reward, step) => {
      const colour = colourOf(reward, scale);
      if (colour === null) return;
      context.beginPath();
      context.arc(view.left + (lap.x[step] ?? 0) * view.scale, view.top - (lap.y[step] ?? 0) * view.scale, radius, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
    });
  }
  context.globalAlpha = 1;
}

/** A ring that shows on every colour. */
export function drawMark(context: CanvasRenderingContext2D, x: number, y: number, view: View): void {
  for (const [colour, width] of [["#ffffff", 5], ["#d5006d", 2.5]] as const) {
    context.beginPath();
    context.arc(view.left + x * view.scale, view.top - y * view.scale, 8, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
