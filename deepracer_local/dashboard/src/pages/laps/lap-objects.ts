/** What was on the road while a lap was driven. */
import type { ObjectsRow, RoadObjectView } from "../../api/types";
import { objectsBetween } from "../../parts/road-objects";
import { type Lap, stepAt } from "./lap";

/** What is on the road `t` seconds after the lap's beginning. */
export type ObjectsOver = (t: number) => RoadObjectView[];
/** Asks for what was on the road in an episode. */
export type Road = (episode: number) => Promise<ObjectsRow[]>;

const AN_EMPTY_ROAD: ObjectsOver = () => [];

/** Asks one road after another, the newest first, until there is what the lap began with. */
export async function objectsOf(lap: Lap, episode: number, roads: Road[]): Promise<ObjectsOver> {
  const rows: ObjectsRow[] = [];
  for (const road of roads) {
    rows.unshift(...(await road(episode)));
    if ((rows[0]?.steps ?? Number.POSITIVE_INFINITY) <= (lap.step[0] ?? 1)) break;
  }
  return rows.length === 0 ? AN_EMPTY_ROAD : (t) => objectsAt(rows, stepAt(lap, t));
}

/** A row holds until the next one; between two that follow each other step by step, objects are on their way. */
function objectsAt(rows: ObjectsRow[], step: number): RoadObjectView[] {
  const after = rows.findIndex((row) => row.steps > step);
  const before = rows[after < 0 ? rows.length - 1 : Math.max(0, after - 1)];
  const next = after > 0 ? rows[after] : undefined;
  if (before === undefined) return [];
  if (next === undefined || next.steps !== before.steps + 1) return before.objects;
  return objectsBetween(before.objects, next.objects, step - before.steps);
}
