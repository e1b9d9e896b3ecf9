/** The ground with a grid in metres, the road, its faults, and a handle for each point: by mouse, finger and keys. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";

import type { TrackFinding } from "../../api/types";
import { metres } from "../../format";
import { middleAfter, segmentAt, type Sketch } from "./sketch";
import { distance, type Point, type Road } from "./spline";
import { fitted, gridOf, linesOf, type Size, toMetres, toPixels, type Viewport, zoomed } from "./viewport";

export interface Place extends Point {
  /** Asks for the same place again. */
  number: number;
}

interface Props {
  sketch: Sketch;
  road: Road | null;
  selected: number | null;
  findings: TrackFinding[];
  /** Metres between the points of the grid that points snap to; 0 for none. */
  snap: number;
  view: Viewport | null;
  onView: (view: Viewport) => void;
  size: Size;
  onSize: (size: Size) => void;
  onSelect: (i: number | null) => void;
  onInsert: (i: number, point: Point) => void;
  onMove: (i: number, point: Point) => void;
  onRemove: (i: number) => void;
  onSettle: () => void;
  /** Where the keyboard is to go at the next rendering. */
  focus: RefObject<number | null>;
}

type Drag = { kind: "point"; i: number; away: Point } | { kind: "ground"; from: Point; view: Viewport; hasMoved: boolean };

const CLICK_PX = 4;
const PLUS_PX = 90;
const WHEEL = 1.0015;
const HALF_HANDLE_PX = 8;
/** Of the arrow keys where nothing snaps; ten times as far with Shift. */
const KEY_STEP_M = 0.05;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function RoadCanvas(props: Props) {
  const { sketch, road, selected, findings, snap, view, onView, size, onSize, onSelect, onInsert, onMove, onRemove, onSettle, focus } = props;
  const { points, width } = sketch;
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<Drag | null>(null);
  const [isPanning, setPanning] = useState(false);
  const shown = view ?? fitted(points, size, width);
  const latest = useRef({ shown, size, onView });
  latest.current = { shown, size, onView };

  useEffect(() => {
    const element = svg.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => onSize({ width: element.clientWidth || 1, height: element.clientHeight || 1 }));
    observer.observe(element);
    const onWheel = (event: WheelEvent) => {
      // Without Ctrl the page scrolls, as it does everywhere else.
      if (!event.ctrlKey && !event.metaKey && document.activeElement?.closest(".draw") === null) return;
      event.preventDefault();
      const now = latest.current;
      now.onView(zoomed(now.shown, now.size, WHEEL ** -event.deltaY, pixelOf(element, event)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", onWheel);
    };
  }, [onSize]);

  useEffect(() => {
    if (focus.current === null) return;
    svg.current?.querySelector<SVGElement>(`[data-point="${focus.current}"]`)?.focus();
    focus.current = null;
  });

  const px = (point: Point): Point => toPixels(shown, size, point);
  const snapped = (point: Point): Point => (snap === 0 ? point : { x: Math.round(point.x / snap) * snap, y: Math.round(point.y / snap) * snap });
  const placeOf = (event: PointerEvent): Point => toMetres(shown, size, pixelOf(svg.current, event));

  const onDown = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    const handle = (event.target as Element).closest<SVGElement>("[data-point]");
    if (handle) {
      const i = Number(handle.dataset["point"]);
      const [at, point] = [placeOf(event), points[i] as Point];
      drag.current = { kind: "point", i, away: { x: point.x - at.x, y: point.y - at.y } };
      onSelect(i);
      handle.focus();
    } else {
      drag.current = { kind: "ground", from: pixelOf(svg.current, event), view: shown, hasMoved: false };
    }
    svg.current?.setPointerCapture(event.pointerId);
  };
  const onDrag = (event: PointerEvent) => {
    const now = drag.current;
    if (now?.kind === "point") {
      const at = placeOf(event);
      onMove(now.i, snapped({ x: at.x + now.away.x, y: at.y + now.away.y }));
    } else if (now?.kind === "ground") {
      const at = pixelOf(svg.current, event);
      if (!now.hasMoved && distance(at, now.from) < CLICK_PX) return;
      now.hasMoved = true;
      setPanning(true);
      onView({ ...now.view, x: now.view.x - (at.x - now.from.x) / now.view.scale, y: now.view.y + (at.y - now.from.y) / now.view.scale });
    }
  };
  const onUp = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = null;
    setPanning(false);
    if (now?.kind === "point") onSettle();
    if (now?.kind !== "ground" || now.hasMoved) return;
    const place = placeOf(event);
    const segment = road === null ? null : segmentAt(road, place, width);
    // On the road a point goes where it is; beside it, behind the one that is worked on.
    onInsert(segment === null ? (selected ?? points.length - 1) + 1 : segment + 1, snapped(place));
  };
  const onCancel = () => {
    drag.current = null;
    setPanning(false);
  };
  const onKey = (event: KeyboardEvent, i: number) => {
    const arrow = ARROWS[event.key];
    const point = points[i] as Point;
    if (arrow) {
      const step = (snap || KEY_STEP_M) * (event.shiftKey ? 10 : 1);
      onMove(i, snapped({ x: point.x + arrow[0] * step, y: point.y + arrow[1] * step }));
    } else if (event.key === "Delete" || event.key === "Backspace") onRemove(i);
    else if (event.key === "Enter" || event.key === "+") onInsert(i + 1, snapped(middleAfter(points, i, road)));
    else if (event.key === "Escape") onSelect(null);
    else return;
    event.preventDefault();
  };

  return (
    <svg
      ref={svg}
      className={`draw-ground${isPanning ? " is-panning" : ""}`}
      role="group"
      aria-label="The road from above. Tab goes from point to point."
      onPointerDown={onDown}
      onPointerMove={onDrag}
      onPointerUp={onUp}
      onPointerCancel={onCancel}
    >
      <Grid view={shown} size={size} />
      {road && <RoadPicture road={road} px={px} scale={shown.scale} />}
      {road === null && <polyline points={points.map((p) => text(px(p))).join(" ")} fill="none" stroke="var(--series-1)" strokeWidth="2" strokeDasharray="6 5" />}
      {road &&
        points.map((point, i) => {
          const place = px(middleAfter(points, i, road));
          if (distance(px(point), px(points[(i + 1) % points.length] as Point)) < PLUS_PX) return null;
          return (
            <g key={i} className="draw-plus" aria-hidden transform={`translate(${text(place)})`}>
              <circle r="7" />
              <path d="M-3.5 0H3.5M0 -3.5V3.5" />
            </g>
          );
        })}
      {findings.map((finding, i) =>
        finding.x_m === null || finding.y_m === null ? null : (
          <g key={i} className={`draw-fault is-${finding.kind}`} transform={`translate(${text(px({ x: finding.x_m, y: finding.y_m }))})`} data-rule={finding.rule}>
            <title>{finding.message}</title>
            <circle r="17" className="halo" />
            <g transform="translate(0 -27)">
              <path d="M0 11L-5 4H5Z" />
              <circle r="9.5" />
              <text textAnchor="middle" dy="4.2">
                {i + 1}
              </text>
            </g>
          </g>
        ),
      )}
      {points.map((point, i) => (
        <g
          key={i}
          data-point={i}
          className={`draw-point${i === selected ? " is-selected" : ""}`}
          transform={`translate(${text(px(point))})`}
          tabIndex={0}
          role="button"
          aria-label={`Point ${i + 1} of ${points.length}${i === 0 ? ", the start" : ""}: x ${metres(point.x, 2)}, y ${metres(point.y, 2)}`}
          aria-describedby="draw-keys"
          onFocus={() => onSelect(i)}
          onKeyDown={(event) => onKey(event, i)}
        >
          <circle r="16" className="reach" />
          <circle r={HALF_HANDLE_PX} className="knob" />
          <text x="11" y="-9">
            {i + 1}
          </text>
        </g>
      ))}
    </svg>
  );
}

function Grid({ view, size }: { view: Viewport; size: Size }) {
  const step = gridOf(view);
  const label = (value: number) => `${Math.round(value * 100) / 100}`;
  return (
    <g className="draw-grid" aria-hidden>
      {linesOf(view.x, size.width, view, step).map((x) => {
        const at = toPixels(view, size, { x, y: 0 }).x;
        return (
          <g key={x}>
            <line x1={at} x2={at} y1={0} y2={size.height} className={Math.abs(x) < 1e-9 ? "axis" : ""} />
            {at < size.width - 30 && (
              <text x={at + 3} y={size.height - 5}>
                {label(x)}
              </text>
            )}
          </g>
        );
      })}
      {linesOf(view.y, size.height, view, step).map((y) => {
        const at = toPixels(view, size, { x: 0, y }).y;
        return (
          <g key={y}>
            <line x1={0} x2={size.width} y1={at} y2={at} className={Math.abs(y) < 1e-9 ? "axis" : ""} />
            {at < size.height - 24 && (
              <text x={4} y={at - 3}>
                {label(y)}
              </text>
            )}
          </g>
        );
      })}
      <text x={size.width - 8} y={16} textAnchor="end">
        1 square = {label(step)} m
      </text>
    </g>
  );
}

function RoadPicture({ road, px, scale }: { road: Road; px: (point: Point) => Point; scale: number }) {
  const path = (line: Point[]) => `M${line.map((point) => text(px(point))).join("L")}Z`;
  const paths = { left: path(road.left), right: path(road.right), centre: path(road.centre) };
  const start = [road.left[0], road.right[0]].map((point) => px(point as Point)) as [Point, Point];
  const arrows = [0.04, 0.29, 0.54, 0.79].map((share) => Math.floor(share * road.centre.length));
  return (
    <g aria-hidden>
      <path d={`${paths.left}${paths.right}`} fill="var(--road)" fillRule="evenodd" />
      <path d={paths.left} fill="none" stroke="var(--road-edge)" strokeWidth={Math.max(1, scale * 0.04)} />
      <path d={paths.right} fill="none" stroke="var(--road-edge)" strokeWidth={Math.max(1, scale * 0.04)} />
      <path d={paths.centre} fill="none" stroke="var(--road-line)" strokeWidth={Math.max(1, scale * 0.025)} strokeDasharray={`${scale * 0.22} ${scale * 0.22}`} />
      <line x1={start[0].x} y1={start[0].y} x2={start[1].x} y2={start[1].y} stroke="var(--road-edge)" strokeWidth={Math.max(3, scale * 0.08)} />
      {arrows.map((i) => {
        const [here, next] = [px(road.centre[i] as Point), px(road.centre[(i + 1) % road.centre.length] as Point)];
        const angle = (Math.atan2(next.y - here.y, next.x - here.x) * 180) / Math.PI;
        return <path key={i} d="M-5 -7L7 0L-5 7Z" className="draw-arrow" transform={`translate(${text(here)}) rotate(${angle})`} />;
      })}
    </g>
  );
}

const text = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function pixelOf(element: Element | null, event: { clientX: number; clientY: number }): Point {
  const box = element?.getBoundingClientRect();
  return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
}
