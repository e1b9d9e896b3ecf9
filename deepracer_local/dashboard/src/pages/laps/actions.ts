/** How often a lap took which action. Pure. */
import type { Lap } from "./lap";

export interface ActionCount {
  label: string;
  count: number;
  share: number;
}

/** More different actions than this come from a continuous action space, which is told by its ranges. */
const MOST_ACTIONS = 30;
const RANGES = 9;

/** Returns the actions of a lap from left to right, the faster of two first. The first step is the start: no action. */
export function actionsOf(lap: Lap): ActionCount[] {
  const taken = lap.steer.map((steer, i) => ({ steer, speed: lap.throttle[i] ?? 0 })).slice(1);
  if (taken.length === 0) return [];
  const counts = new Map<string, { steer: number; speed: number; count: number }>();
  for (const { steer, speed } of taken) {
    const key = `${steer}:${speed}`;
    const seen = counts.get(key);
    if (seen) seen.count += 1;
    else counts.set(key, { steer, speed, count: 1 });
  }
  if (counts.size > MOST_ACTIONS) return rangesOf(taken);
  return [...counts.values()]
    .sort((a, b) => b.steer - a.steer || b.speed - a.speed)
    .map(({ steer, speed, count }) => ({ label: `${sideOf(steer)}, ${speed.toFixed(1)} m/s`, count, share: count / taken.length }));
}

function rangesOf(taken: { steer: number; speed: number }[]): ActionCount[] {
  const angles = taken.map((one) => one.steer);
  const [low, high] = [Math.min(...angles), Math.max(...angles)];
  const width = (high - low) / RANGES || 1;
  return Array.from({ length: RANGES }, (_, k) => {
    const i = RANGES - 1 - k;
    const [from, to] = [low + i * width, low + (i + 1) * width];
    const inside = taken.filter((one) => Math.min(RANGES - 1, Math.floor((one.steer - low) / width)) === i);
    const speed = inside.reduce((sum, one) => sum + one.speed, 0) / (inside.length || 1);
    const mean = inside.length > 0 ? `, mean ${speed.toFixed(1)} m/s` : "";
    return { label: `${from.toFixed(0)}° to ${to.toFixed(0)}°${mean}`, count: inside.length, share: inside.length / taken.length };
  });
}

function sideOf(steer: number): string {
  if (steer === 0) return "Straight";
  return `${steer > 0 ? "Left" : "Right"} ${Math.abs(steer).toFixed(0)}°`;
}
