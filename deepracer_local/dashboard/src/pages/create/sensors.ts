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
