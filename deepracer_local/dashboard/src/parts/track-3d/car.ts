/** A car at its true size, 1/18 of a real one: body in its colour, wheels that steer and roll, its number on the roof. */
import {
  BoxGeometry,
  BufferGeometry,
  Color,
  CylinderGeometry,
  DoubleSide,
  ExtrudeGeometry,
  Float32BufferAttribute,
  Group,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshPhongMaterial,
  PlaneGeometry,
  RingGeometry,
  Shape,
  type Texture,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

import type { CarState } from "../../api/socket";
import { roofNumber, shadow } from "./surfaces";

/** The point that telemetry tells the place of lies this far in front of the car's middle. */
export const FRONT_POINT_M = 0.14;
const AXLE_M = 0.082;
const HALF_TRACK_M = 0.08;
const WHEEL_M = 0.034;
const BODY_WIDTH_M = 0.15;

/** What all cars share is made once for a scene. */
export class CarFactory {
  private readonly body = bodyShape();
  private readonly dark = darkShape();
  private readonly wheel = wheelShape();
  private readonly darkMaterial = new MeshLambertMaterial({ vertexColors: true });
  private readonly shadow: Texture = shadow();

  make(number: number, colour: Color, markColour: Color): Car {
    const paint = new MeshPhongMaterial({ color: colour, specular: "#666666", shininess: 60 });
    const roof = new Mesh(
      new PlaneGeometry(0.078, 0.078),
      new MeshLambertMaterial({ map: roofNumber(String(number + 1)), transparent: true, polygonOffset: true, polygonOffsetFactor: -2 }),
    );
    roof.rotation.set(-Math.PI / 2, 0, -Math.PI / 2);
    roof.position.set(-0.035, 0.1365, 0);
    const ring = new Mesh(new RingGeometry(0.26, 0.3, 40), new MeshBasicMaterial({ color: markColour, transparent: true, opacity: 0.9, side: DoubleSide }));
    ring.rotation.x = -Math.PI / 2;
    ring.position.y = 0.016;
    const wheels = this.wheels();
    return new Car(number, ring, wheels, [this.shade(), new Mesh(this.body, paint), new Mesh(this.dark, this.darkMaterial), roof]);
  }

  /** One of those that are on the road to be overtaken: without a number. */
  makeOther(colour: Color): Group {
    const paint = new MeshPhongMaterial({ color: colour, specular: "#666666", shininess: 60 });
    return new Group().add(this.shade(), ...this.wheels(), new Mesh(this.body, paint), new Mesh(this.dark, this.darkMaterial));
  }

  private shade(): Mesh {
    const made = new Mesh(new PlaneGeometry(0.44, 0.32), new MeshBasicMaterial({ map: this.shadow, transparent: true, depthWrite: false }));
    made.rotation.x = -Math.PI / 2;
    made.position.y = 0.014;
    return made;
  }

  private wheels(): Mesh[] {
    return [AXLE_M, -AXLE_M].flatMap((x) =>
      [HALF_TRACK_M, -HALF_TRACK_M].map((z) => {
        const wheel = new Mesh(this.wheel, this.darkMaterial);
        wheel.rotation.order = "YXZ";
        wheel.position.set(x, WHEEL_M + 0.01, z);
        return wheel;
      }),
    );
  }
}

export class Car {
  readonly group = new Group();

  constructor(
    readonly number: number,
    private readonly ring: Mesh,
    private readonly wheels: Mesh[],
    parts: Mesh[],
  ) {
    this.group.add(ring, ...wheels, ...parts);
    for (const part of this.group.children) part.userData.car = number;
  }

  /** Puts the car where it is now; returns whether anything is different. */
  put(state: CarState, isMarked: boolean): boolean {
    const yaw = (state.yaw * Math.PI) / 180;
    const [x, z] = [state.x - FRONT_POINT_M * Math.cos(yaw), -(state.y - FRONT_POINT_M * Math.sin(yaw))];
    const steering = (state.steering * Math.PI) / 180;
    const { position, rotation } = this.group;
    const way = Math.hypot(x - position.x, z - position.z);
    const isSame = way < 1e-5 && rotation.y === yaw && this.ring.visible === isMarked && this.wheels[0]?.rotation.y === steering;
    if (isSame) return false;
    position.set(x, 0, z);
    rotation.y = yaw;
    this.ring.visible = isMarked;
    this.wheels.forEach((wheel, k) => {
      wheel.rotation.y = k < 2 ? steering : 0;
      wheel.rotation.z -= Math.min(way, 0.1) / WHEEL_M;
    });
    return true;
  }
}

/** The shell, seen from the side and drawn out to its width. */
function bodyShape(): BufferGeometry {
  const side = new Shape();
  side.moveTo(-0.15, 0.036);
  side.lineTo(-0.156, 0.088);
  side.lineTo(-0.1, 0.098);
  side.lineTo(-0.078, 0.126);
  side.lineTo(0.002, 0.126);
  side.lineTo(0.05, 0.09);
  side.lineTo(0.142, 0.07);
  side.lineTo(0.158, 0.05);
  side.lineTo(0.156, 0.036);
  side.closePath();
  const bevel = 0.009;
  const depth = BODY_WIDTH_M - 0.03;
  const shell = new ExtrudeGeometry(side, { depth, bevelSize: bevel, bevelThickness: bevel, bevelSegments: 3 }).translate(0, 0, -depth / 2);
  const wing = new BoxGeometry(0.035, 0.008, 0.17).translate(-0.15, 0.132, 0);
  return mergeGeometries([plain(shell), plain(wing)]);
}

/** Chassis, windows, lights, the struts of the wing, and the camera on its mast. */
function darkShape(): BufferGeometry {
  const [black, glass, steel] = ["#1b1f26", "#0d131b", "#3d4550"];
  const box = (size: [number, number, number], at: [number, number, number], colour: string, tilt = 0) =>
    coloured(new BoxGeometry(...size).rotateZ(tilt).translate(...at), colour);
  return mergeGeometries([
    box([0.3, 0.022, 0.12], [0, 0.034, 0], black),
    box([0.02, 0.03, 0.19], [AXLE_M, WHEEL_M + 0.008, 0], steel),
    box([0.02, 0.03, 0.19], [-AXLE_M, WHEEL_M + 0.008, 0], steel),
    box([0.052, 0.004, 0.112], [0.032, 0.117, 0], glass, -0.64),
    box([0.06, 0.02, 0.1415], [-0.035, 0.116, 0], glass),
    box([0.006, 0.004, 0.1], [-0.093, 0.122, 0], glass, 0.9),
    box([0.008, 0.04, 0.006], [-0.15, 0.112, 0.05], steel),
    box([0.008, 0.04, 0.006], [-0.15, 0.112, -0.05], steel),
    box([0.012, 0.05, 0.012], [0.12, 0.1, 0], steel),
    box([0.026, 0.026, 0.052], [0.128, 0.13, 0], black),
    coloured(new CylinderGeometry(0.009, 0.009, 0.01, 14).rotateZ(Math.PI / 2).translate(0.144, 0.13, 0), "#6f86a3"),
    box([0.006, 0.014, 0.03], [0.163, 0.056, 0.046], "#fff6d5"),
    box([0.006, 0.014, 0.03], [0.163, 0.056, -0.046], "#fff6d5"),
    box([0.006, 0.014, 0.036], [-0.164, 0.074, 0.044], "#ff3b30"),
    box([0.006, 0.014, 0.036], [-0.164, 0.074, -0.044], "#ff3b30"),
  ]);
}

function wheelShape(): BufferGeometry {
  const upright = (shape: BufferGeometry) => shape.rotateX(Math.PI / 2);
  const spokes = [0, 1, 2].map((k) => coloured(new BoxGeometry(0.046, 0.009, 0.043).rotateZ((k * Math.PI) / 3), "#aeb6c2"));
  return mergeGeometries([
    coloured(upright(new CylinderGeometry(WHEEL_M, WHEEL_M, 0.04, 22)), "#16191e"),
    coloured(upright(new CylinderGeometry(0.024, 0.024, 0.0415, 16)), "#2b313a"),
    ...spokes,
  ]);
}

function coloured(shape: BufferGeometry, colour: string): BufferGeometry {
  const made = plain(shape);
  const { r, g, b } = new Color(colour);
  const count = made.getAttribute("position").count;
  made.setAttribute("color", new Float32BufferAttribute(Array.from({ length: count }, () => [r, g, b]).flat(), 3));
  return made;
}

/** Shapes can only be put together where all have the same attributes and none an index. */
function plain(shape: BufferGeometry): BufferGeometry {
  const made = shape.index ? shape.toNonIndexed() : shape;
  made.deleteAttribute("uv");
  return made;
}
