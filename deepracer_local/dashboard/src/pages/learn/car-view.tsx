/** The road as the camera on the car shows it: 160 × 120 points of grey. */
import { useEffect, useRef } from "react";

import { useTrack } from "../../api/queries";
import type { TrackDetail } from "../../api/types";
import { Loaded } from "../../shell/states";

type Vector = [number, number, number];

/** The camera of the original car. Source: `CameraSpec` of the service, from the DeepRacer URDF. */
const CAMERA = { width: 160, height: 120, fovRad: 1.13, forwardM: 0.14529, upM: 0.13033, pitchRad: 0.2618 };
const FOCAL_PX = CAMERA.width / 2 / Math.tan(CAMERA.fovRad / 2);
const NEAR_M = 0.02;
const FAR_M = 12;
const EDGE_M = 0.05;
const DASH_M = 0.2;

export function CarView({ track, atM, isGrey }: { track: string; atM: number; isGrey: boolean }) {
  return (
    <Loaded query={useTrack(track)} what="the road">
      {(detail) => <Picture detail={detail} atM={atM} isGrey={isGrey} />}
    </Loaded>
  );
}

function Picture({ detail, atM, isGrey }: { detail: TrackDetail; atM: number; isGrey: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    // For people the picture is drawn four times as fine.
    const fine = isGrey ? 1 : 4;
    element.width = CAMERA.width * fine;
    element.height = CAMERA.height * fine;
    context.scale(fine, fine);
    paint(context, detail, atM);
    if (isGrey) turnGrey(context);
  }, [detail, atM, isGrey]);
  const label = `The road from the car, ${atM.toFixed(0)} metres behind the start, ${isGrey ? "in 160 by 120 points of grey" : "in colour"}`;
  return <canvas ref={canvas} className="car-view" role="img" aria-label={label} />;
}

function paint(context: CanvasRenderingContext2D, track: TrackDetail, atM: number): void {
  const { width, height } = CAMERA;
  context.fillStyle = "#bcd3e8";
  context.fillRect(0, 0, width, height);
  const horizon = height / 2 - FOCAL_PX * Math.tan(CAMERA.pitchRad);
  context.fillStyle = "#4f7d51";
  context.fillRect(0, Math.max(0, horizon), width, height);

  const see = cameraAt(...poseAt(track, atM));
  const [centre, inner, outer] = [track.centre, track.inner, track.outer] as [number[][], number[][], number[][]];
  const n = Math.min(centre.length, inner.length, outer.length);
  const strips = Array.from({ length: n }, (_, i) => {
    const next = (i + 1) % n;
    const away = see([centre[i]?.[0] ?? 0, centre[i]?.[1] ?? 0])[2];
    return { i, next, away };
  })
    .filter((strip) => strip.away < FAR_M)
    .sort((a, b) => b.away - a.away);
  const at = (line: number[][], i: number): [number, number] => [line[i]?.[0] ?? 0, line[i]?.[1] ?? 0];
  const between = (a: [number, number], b: [number, number], share: number): [number, number] => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
  for (const { i, next } of strips) {
    const [a, b, c, d] = [at(inner, i), at(outer, i), at(outer, next), at(inner, next)];
    const wide = Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
    const edge = EDGE_M / wide;
    const fill = (from: number, to: number, colour: string) => {
      polygon(context, [between(a, b, from), between(a, b, to), between(d, c, to), between(d, c, from)].map(see));
      context.fillStyle = colour;
      context.fill();
      // Over the seam to the strip before.
      context.strokeStyle = colour;
      context.lineWidth = 0.3;
      context.stroke();
    };
    fill(0, 1, "#3d4148");
    fill(0, edge, "#f4f4f0");
    fill(1 - edge, 1, "#f4f4f0");
    if (Math.floor((i * track.length_m) / n / DASH_M) % 2 === 0) fill(0.5 - edge / 2, 0.5 + edge / 2, "#f2b824");
  }
}

/** Returns where on the ground the camera is and where it looks, on the centre line. */
function poseAt(track: TrackDetail, atM: number): [number, number, number] {
  const n = track.centre.length;
  const i = Math.floor(((atM % track.length_m) / track.length_m) * n);
  const [here, next] = [track.centre[i] ?? [0, 0], track.centre[(i + 1) % n] ?? [1, 0]];
  const [x, y] = [here[0] ?? 0, here[1] ?? 0];
  return [x, y, Math.atan2((next[1] ?? 0) - y, (next[0] ?? 0) - x)];
}

/** Returns a function that gives a place on the ground in the camera's axes: right, up, ahead in metres. */
function cameraAt(x: number, y: number, yaw: number): (place: [number, number]) => Vector {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [cp, sp] = [Math.cos(CAMERA.pitchRad), Math.sin(CAMERA.pitchRad)];
  const eye: Vector = [x + c * CAMERA.forwardM, y + s * CAMERA.forwardM, CAMERA.upM];
  return ([px, py]) => {
    const [dx, dy, dz] = [px - eye[0], py - eye[1], -eye[2]];
    const ahead = dx * c + dy * s;
    return [dx * s - dy * c, ahead * sp + dz * cp, ahead * cp - dz * sp];
  };
}

/** Puts the part of a polygon that is before the camera into the path. */
function polygon(context: CanvasRenderingContext2D, corners: Vector[]): void {
  context.beginPath();
  const kept: Vector[] = [];
  corners.forEach((corner, i) => {
    const before = corners[(i + corners.length - 1) % corners.length] as Vector;
    if (corner[2] > NEAR_M !== before[2] > NEAR_M) {
      const share = (NEAR_M - before[2]) / (corner[2] - before[2]);
      kept.push([before[0] + share * (corner[0] - before[0]), before[1] + share * (corner[1] - before[1]), NEAR_M]);
    }
    if (corner[2] > NEAR_M) kept.push(corner);
  });
  for (const [right, up, ahead] of kept) context.lineTo(CAMERA.width / 2 + (FOCAL_PX * right) / ahead, CAMERA.height / 2 - (FOCAL_PX * up) / ahead);
  context.closePath();
}

function turnGrey(context: CanvasRenderingContext2D): void {
  const picture = context.getImageData(0, 0, CAMERA.width, CAMERA.height);
  const { data } = picture;
  for (let i = 0; i < data.length; i += 4) {
    // As the service makes grey of colours, after the original simulator.
    const grey = 0.2989 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0);
    data.fill(grey, i, i + 3);
  }
  context.putImageData(picture, 0, 0);
}
