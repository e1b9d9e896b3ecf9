/** The saliency map of a step: read, painted, and said in words. */
import type { LapInsight, InsightStep } from "../../api/types";

/** The colours of Okabe and Ito, which people with any common colour blindness can tell apart. */
export const FOR = "#e69f00";
export const AGAINST = "#56b4e9";
const OPAQUE = 0.9;

/** Shares of the strongest cell, from -1 to 1, row by row from the top left. */
export function sharesOf(step: InsightStep): Float32Array {
  const bytes = Uint8Array.from(atob(step.saliency), (letter) => letter.charCodeAt(0));
  return Float32Array.from(new Int8Array(bytes.buffer), (value) => value / 127);
}

/** What all cells together add to the log-probability of the chosen action. */
export const totalOf = (step: InsightStep) => step.strongest * sharesOf(step).reduce((sum, share) => sum + share, 0);

/** Paints a pixel for each cell; whoever shows them larger lets the browser blend them. */
export function paint(context: CanvasRenderingContext2D, shares: Float32Array, strength: number): void {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  shares.forEach((share, i) => {
    const colour = Number.parseInt((share > 0 ? FOR : AGAINST).slice(1), 16);
    image.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255 * Math.min(1, OPAQUE * strength * Math.abs(share) ** 0.75)], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

/** Where the cells lie that speak most for the action: "on the right, at middle height". */
export function placeOf(shares: Float32Array, insight: LapInsight): string {
  let [x, y, sum] = [0, 0, 0];
  shares.forEach((share, i) => {
    // The square: many faint cells shall not pull the place away from the few that count.
    const weight = Math.max(0, share) ** 2;
    x += weight * (((i % insight.columns) + 0.5) / insight.columns);
    y += weight * ((Math.floor(i / insight.columns) + 0.5) / insight.rows);
    sum += weight;
  });
  if (sum === 0) return "nowhere";
  const third = (share: number) => Math.min(2, Math.floor(3 * share));
  const across = ["on the left", "in the middle", "on the right"][third(x / sum)];
  const down = ["at the top", "at middle height", "at the bottom"][third(y / sum)];
  return `${across}, ${down}`;
}
