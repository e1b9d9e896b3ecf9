/** Which car is followed where none is chosen: the one that is furthest, without changing it at every step. */
import type { CarState } from "./socket";

/** Percent of the lap by which another car must be ahead before it is followed instead. */
const LEAD = 4;

/** Returns the number of the car to follow; `before` is the one that was followed until now. */
export function leaderOf(cars: readonly CarState[], before: number | null): number | null {
  const furthest = cars.reduce<CarState | null>((best, car) => (best && best.progress >= car.progress ? best : car), null);
  const kept = cars.find((car) => car.car === before);
  if (!furthest) return null;
  return kept && furthest.progress - kept.progress < LEAD ? kept.car : furthest.car;
}
