/** What is on the road of a training beside the car; the names of the request are the original's in lower case. */

export const RACE_TYPES = [
  { value: "TIME_TRIAL", label: "Time trial", description: "An empty road: the car races against the clock." },
  { value: "OBJECT_AVOIDANCE", label: "Object avoidance", description: "Boxes stand on the road. The car has to get round them." },
  { value: "HEAD_TO_BOT", label: "Head to bot", description: "Other cars drive on the road, slower than yours." },
] as const;
export type RaceType = (typeof RACE_TYPES)[number]["value"];

export const MOST_OBSTACLES = 6;
export const MOST_BOTS = 4;

/** -1 is the outer lane, 1 the inner one. */
export type Lane = -1 | 1;

export interface Obstacle {
  /** Share of the lap from the start line, in the order of the track's file. */
  share: number;
  lane: Lane;
}

export interface Race {
  type: RaceType;
  /** Where boxes stand that are put by hand. */
  obstacles: Obstacle[];
  /** Boxes are at other places in every episode. */
  isRandom: boolean;
  obstacleCount: string;
  obstacleDistance: string;
  /** Standing cars instead of boxes. */
  isCar: boolean;
  botCount: string;
  botDistance: string;
  botSpeed: string;
  isBotRandom: boolean;
  changesLanes: boolean;
  lowerChange: string;
  upperChange: string;
}

export const TIME_TRIAL: Race = {
  type: "TIME_TRIAL",
  obstacles: [
    { share: 0.2, lane: -1 },
    { share: 0.5, lane: 1 },
    { share: 0.8, lane: -1 },
  ],
  isRandom: false,
  obstacleCount: "3",
  obstacleDistance: "2",
  isCar: false,
  botCount: "3",
  botDistance: "2",
  botSpeed: "0.2",
  isBotRandom: false,
  changesLanes: false,
  lowerChange: "3",
  upperChange: "5",
};

/** Returns the request's `race`; null for an empty road. */
export function raceRequestOf(race: Race): Record<string, unknown> | null {
  if (race.type === "TIME_TRIAL") return null;
  if (race.type === "OBJECT_AVOIDANCE")
    return {
      race_type: race.type,
      is_obstacle_bot_car: race.isCar,
      ...(race.isRandom
        ? { number_of_obstacles: Number(race.obstacleCount), min_distance_between_obstacles: Number(race.obstacleDistance), randomize_obstacle_locations: true }
        : { object_positions: race.obstacles.map(({ share, lane }) => `${share},${lane}`) }),
    };
  return {
    race_type: race.type,
    number_of_bot_cars: Number(race.botCount),
    min_distance_between_bot_cars: Number(race.botDistance),
    randomize_bot_car_locations: race.isBotRandom,
    bot_car_speed: Number(race.botSpeed),
    is_lane_change: race.changesLanes,
    ...(race.changesLanes ? { lower_lane_change_time: Number(race.lowerChange), upper_lane_change_time: Number(race.upperChange) } : {}),
  };
}

/** Reads the race of a model that was asked for. */
export function raceOf(spec: Record<string, unknown>): Race {
  const text = (name: string, other: string) => (typeof spec[name] === "number" ? String(spec[name]) : other);
  const positions = Array.isArray(spec["object_positions"]) ? (spec["object_positions"] as string[]) : [];
  const type = RACE_TYPES.find(({ value }) => value === spec["race_type"])?.value ?? "TIME_TRIAL";
  return {
    type,
    obstacles: positions.length > 0 ? positions.map(obstacleOf) : TIME_TRIAL.obstacles,
    isRandom: type === "OBJECT_AVOIDANCE" && positions.length === 0,
    obstacleCount: text("number_of_obstacles", TIME_TRIAL.obstacleCount),
    obstacleDistance: text("min_distance_between_obstacles", TIME_TRIAL.obstacleDistance),
    isCar: spec["is_obstacle_bot_car"] === true,
    botCount: text("number_of_bot_cars", TIME_TRIAL.botCount),
    botDistance: text("min_distance_between_bot_cars", TIME_TRIAL.botDistance),
    botSpeed: text("bot_car_speed", TIME_TRIAL.botSpeed),
    isBotRandom: spec["randomize_bot_car_locations"] === true,
    changesLanes: spec["is_lane_change"] === true,
    lowerChange: text("lower_lane_change_time", TIME_TRIAL.lowerChange),
    upperChange: text("upper_lane_change_time", TIME_TRIAL.upperChange),
  };
}

/** Returns what is wrong with a race as a sentence; null where all is well. */
export function faultOfRace(race: Race): string | null {
  const isIn = (text: string, low: number, high: number) => text.trim() !== "" && Number(text) >= low && Number(text) <= high;
  const isWhole = (text: string, high: number) => isIn(text, 1, high) && Number.isInteger(Number(text));
  if (race.type === "OBJECT_AVOIDANCE" && race.isRandom) {
    if (!isWhole(race.obstacleCount, MOST_OBSTACLES)) return `Expected 1 to ${MOST_OBSTACLES} obstacles.`;
    if (!isIn(race.obstacleDistance, 0.5, 50)) return "Expected a distance between obstacles from 0.5 to 50 m.";
  }
  if (race.type === "OBJECT_AVOIDANCE" && !race.isRandom && race.obstacles.length === 0) return "Put at least one obstacle on the road.";
  if (race.type === "HEAD_TO_BOT") {
    if (!isWhole(race.botCount, MOST_BOTS)) return `Expected 1 to ${MOST_BOTS} other cars.`;
    if (!isIn(race.botDistance, 0.5, 50)) return "Expected a distance between the cars from 0.5 to 50 m.";
    if (!isIn(race.botSpeed, 0, 4)) return "Expected a speed of the other cars from 0 to 4 m/s.";
    if (race.changesLanes && !(isIn(race.lowerChange, 0.1, 60) && isIn(race.upperChange, Number(race.lowerChange), 60)))
      return "Expected seconds in a lane from 0.1 to 60, the shortest before the longest.";
  }
  return null;
}

/** Says in a few words what is on the road. */
export function saidOfRace(race: Race): string {
  if (race.type === "TIME_TRIAL") return "Time trial, an empty road";
  if (race.type === "HEAD_TO_BOT") return `Head to bot, ${race.botCount} at ${race.botSpeed} m/s${race.changesLanes ? ", changing lanes" : ""}`;
  const what = race.isCar ? "standing cars" : "boxes";
  return `Object avoidance, ${race.isRandom ? `${race.obstacleCount} ${what} at random places` : `${race.obstacles.length} ${what} at fixed places`}`;
}

function obstacleOf(text: string): Obstacle {
  const [share, lane] = text.split(",").map(Number);
  return { share: share ?? 0, lane: lane === -1 ? -1 : 1 };
}
