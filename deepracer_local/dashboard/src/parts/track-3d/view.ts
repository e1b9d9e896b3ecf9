/** Draws the scene into a canvas: only where something is different, and only while somebody can see it. */
import { type Group, InstancedMesh, Mesh, type Object3D, PerspectiveCamera, Raycaster, type Scene, Vector2, WebGLRenderer } from "three";

import type { RoadObjectView, TrackDetail } from "../../api/types";
import type { CarSource } from "../live-cars";
import type { ObjectSource } from "../road-objects";
import { ChaseRig, OrbitRig, type Rig } from "./cameras";
import { type Car, CarFactory } from "./car";
import { makeObject, putObject } from "./objects";
import type { Palette } from "./palette";
import { makeWorld } from "./world";

export type CameraName = "chase" | "top" | "free";

export interface Wish {
  track: TrackDetail;
  palette: Palette;
  cars: CarSource;
  objects: ObjectSource;
  /** The number of the car to follow, asked for every picture. */
  followed: () => number | null;
  /** Nothing flies: motion is unwelcome. */
  isStill: boolean;
}

const FIELD_DEG = 46;
/** A processor that has to draw the pictures itself would otherwise do little else; it may be the one that trains. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const SOFTWARE_INTERVAL_S = 1 / 20;
const LONGEST_STEP_S = 0.1;

export class TrackView {
  readonly free: OrbitRig;
  readonly camera = new PerspectiveCamera(FIELD_DEG, 1, 0.05, 160);
  private readonly renderer: WebGLRenderer;
  private readonly scene: Scene;
  private readonly factory = new CarFactory();
  private readonly cars = new Map<number, Car>();
  /** What is on the road now, in the order of its source, with what it was made for. */
  private objects: { made: RoadObjectView; group: Group }[] = [];
  private readonly top: OrbitRig;
  private readonly isSoftware: boolean;
  private readonly observers: { disconnect(): void }[];
  private rig: Rig;
  private isDue = true;
  private isOnScreen = false;
  private frame = 0;
  private drawnAt = 0;

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly wish: Wish,
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "low-power" });
    const context = this.renderer.getContext();
    const names = context.getExtension("WEBGL_debug_renderer_info");
    this.isSoftware = names !== null && SOFTWARE.test(String(context.getParameter(names.UNMASKED_RENDERER_WEBGL)));
    this.scene = makeWorld(wish.track, wish.palette);
    this.top = new OrbitRig(wish.track, { azimuth: 0, elevation: 1.22 });
    this.free = new OrbitRig(wish.track, { azimuth: -0.6, elevation: 0.5 });
    this.rig = this.top;
    const size = new ResizeObserver(() => this.fit());
    const sight = new IntersectionObserver(([entry]) => {
      this.isOnScreen = entry?.isIntersecting ?? false;
      this.wake();
    });
    size.observe(canvas);
    sight.observe(canvas);
    this.observers = [size, sight];
    document.addEventListener("visibilitychange", this.wake);
  }

  setCamera(name: CameraName): void {
    this.rig = name === "chase" ? new ChaseRig(this.wish.isStill) : name === "top" ? this.top : this.free;
    this.top.refit();
    this.free.refit();
    this.isDue = true;
  }

  /** The number of the car at a place of the canvas, in shares from its top left corner. */
  carAt(x: number, y: number): number | null {
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2(2 * x - 1, 1 - 2 * y), this.camera);
    const [hit] = ray.intersectObjects([...this.cars.values()].map((car) => car.group));
    return hit ? (hit.object.userData.car as number) : null;
  }

  dispose(): void {
    window.cancelAnimationFrame(this.frame);
    document.removeEventListener("visibilitychange", this.wake);
    for (const observer of this.observers) observer.disconnect();
    this.scene.traverse(release);
    this.renderer.dispose();
  }

  private readonly wake = (): void => {
    window.cancelAnimationFrame(this.frame);
    if (this.isOnScreen && !document.hidden) this.frame = window.requestAnimationFrame(this.tick);
  };

  private readonly tick = (nowMs: number): void => {
    this.frame = window.requestAnimationFrame(this.tick);
    const seconds = (nowMs - this.drawnAt) / 1000;
    if (this.isSoftware && seconds < SOFTWARE_INTERVAL_S) return;
    this.drawnAt = nowMs;
    const states = this.wish.cars();
    const followed = this.wish.followed();
    let isNew = this.isDue;
    for (const state of states) {
      // Behind a car everybody sees which one is followed.
      const isMarked = state.car === followed && !(this.rig instanceof ChaseRig);
      isNew = this.carOf(state.car).put(state, isMarked) || isNew;
    }
    isNew = this.forget(new Set(states.map((state) => state.car))) || isNew;
    isNew = this.putObjects(this.wish.objects()) || isNew;
    const car = states.find((state) => state.car === followed);
    // Without a car there is nothing to chase yet: the whole track is shown.
    const rig = this.rig instanceof ChaseRig && !car ? this.top : this.rig;
    isNew = rig.update(this.camera, Math.min(seconds, LONGEST_STEP_S), car) || isNew;
    if (!isNew) return;
    this.isDue = false;
    this.renderer.render(this.scene, this.camera);
  };

  private carOf(number: number): Car {
    const known = this.cars.get(number);
    if (known) return known;
    const { cars, line } = this.wish.palette;
    const made = this.factory.make(number, cars[number % cars.length] ?? line, line);
    this.cars.set(number, made);
    this.scene.add(made.group);
    return made;
  }

  /** Puts boxes and other cars where they are; returns whether anything is different. */
  private putObjects(objects: readonly RoadObjectView[]): boolean {
    const isSame = objects.length === this.objects.length && objects.every((one, i) => this.objects[i]?.made.kind === one.kind);
    if (!isSame) {
      for (const { group } of this.objects) this.scene.remove(group);
      this.objects = objects.map((made) => ({ made, group: makeObject(made, this.wish.palette, this.factory) }));
      for (const { group } of this.objects) this.scene.add(group);
    }
    const moved = objects.map((one, i) => this.objects[i] !== undefined && putObject(this.objects[i].group, one));
    return !isSame || moved.includes(true);
  }

  /** Takes cars away that do not drive any more. */
  private forget(driving: Set<number>): boolean {
    const gone = [...this.cars].filter(([number]) => !driving.has(number));
    for (const [number, car] of gone) {
      this.cars.delete(number);
      this.scene.remove(car.group);
    }
    return gone.length > 0;
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.renderer.setPixelRatio(this.isSoftware ? 1 : Math.min(2, window.devicePixelRatio));
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.top.refit();
    this.free.refit();
    this.isDue = true;
    // A canvas that got another size is empty until it is drawn: not a moment later.
    if (this.isOnScreen) this.tick(performance.now());
  }
}

function release(object: Object3D): void {
  if (!(object instanceof Mesh)) return;
  object.geometry.dispose();
  for (const material of [object.material].flat()) {
    material.map?.dispose();
    material.dispose();
  }
  if (object instanceof InstancedMesh) object.dispose();
}
