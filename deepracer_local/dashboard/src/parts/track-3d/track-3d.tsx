/** A track with its cars in three dimensions. Whoever feeds it says where the cars are: a running job, or a recorded lap. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";

import type { TrackDetail } from "../../api/types";
import { useIsDark } from "../../shell/theme";
import type { CarSource } from "../live-cars";
import type { ObjectSource } from "../road-objects";
import { paletteOf } from "./palette";
import { type CameraName, TrackView } from "./view";

interface Props {
  track: TrackDetail;
  cars: CarSource;
  objects: ObjectSource;
  followed: () => number | null;
  camera: CameraName;
  /** What there is to see, for who does not see it. */
  label: string;
  onChoose?: (car: number) => void;
  /** There is no WebGL, or the browser has taken it away. */
  onLost: () => void;
}

/** Where the buttons and fingers are that are down, and how far each has gone. */
type Pointers = Map<number, { x: number; y: number; way: number }>;

const STEP_RAD = 0.12;
const SHIFT = 0.06;
const ZOOM = 1.15;
const DRAG_RAD_PER_PX = 0.006;
const CLICK_PX = 4;

export default function Track3d({ track, cars, objects, followed, camera, label, onChoose, onLost }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<TrackView>(null);
  const pointers = useRef<Pointers>(new Map()).current;
  const isDark = useIsDark();
  const asked = useRef({ cars, objects, followed, camera, onLost });
  asked.current = { cars, objects, followed, camera, onLost };

  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const lose = () => asked.current.onLost();
    try {
      const made = new TrackView(element, {
        track,
        palette: paletteOf(getComputedStyle(document.body), isDark),
        cars: () => asked.current.cars(),
        objects: () => asked.current.objects(),
        followed: () => asked.current.followed(),
        isStill: window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      });
      made.setCamera(asked.current.camera);
      view.current = made;
      element.addEventListener("webglcontextlost", lose);
      return () => {
        element.removeEventListener("webglcontextlost", lose);
        view.current = null;
        made.dispose();
      };
    } catch {
      lose();
      return undefined;
    }
  }, [track, isDark]);
  useEffect(() => view.current?.setCamera(camera), [camera]);
  useWheel(canvas, view, camera);

  const isFree = camera === "free";
  return (
    <canvas
      ref={canvas}
      className={isFree ? "is-free" : undefined}
      {...(isFree ? { role: "application", tabIndex: 0 } : { role: "img" })}
      aria-label={isFree ? `${label}. Arrow keys turn the view, with Shift they move it, plus and minus zoom, 0 shows everything.` : label}
      onKeyDown={(event) => isFree && view.current && onKey(event, view.current)}
      {...dragging(view, pointers, isFree, onChoose)}
    />
  );
}

function onKey(event: KeyboardEvent, view: TrackView): void {
  const { free, camera } = view;
  const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const arrow = arrows[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (arrow && event.shiftKey) free.shift(camera, arrow[0] * SHIFT, arrow[1] * SHIFT);
  else if (arrow) free.turn(arrow[0] * STEP_RAD, arrow[1] * STEP_RAD);
  else if (event.key === "+" || event.key === "=") free.zoom(camera, 1 / ZOOM);
  else if (event.key === "-") free.zoom(camera, ZOOM);
  else if (event.key === "0" || event.key === "Home") free.reset();
  else return;
  event.preventDefault();
}

/** A drag turns the free view, with Shift or the other button it moves it; two fingers zoom. A click chooses a car. */
function dragging(view: { current: TrackView | null }, down: Pointers, isFree: boolean, onChoose?: (car: number) => void) {
  return {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
      down.set(event.pointerId, { x: event.clientX, y: event.clientY, way: 0 });
      if (isFree) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>) => {
      const before = down.get(event.pointerId);
      const shown = view.current;
      if (!before || !shown) return;
      const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      const apart = (x: number, y: number) => (other ? Math.max(10, Math.hypot(x - other.x, y - other.y)) : 1);
      const pinch = apart(before.x, before.y) / apart(event.clientX, event.clientY);
      down.set(event.pointerId, { x: event.clientX, y: event.clientY, way: before.way + Math.hypot(dx, dy) });
      if (!isFree) return;
      const height = event.currentTarget.clientHeight;
      if (other) shown.free.zoom(shown.camera, pinch);
      else if (event.shiftKey || (event.buttons & 2) !== 0) shown.free.shift(shown.camera, -dx / height, dy / height);
      else shown.free.turn(-dx * DRAG_RAD_PER_PX, dy * DRAG_RAD_PER_PX);
    },
    onPointerUp: (event: PointerEvent<HTMLCanvasElement>) => {
      const before = down.get(event.pointerId);
      down.delete(event.pointerId);
      if (!before || before.way > CLICK_PX) return;
      const box = event.currentTarget.getBoundingClientRect();
      const car = view.current?.carAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      if (car !== null && car !== undefined) onChoose?.(car);
    },
    onPointerCancel: (event: PointerEvent<HTMLCanvasElement>) => void down.delete(event.pointerId),
    onPointerLeave: (event: PointerEvent<HTMLCanvasElement>) => void (!isFree && down.delete(event.pointerId)),
    onContextMenu: (event: { preventDefault(): void }) => isFree && event.preventDefault(),
  };
}

/** The wheel zooms the free view once it has the focus; until then it scrolls the page, as everywhere. */
function useWheel(canvas: { current: HTMLCanvasElement | null }, view: { current: TrackView | null }, camera: CameraName): void {
  useEffect(() => {
    const element = canvas.current;
    if (!element || camera !== "free") return undefined;
    const onWheel = (event: WheelEvent) => {
      if (!view.current || (document.activeElement !== element && !event.ctrlKey)) return;
      event.preventDefault();
      view.current.free.zoom(view.current.camera, Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.003));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [canvas, view, camera]);
}
