/** What a reward function is given, for completion: name, type, unit and meaning. docs/reward_parameters.md says more. */
export interface RewardParameter {
  name: string;
  type: string;
  meaning: string;
}

/** What a function is told at some places: a value per place, by name. */
export type Columns = Record<string, unknown[]>;

export interface Told {
  /** Per lap; a value per step. */
  laps: Columns[];
  /** Per heading; a value per place. */
  grid: Columns[];
}

const p = (name: string, type: string, meaning: string): RewardParameter => ({ name, type, meaning });

export const REWARD_PARAMETERS: RewardParameter[] = [
  p("all_wheels_on_track", "bool", "True while all four wheels are on the road"),
  p("x", "float, m", "front of the car in the world"),
  p("y", "float, m", "front of the car in the world"),
  p("heading", "float, degrees (-180, 180]", "direction of the nose, counter-clockwise from the x axis"),
  p("is_offtrack", "bool", "True when no wheel is on the road; ends the episode"),
  p("is_crashed", "bool", "True when the car touches something; ends the episode"),
  p("is_reversed", "bool", "True when driving against the order of the track's rows"),
  p("distance_from_center", "float, m", "from the front of the car to the centre line"),
  p("is_left_of_center", "bool", "True on the left of the centre line"),
  p("track_width", "float, m", "width of the road here"),
  p("track_length", "float, m", "length of the centre line"),
  p("progress", "float, 0 to 100 %", "share of the lap since the start of the episode"),
  p("steps", "int", "control steps of the episode, 15 per second; the first call sees 2"),
  p("sim_time", "float, s", "simulated time since the start of the episode"),
  p("projection_distance", "float, m", "place along the centre line"),
  p("waypoints", "list of (x, y), m", "vertices of the centre line"),
  p("closest_waypoints", "[behind, ahead]", "indices of the waypoints next to the car"),
  p("speed", "float, m/s", "commanded speed of this step"),
  p("steering_angle", "float, degrees", "commanded angle, left is positive"),
  p("closest_objects", "[behind, ahead]", "indices of the objects next to the car"),
  p("objects_location", "list of [x, y], m", "where objects are"),
  p("objects_distance", "list of float, m", "their places along the centre line"),
  p("objects_distance_from_center", "list of float, m", "from their centres to the centre line"),
  p("objects_left_of_center", "list of bool", "which are left of the centre line"),
  p("objects_heading", "list of float, degrees", "where they point"),
  p("objects_speed", "list of float, m/s", "how fast they move"),
  p("object_in_camera", "bool", "True while one is in the picture"),
];

const UNITS: Record<string, string> = { "float, m": " m", "float, s": " s", "float, m/s": " m/s", "float, degrees": "°", "float, 0 to 100 %": " %" };

/** "1.07 m", "True", "[3, 4]": a value with its unit, as Python would write it. */
export function written({ type }: RewardParameter, value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  if (typeof value !== "number") return String(value);
  const unit = Object.entries(UNITS).find(([start]) => type === start || type.startsWith(`${start} `))?.[1] ?? "";
  const digits = type === "int" ? 0 : Math.abs(value) >= 100 ? 1 : 2;
  return `${value.toFixed(digits)}${unit}`;
}

/** What one place is told, by name, with units. */
export function writtenAt(columns: Columns | undefined, i: number): Record<string, string> {
  const found: Record<string, string> = {};
  for (const parameter of REWARD_PARAMETERS) {
    const value = columns?.[parameter.name]?.[i];
    if (value !== undefined) found[parameter.name] = written(parameter, value);
  }
  return found;
}
