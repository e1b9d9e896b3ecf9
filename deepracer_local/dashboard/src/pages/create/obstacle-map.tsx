/** The road from above with its obstacles, which are put there by mouse, finger and keys. */
import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";

import type { TrackDetail } from "../../api/types";
import { metres } from "../../format";
import { boundsOf } from "../../parts/track-drawing";
import { type Lane, MOST_OBSTACLES, type Obstacle } from "./race";

interface Props {
  track: TrackDetail;
  obstacles: Obstacle[];
  isCar: boolean;
  onChange: (obstacles: Obstacle[]) => void;
}

interface Place {
  x: number;
  y: number;
  /** Degrees as SVG counts them. */
  turn: number;
}

/** Length along the road and width, metres: the box of the original, and a car. */
const BOX = [0.4, 0.3] as const;
const CAR = [0.42, 0.2] as const;
/** A finger needs more than a box is large. */
const TOUCH_M = 0.45;
const KEY_STEP_M = 0.1;
const LANE_NAMES = { [-1]: "outer lane", 1: "inner lane" };

export function ObstacleMap({ track, obstacles, isCar, onChange }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const held = useRef<number | null>(null);
  const way = useMemo(() => wayOf(track), [track]);
  const bounds = useMemo(() => boundsOf(track), [track]);
  const set = (i: number, part: Partial<Obstacle>) => onChange(obstacles.map((one, k) => (k === i ? { ...one, ...part } : one)));
  const placeAt = (event: PointerEvent): Obstacle | null => {
    const matrix = svg.current?.getScreenCTM()?.inverse();
    if (!matrix) return null;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return way.nearest(at.x, -at.y);
  };
  const onDown = (event: PointerEvent<SVGSVGElement>) => {
    const box = (event.target as Element).closest<SVGElement>("[data-obstacle]");
    if (event.button !== 0 || !box) return;
    event.preventDefault();
    held.current = Number(box.dataset["obstacle"]);
    box.focus();
    svg.current?.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    const place = held.current === null ? null : placeAt(event);
    if (held.current !== null && place) set(held.current, place);
  };
  const onKey = (event: KeyboardEvent, i: number) => {
    const one = obstacles[i];
    const step = ((event.shiftKey ? 10 : 1) * KEY_STEP_M) / track.length_m;
    if (!one) return;
    if (event.key === "ArrowRight") set(i, { share: wrapped(one.share + step) });
    else if (event.key === "ArrowLeft") set(i, { share: wrapped(one.share - step) });
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") set(i, { lane: one.lane === 1 ? -1 : 1 });
    else if (event.key === "Delete" || event.key === "Backspace") onChange(obstacles.filter((_, k) => k !== i));
    else return;
    event.preventDefault();
  };
  const [length, width] = isCar ? CAR : BOX;
  const box = [bounds.minX, -bounds.maxY, bounds.maxX - bounds.minX, bounds.maxY - bounds.minY];
  return (
    <svg
      ref={svg}
      className="obstacle-map"
      viewBox={box.join(" ")}
      role="group"
      aria-label={`${track.title} from above with ${obstacles.length} of at most ${MOST_OBSTACLES} obstacles`}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => (held.current = null)}
      onPointerCancel={() => (held.current = null)}
    >
      <path d={roadOf(track)} fillRule="evenodd" className="road" />
      <path d={pathOf(track.centre, track.is_closed)} className="line" />
      <path d={pathOf([track.inner[0] ?? [], track.outer[0] ?? []], false)} className="start" />
      {obstacles.map(({ share, lane }, i) => {
        const place = way.at(share, lane);
        return (
          <g
            // Which one it is, is its place in the list: two may stand at one place.
            key={i}
            data-obstacle={i}
            className="obstacle"
            transform={`translate(${place.x} ${-place.y}) rotate(${place.turn})`}
            role="slider"
            tabIndex={0}
            aria-label={`Obstacle ${i + 1}`}
            aria-valuemin={0}
            aria-valuemax={Math.round(track.length_m * 10) / 10}
            aria-valuenow={Math.round(share * track.length_m * 10) / 10}
            aria-valuetext={`${metres(share * track.length_m)} after the start line, ${LANE_NAMES[lane]}`}
            onKeyDown={(event) => onKey(event, i)}
          >
            <circle r={TOUCH_M} className="touch" />
            <rect x={-length / 2} y={-width / 2} width={length} height={width} rx={isCar ? 0.08 : 0.02} />
            <text transform={`rotate(${-place.turn})`} textAnchor="middle" dy="0.09">
              {i + 1}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** Returns a place for one more obstacle: in the middle of the longest stretch without one. */
export function freePlace(obstacles: Obstacle[]): Obstacle {
  if (obstacles.length === 0) return { share: 0.5, lane: -1 };
  const shares = obstacles.map(({ share }) => share).sort((a, b) => a - b);
  const gaps = shares.map((share, i) => ({ share, gap: (shares[i + 1] ?? shares[0]! + 1) - share }));
  const widest = gaps.reduce((best, one) => (one.gap > best.gap ? one : best));
  return { share: rounded(wrapped(widest.share + widest.gap / 2)), lane: obstacles.length % 2 === 0 ? -1 : 1 };
}

interface Way {
  at: (share: number, lane: Lane) => Place;
  nearest: (x: number, y: number) => Obstacle;
}

/** The centre line by arc length, with the borders beside it. */
function wayOf(track: TrackDetail): Way {
  const points = track.is_closed ? [...track.centre, track.centre[0]!] : track.centre;
  const x = (i: number) => points[i]?.[0] ?? 0;
  const y = (i: number) => points[i]?.[1] ?? 0;
  const along = [0];
  for (let i = 1; i < points.length; i++) along.push(along[i - 1]! + Math.hypot(x(i) - x(i - 1), y(i) - y(i - 1)));
  const length = along.at(-1) || 1;
  const middle = (i: number, lane: Lane): [number, number] => {
    const border = (lane === 1 ? track.inner : track.outer)[i % track.centre.length];
    return [(x(i) + (border?.[0] ?? x(i))) / 2, (y(i) + (border?.[1] ?? y(i))) / 2];
  };
  return {
    at: (share, lane) => {
      const s = wrapped(share) * length;
      const i = Math.max(1, along.findIndex((one) => one >= s));
      const part = (s - along[i - 1]!) / (along[i]! - along[i - 1]! || 1);
      const [a, b] = [middle(i - 1, lane), middle(i, lane)];
      return {
        x: a[0] + part * (b[0] - a[0]),
        y: a[1] + part * (b[1] - a[1]),
        turn: (-Math.atan2(y(i) - y(i - 1), x(i) - x(i - 1)) * 180) / Math.PI,
      };
    },
    nearest: (px, py) => {
      let best = { away: Infinity, share: 0, lane: 1 as Lane };
      for (let i = 1; i < points.length; i++) {
        const [dx, dy] = [x(i) - x(i - 1), y(i) - y(i - 1)];
        const part = Math.min(1, Math.max(0, ((px - x(i - 1)) * dx + (py - y(i - 1)) * dy) / (dx * dx + dy * dy || 1)));
        const away = Math.hypot(px - x(i - 1) - part * dx, py - y(i - 1) - part * dy);
        if (away >= best.away) continue;
        const [inner, outer] = [middle(i, 1), middle(i, -1)];
        const lane = Math.hypot(px - inner[0], py - inner[1]) < Math.hypot(px - outer[0], py - outer[1]) ? 1 : -1;
        best = { away, share: (along[i - 1]! + part * (along[i]! - along[i - 1]!)) / length, lane };
      }
      return { share: rounded(wrapped(best.share)), lane: best.lane };
    },
  };
}

const wrapped = (share: number): number => rounded(((share % 1) + 1) % 1);
/** As many digits as tell millimetres apart. */
const rounded = (share: number): number => Math.min(0.9999, Math.round(share * 10_000) / 10_000);

const pathOf = (points: number[][], isClosed: boolean): string => `M${points.map(([x = 0, y = 0]) => `${x.toFixed(3)} ${(-y).toFixed(3)}`).join("L")}${isClosed ? "Z" : ""}`;

const roadOf = (track: TrackDetail): string =>
  track.is_closed ? pathOf(track.outer, true) + pathOf(track.inner, true) : pathOf([...track.outer, ...[...track.inner].reverse()], true);
