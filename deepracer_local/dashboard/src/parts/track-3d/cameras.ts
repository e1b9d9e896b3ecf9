/** From where the scene is looked at. A rig moves the camera; it says whether the picture is another one for it. */
import { type PerspectiveCamera, Vector3 } from "three";

import type { CarState } from "../../api/socket";
import type { TrackDetail } from "../../api/types";

export interface Rig {
  /** `seconds` since the last time; returns whether the camera has moved. */
  update(camera: PerspectiveCamera, seconds: number, car: CarState | undefined): boolean;
}

const BEHIND_M = 0.92;
const ABOVE_M = 0.44;
const AHEAD_M = 0.55;
/** A car that is farther away than this was set back, or is another one: the camera cuts instead of flying. */
const CUT_M = 1.2;
const TURN_S = 0.28;
const FOLLOW_S = 0.07;
/** Where motion is unwelcome, the camera stands and moves on by cuts, this far apart. */
const STILL_S = 1.5;

/** Behind a car, turning with it a little later. */
export class ChaseRig implements Rig {
  private readonly place = new Vector3();
  private yaw = 0;
  private hasBegun = false;
  private sinceCut = 0;

  constructor(private readonly isStill: boolean) {}

  update(camera: PerspectiveCamera, seconds: number, car: CarState | undefined): boolean {
    if (!car) return false;
    const target = new Vector3(car.x, 0, -car.y);
    const yaw = (car.yaw * Math.PI) / 180;
    this.sinceCut += seconds;
    const isCut = !this.hasBegun || target.distanceTo(this.place) > CUT_M || (this.isStill && this.sinceCut > STILL_S);
    if (this.isStill && !isCut) return false;
    if (isCut) this.sinceCut = 0;
    const turn = ((((yaw - this.yaw) % (2 * Math.PI)) + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
    const isSettled = this.hasBegun && Math.abs(turn) < 1e-4 && target.distanceTo(this.place) < 1e-4;
    if (isSettled) return false;
    this.hasBegun = true;
    this.yaw += turn * (isCut ? 1 : 1 - Math.exp(-seconds / TURN_S));
    this.place.lerp(target, isCut ? 1 : 1 - Math.exp(-seconds / FOLLOW_S));
    this.stand(camera);
    return true;
  }

  private stand(camera: PerspectiveCamera): void {
    const [dx, dz] = [Math.cos(this.yaw), -Math.sin(this.yaw)];
    camera.position.set(this.place.x - dx * BEHIND_M, ABOVE_M, this.place.z - dz * BEHIND_M);
    camera.lookAt(this.place.x + dx * AHEAD_M, 0.06, this.place.z + dz * AHEAD_M);
  }
}

const NEAREST_M = 0.6;
const FARTHEST_M = 38;
const LOWEST_RAD = 0.06;
const HIGHEST_RAD = Math.PI / 2 - 0.001;

/** On a sphere around a point of the ground; from there the whole track is seen at first. */
export class OrbitRig implements Rig {
  private readonly points: Vector3[];
  private readonly middle: Vector3;
  private target = new Vector3();
  private azimuth = 0;
  private elevation = 0;
  /** null: as far away as it takes to see everything. */
  private distance: number | null = null;
  private isNew = true;

  constructor(
    track: TrackDetail,
    private readonly home: { azimuth: number; elevation: number },
  ) {
    this.points = [...track.outer, ...track.inner].map(([x = 0, y = 0]) => new Vector3(x, 0, -y));
    const low = this.points.reduce((least, p) => least.clone().min(p), new Vector3(Infinity, 0, Infinity));
    const high = this.points.reduce((most, p) => most.clone().max(p), new Vector3(-Infinity, 0, -Infinity));
    this.middle = low.add(high).multiplyScalar(0.5);
    this.reset();
  }

  update(camera: PerspectiveCamera): boolean {
    if (!this.isNew) return false;
    this.isNew = false;
    if (this.distance === null) this.frame(camera);
    this.stand(camera, this.distance ?? this.fit(camera));
    return true;
  }

  /** The picture has another shape now. */
  refit(): void {
    this.isNew = true;
  }

  reset(): void {
    this.target = this.middle.clone();
    ({ azimuth: this.azimuth, elevation: this.elevation } = this.home);
    this.distance = null;
    this.isNew = true;
  }

  turn(azimuth: number, elevation: number): void {
    this.azimuth += azimuth;
    this.elevation = Math.min(HIGHEST_RAD, Math.max(LOWEST_RAD, this.elevation + elevation));
    this.isNew = true;
  }

  zoom(camera: PerspectiveCamera, factor: number): void {
    this.distance = Math.min(FARTHEST_M, Math.max(NEAREST_M, (this.distance ?? this.fit(camera)) * factor));
    this.isNew = true;
  }

  /** Moves what is looked at, by shares of the distance: to the right and away. */
  shift(camera: PerspectiveCamera, right: number, away: number): void {
    const distance = this.distance ?? this.fit(camera);
    const [s, c] = [Math.sin(this.azimuth), Math.cos(this.azimuth)];
    this.target.x += distance * (right * c - away * s);
    this.target.z += distance * (-right * s - away * c);
    this.isNew = true;
  }

  private stand(camera: PerspectiveCamera, distance: number): void {
    const level = Math.cos(this.elevation) * distance;
    camera.position.set(
      this.target.x + Math.sin(this.azimuth) * level,
      Math.sin(this.elevation) * distance,
      this.target.z + Math.cos(this.azimuth) * level,
    );
    camera.lookAt(this.target);
    camera.updateMatrixWorld();
  }

  /** Looks at the point from which as much room is left above the track as below. */
  private frame(camera: PerspectiveCamera): void {
    this.target = this.middle.clone();
    for (let tries = 0; tries < 4; tries++) {
      const distance = this.fit(camera);
      this.stand(camera, distance);
      const seen = this.points.map((point) => point.clone().project(camera));
      const [right, up] = (["x", "y"] as const).map((axis) => {
        const values = seen.map((point) => point[axis]);
        return (Math.max(...values) + Math.min(...values)) / 2;
      });
      const half = Math.tan((camera.fov * Math.PI) / 360);
      this.shift(camera, (right ?? 0) * half * camera.aspect, ((up ?? 0) * half) / Math.sin(this.elevation));
    }
    this.isNew = false;
  }

  /** The least distance from which all of the track is inside the picture, with a little room. */
  private fit(camera: PerspectiveCamera): number {
    let [near, far] = [NEAREST_M, 80];
    for (let tries = 0; tries < 24; tries++) {
      const distance = (near + far) / 2;
      this.stand(camera, distance);
      const isInside = this.points.every((point) => {
        const seen = point.clone().project(camera);
        return Math.abs(seen.x) < 0.94 && Math.abs(seen.y) < 0.9 && seen.z < 1;
      });
      if (isInside) far = distance;
      else near = distance;
    }
    return far;
  }
}
