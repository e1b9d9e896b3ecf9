/** What is on the road beside the cars that learn: boxes, and other cars. */
import type { LiveStore } from "../api/live";
import type { RoadObjectView } from "../api/types";
import { shareSince } from "./live-cars";
import { between, type View } from "./track-drawing";

/** Asked for every picture, as the cars are. */
export type ObjectSource = () => readonly RoadObjectView[];

const SMALLEST_PX = 5;

/** Returns what is on the road of the followed car of a job: each drives on a road of its own. */
export function liveObjects(live: LiveStore, jobId: string, followed: () => number | null, isStill: boolean): ObjectSource {
  return () => {
    const seen = live.telemetry.get(jobId);
    if (seen === undefined) return [];
    const car = followed();
    const of = (telemetry: typeof seen.previous) => telemetry?.cars.find((one) => one.car === car)?.objects ?? [];
    return objectsBetween(of(seen.previous), of(seen.current), isStill ? 1 : shareSince(seen.atMs));
  };
}

/** Where objects are, a `share` of the way from one instant to the next; those of other number or kind have been put there anew. */
export function objectsBetween(before: readonly RoadObjectView[], now: readonly RoadObjectView[], share: number): RoadObjectView[] {
  return now.map((one, i) => ({ ...one, ...between(before[i]?.kind === one.kind ? before[i] : undefined, one, share) }));
}

/** A box with its tape, or another car with its window. */
export function drawObjects(context: CanvasRenderingContext2D, objects: readonly RoadObjectView[], view: View, style: CSSStyleDeclaration): void {
  if (objects.length === 0) return; // asking for a style between two pictures has the browser look at the whole page
  const [edge, box, bot] = ["--object-edge", "--box", "--bot"].map((name) => style.getPropertyValue(name).trim()) as [string, string, string];
  for (const one of objects) {
    const length = Math.max(SMALLEST_PX, one.length * view.scale);
    const width = Math.max(SMALLEST_PX, one.width * view.scale);
    context.save();
    context.translate(view.left + one.x * view.scale, view.top - one.y * view.scale);
    context.rotate((-one.yaw * Math.PI) / 180);
    context.beginPath();
    context.roundRect(-length / 2, -width / 2, length, width, one.kind === "box" ? 1 : width / 3);
    context.fillStyle = one.kind === "box" ? box : bot;
    context.fill();
    context.strokeStyle = edge;
    context.lineWidth = 1.4;
    context.stroke();
    context.fillStyle = edge;
    if (one.kind === "box") context.fillRect(-length / 2, -width * 0.08, length, width * 0.16);
    else context.fillRect(length * 0.08, -width * 0.3, length * 0.16, width * 0.6);
    context.restore();
  }
}
