/** The sensors that a model may read. */

export interface SensorHelp {
  value: string;
  label: string;
  /** What it is good for. */
  description: string;
}

export const CAMERAS: SensorHelp[] = [
  { value: "FRONT_FACING_CAMERA", label: "Front camera", description: "One grey picture of the road ahead. Enough for a time trial, and on every car." },
  { value: "STEREO_CAMERAS", label: "Stereo cameras", description: "Two pictures from two eyes: how far things are away can be learned. For obstacles and other cars." },
  { value: "LEFT_CAMERA", label: "Left camera", description: "The left eye of the pair alone, as old models read it." },
  { value: "", label: "No camera", description: "Only together with the state of the car, which is given as numbers." },
];

export const LIDARS: SensorHelp[] = [
  { value: "", label: "No lidar", description: "Enough on an empty road." },
  { value: "LIDAR", label: "Lidar", description: "64 distances of up to a metre all round but for 60° ahead: what is beside and behind." },
  { value: "SECTOR_LIDAR", label: "Sector lidar", description: "For each of eight sectors whether something is near: less to learn from, learned sooner." },
  { value: "DISCRETIZED_SECTOR_LIDAR", label: "Sector lidar with distances", description: "Sectors with steps of distance. Not on a real car." },
];

export const STATE: SensorHelp = {
  value: "STATE",
  label: "State of the car",
  description: "Ten numbers about car and road. Without a camera it learns soonest, but drives in the simulator only.",
};

export interface Sensors {
  camera: string;
  lidar: string;
  hasState: boolean;
}

export function sensorsOf(names: string[]): Sensors {
  return {
    camera: CAMERAS.find(({ value }) => value !== "" && names.includes(value))?.value ?? (names.includes("observation") ? "FRONT_FACING_CAMERA" : ""),
    lidar: LIDARS.find(({ value }) => value !== "" && names.includes(value))?.value ?? "",
    hasState: names.includes(STATE.value),
  };
}

export const namesOf = ({ camera, lidar, hasState }: Sensors): string[] => [camera, lidar, hasState ? STATE.value : ""].filter(Boolean);

/** What is less than ideal about a sensor, as it is typed. */
export interface SensorSetting {
  rate: string;
  delay: string;
  noise: string;
}

export const IDEAL: SensorSetting = { rate: "15", delay: "0", noise: "0" };
export const RATES_HZ = ["15", "5", "3", "1"];

/** How the beams of a lidar become sectors. */
export interface Sectors {
  count: string;
  values: string;
  clipM: string;
}

export const SECTORS = "DISCRETIZED_SECTOR_LIDAR";
export const USUAL_SECTORS: Sectors = { count: "8", values: "8", clipM: "2" };
export const SECTOR_COUNTS = ["1", "2", "4", "8", "16", "32", "64"];

/** Returns the request's `sensor_settings`: those of sensors that are read and not ideal. */
export function settingsRequestOf(sensors: string[], settings: Record<string, SensorSetting>): Record<string, unknown> {
  const used = sensors.flatMap((name) => {
    const { rate, delay, noise } = settings[name] ?? IDEAL;
    const numbers = { rate_hz: Number(rate), delay_steps: Number(delay), noise_sigma: Number(noise) };
    return numbers.rate_hz === 15 && numbers.delay_steps === 0 && numbers.noise_sigma === 0 ? [] : [[name, numbers] as const];
  });
  return Object.fromEntries(used);
}

/** Returns the request's `lidar_config`; nothing where no sensor reads it. */
export const sectorsRequestOf = (sensors: string[], { count, values, clipM }: Sectors): Record<string, unknown> =>
  sensors.includes(SECTORS) ? { lidar_config: { num_sectors: Number(count), num_values_per_sector: Number(values), clipping_dist: Number(clipM) } } : {};

/** Reads the settings of a model that was asked for. */
export function settingsOfSpec(spec: Record<string, Record<string, unknown>> | undefined): Record<string, SensorSetting> {
  const read = (one: Record<string, unknown>): SensorSetting => ({ rate: String(one["rate_hz"] ?? 15), delay: String(one["delay_steps"] ?? 0), noise: String(one["noise_sigma"] ?? 0) });
  return Object.fromEntries(Object.entries(spec ?? {}).map(([name, one]) => [name, read(one)]));
}

export function sectorsOfSpec(config: Record<string, unknown> | null | undefined): Sectors {
  const text = (name: string, other: string) => (typeof config?.[name] === "number" ? String(config[name]) : other);
  return { count: text("num_sectors", USUAL_SECTORS.count), values: text("num_values_per_sector", USUAL_SECTORS.values), clipM: text("clipping_dist", USUAL_SECTORS.clipM) };
}

/** Returns what is wrong with the sensors' numbers as a sentence; null where all is well. */
export function faultOfSettings(sensors: string[], settings: Record<string, SensorSetting>, sectors: Sectors): string | null {
  const isIn = (text: string, low: number, high: number) => text.trim() !== "" && Number(text) >= low && Number(text) <= high;
  for (const name of sensors) {
    const { delay, noise } = settings[name] ?? IDEAL;
    if (!isIn(delay, 0, 15) || !Number.isInteger(Number(delay))) return "Expected a delay of 0 to 15 whole steps.";
    if (!isIn(noise, 0, 128)) return "Expected noise from 0 to 128.";
  }
  if (!sensors.includes(SECTORS)) return null;
  if (!isIn(sectors.values, 1, 64) || !Number.isInteger(Number(sectors.values))) return "Expected 1 to 64 steps of distance in each sector.";
  return Number(sectors.clipM) > 0.15 && Number(sectors.clipM) <= 12 ? null : "Expected the lidar's sectors to reach more than 0.15 and at most 12 m.";
}
