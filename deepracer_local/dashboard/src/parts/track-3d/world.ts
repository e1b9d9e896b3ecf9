/** All that stands still: ground, road with its lines, trees, sky and light. */
import {
  BackSide,
  BufferGeometry,
  Color,
  ConeGeometry,
  CylinderGeometry,
  DoubleSide,
  DirectionalLight,
  Float32BufferAttribute,
  Fog,
  HemisphereLight,
  InstancedMesh,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  PlaneGeometry,
  Quaternion,
  Scene,
  SphereGeometry,
  Vector3,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

import type { TrackDetail } from "../../api/types";
import type { Palette } from "./palette";
import { dashes, type Line, normalAt, type Point, pointsOf, ribbon, strip } from "./ribbons";
import { asphalt, grass, randomFrom } from "./surfaces";

const EDGE_M = 0.045;
const LINE_M = 0.028;
const DASH_M = 0.22;
/** Surfaces lie above each other by this much, so that none shines through. */
const LAYER_M = 0.003;
const GROUND_M = 120;
const STRIPE_M = 1.6;
const SKY_M = 70;
/** No tree stands nearer to the road's middle: neither a car nor a camera behind it meets one. */
const CLEARANCE_M = 1.7;
const TREES = 46;
const HILLS_M = 48;
const HIGHEST_HILL_M = 5;

export function makeWorld(track: TrackDetail, palette: Palette): Scene {
  const scene = new Scene();
  scene.background = palette.horizon;
  scene.fog = new Fog(palette.horizon, 11, 52);
  const { light } = palette;
  scene.add(new HemisphereLight(light.sky, light.ground, light.ambient));
  const sun = new DirectionalLight(light.sunColour, light.sun);
  sun.position.set(-6, 11, 5);
  const centre = pointsOf(track.centre);
  scene.add(sun, sky(palette), ground(palette), hills(palette), ...road(track, palette), ...trees(centre, palette));
  return scene;
}

function sky({ sky: above, horizon }: Palette): Mesh {
  const shape = new SphereGeometry(SKY_M, 24, 16);
  const position = shape.getAttribute("position");
  const colours: number[] = [];
  const mixed = new Color();
  for (let k = 0; k < position.count; k++) {
    const share = Math.max(0, Math.min(1, position.getY(k) / SKY_M / 0.55));
    mixed.copy(horizon).lerp(above, share ** 0.75);
    colours.push(mixed.r, mixed.g, mixed.b);
  }
  shape.setAttribute("color", new Float32BufferAttribute(colours, 3));
  return new Mesh(shape, new MeshBasicMaterial({ vertexColors: true, side: BackSide, fog: false, depthWrite: false }));
}

/** Far away all around, so that the horizon is not a ruler's line. */
function hills(palette: Palette): Mesh {
  const around = Array.from({ length: 97 }, (_, k) => (k / 96) * 2 * Math.PI);
  const heights = around.map((a) => HIGHEST_HILL_M * (0.42 + 0.22 * Math.sin(3 * a + 1) + 0.16 * Math.sin(7 * a) + 0.1 * Math.sin(17 * a + 2)));
  const base = around.map((a): Point => [HILLS_M * Math.cos(a), HILLS_M * Math.sin(a)]);
  const shape = ribbon(base, base, 0, false);
  const position = shape.getAttribute("position");
  heights.forEach((height, k) => position.setY(2 * k, height));
  const colour = palette.horizon.clone().lerp(palette.leaves, 0.32);
  return new Mesh(shape, new MeshBasicMaterial({ color: colour, side: DoubleSide, fog: false }));
}

function ground(palette: Palette): Mesh {
  const picture = grass(palette.grass);
  picture.repeat.set(GROUND_M / STRIPE_M, GROUND_M / STRIPE_M);
  const made = new Mesh(new PlaneGeometry(GROUND_M, GROUND_M), new MeshLambertMaterial({ map: picture }));
  made.rotation.x = -Math.PI / 2;
  return made;
}

function road(track: TrackDetail, palette: Palette): Mesh[] {
  const [inner, centre, outer] = [pointsOf(track.inner), pointsOf(track.centre), pointsOf(track.outer)];
  const isClosed = track.is_closed;
  const [left, right] = sides(inner, centre, outer, isClosed);
  const surface = new MeshLambertMaterial({ map: asphalt(), color: palette.road });
  const white = new MeshLambertMaterial({ color: palette.edge });
  const yellow = new MeshLambertMaterial({ color: palette.line });
  const edges = [left, right].map((line) => ribbon(...strip(line, EDGE_M, isClosed), 3 * LAYER_M, isClosed));
  const pieces = dashes(centre, DASH_M, DASH_M, isClosed).map((piece) => ribbon(...strip(piece, LINE_M, false), 3 * LAYER_M, false));
  const meshes = [new Mesh(ribbon(left, right, 2 * LAYER_M, isClosed), surface), new Mesh(mergeGeometries(edges), white)];
  if (pieces.length > 0) meshes.push(new Mesh(mergeGeometries(pieces), yellow));
  return [...meshes, ...chequers(left, right, centre, isClosed, [palette.edge, new Color("#14181f")])];
}

/** A track may run either way around: which border lies to the left of its direction is looked at. */
function sides(inner: Line, centre: Line, outer: Line, isClosed: boolean): [Line, Line] {
  const [normal, start, one] = [normalAt(centre, 0, isClosed), centre[0] ?? [0, 0], inner[0] ?? [0, 0]];
  const isInnerLeft = (one[0] - start[0]) * normal[0] + (one[1] - start[1]) * normal[1] > 0;
  return isInnerLeft ? [inner, outer] : [outer, inner];
}

/** The start line: two rows of squares across the road. */
function chequers(left: Line, right: Line, centre: Line, isClosed: boolean, colours: [Color, Color]): Mesh[] {
  const [l, r] = [left[0] ?? [0, 0], right[0] ?? [0, 0]];
  const [nx, ny] = normalAt(centre, 0, isClosed);
  const columns = Math.max(4, Math.round(Math.hypot(l[0] - r[0], l[1] - r[1]) / 0.08));
  const size = Math.hypot(l[0] - r[0], l[1] - r[1]) / columns;
  const at = (across: number, along: number): Point => [
    l[0] + ((r[0] - l[0]) * across) / columns + ny * size * along,
    l[1] + ((r[1] - l[1]) * across) / columns - nx * size * along,
  ];
  const squares: [BufferGeometry[], BufferGeometry[]] = [[], []];
  for (let across = 0; across < columns; across++)
    for (const along of [0, 1])
      squares[(across + along) % 2 === 0 ? 0 : 1].push(
        ribbon([at(across, along), at(across, along + 1)], [at(across + 1, along), at(across + 1, along + 1)], 4 * LAYER_M, false),
      );
  return squares.map((some, k) => new Mesh(mergeGeometries(some), new MeshLambertMaterial({ color: colours[k] })));
}

function trees(centre: Line, palette: Palette): Mesh[] {
  const random = randomFrom(centre.length);
  const [xs, ys] = [centre.map((p) => p[0]), centre.map((p) => p[1])];
  // None in the south: there the cameras stand that show the whole track.
  const [minX, maxX, minY, maxY] = [Math.min(...xs) - 6, Math.max(...xs) + 6, Math.min(...ys), Math.max(...ys) + 7];
  const places: [number, number, number][] = [];
  for (let tries = 0; tries < 900 && places.length < TREES; tries++) {
    const [x, y] = [minX + random() * (maxX - minX), minY + random() * (maxY - minY)];
    const isClear = centre.every((p) => Math.hypot(p[0] - x, p[1] - y) > CLEARANCE_M);
    if (isClear) places.push([x, y, 0.7 + random() * 0.8]);
  }
  const crown = mergeGeometries([new ConeGeometry(0.3, 0.55, 7).translate(0, 0.48, 0), new ConeGeometry(0.22, 0.45, 7).translate(0, 0.8, 0)]);
  const parts: [BufferGeometry, Color][] = [
    [new CylinderGeometry(0.045, 0.06, 0.25, 6).translate(0, 0.12, 0), palette.trunk],
    [crown, palette.leaves],
  ];
  return parts.map(([shape, colour]) => {
    const made = new InstancedMesh(shape, new MeshLambertMaterial({ color: colour, flatShading: true }), places.length);
    places.forEach(([x, y, size], k) =>
      made.setMatrixAt(k, new Matrix4().compose(new Vector3(x, 0, -y), new Quaternion(), new Vector3(size, size, size))),
    );
    return made;
  });
}
