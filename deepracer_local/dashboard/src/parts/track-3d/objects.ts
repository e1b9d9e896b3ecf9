/** Boxes and other cars in the scene, at their true size. */
import { BoxGeometry, type Color, Group, Mesh, MeshBasicMaterial, MeshLambertMaterial, PlaneGeometry } from "three";

import type { RoadObjectView } from "../../api/types";
import type { CarFactory } from "./car";
import type { Palette } from "./palette";

const TAPE_M = 0.05;
const TAPE_ABOVE_M = 0.002;

/** Returns an object that stands at the origin and looks along x. */
export function makeObject(object: RoadObjectView, palette: Palette, cars: CarFactory): Group {
  if (object.kind === "car") return cars.makeOther(palette.bot);
  return makeBox(object, palette.box, palette.objectEdge);
}

/** Puts an object where it is now; returns whether anything is different. */
export function putObject(group: Group, { x, y, yaw }: RoadObjectView): boolean {
  const turn = (yaw * Math.PI) / 180;
  const isSame = group.position.x === x && group.position.z === -y && group.rotation.y === turn;
  group.position.set(x, 0, -y);
  group.rotation.y = turn;
  return !isSame;
}

/** Cardboard with a strip of tape over it. */
function makeBox({ length, width, height }: RoadObjectView, colour: Color, tape: Color): Group {
  const side = new Mesh(new BoxGeometry(length, height, width), new MeshLambertMaterial({ color: colour }));
  side.position.y = height / 2;
  const strip = new Mesh(new BoxGeometry(length + TAPE_ABOVE_M, height + TAPE_ABOVE_M, TAPE_M), new MeshLambertMaterial({ color: tape }));
  strip.position.y = height / 2;
  const shade = new Mesh(new PlaneGeometry(length * 1.25, width * 1.35), new MeshBasicMaterial({ color: "#000000", transparent: true, opacity: 0.28, depthWrite: false }));
  shade.rotation.x = -Math.PI / 2;
  shade.position.y = 0.014;
  return new Group().add(shade, side, strip);
}
