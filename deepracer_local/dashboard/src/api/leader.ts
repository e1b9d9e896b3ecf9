/** Which car is followed where none is chosen: the one that is furthest, without changing it at every step. */
import type { CarState } from "./socket";

/** Percent of the lap by which another car must be ahead before it is followed instead. */
const LEAD = 4;

/** By the track that the cars are on; "" where there is one. */
export type Leaders = ReadonlyMap<string, number>;

/** Returns the number of the car to follow on each track; `before` are those that were followed until now. */
export function leadersOf(cars: readonly CarState[], before: Leaders | null): Leaders {
  const furthest = new Map<string, CarState>();
  for (const car of cars) {
    const best = furthest.get(car.track ?? "");
    if (best === undefined || car.progress > best.progress) furthest.set(car.track ?? "", car);
  }
  const leaders = new Map<string, number>();
  for (const [track, best] of furthest) {
    const kept = cars.find((car) => car.car === before?.get(track) && (car.track ?? "") === track);
    leaders.set(track, kept && best.progress - kept.progress < LEAD ? kept.car : best.car);
  }
  return leaders;
}

/** Returns the cars on a track; null for all. Cars that tell of none are on the only one. */
export const carsOn = (cars: readonly CarState[], road: string | null): readonly CarState[] =>
  road === null ? cars : cars.filter((car) => car.track === undefined || car.track === road);
