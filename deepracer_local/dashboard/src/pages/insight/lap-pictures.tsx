/** Where in its lap a step is: on the curve of the value, and on the track. */
import { useMemo } from "react";

import { useTrack } from "../../api/queries";
import type { InsightStep, LapInsight } from "../../api/types";
import { decimal } from "../../format";
import { boundsOf } from "../../parts/track-drawing";

interface Props {
  insight: LapInsight;
  step: InsightStep;
}

const [WIDTH, HEIGHT, MARGIN] = [600, 110, 6];

export function ValueCurve({ insight, step, onChoose }: Props & { onChoose: (index: number) => void }) {
  const { steps } = insight;
  const [low, high] = useMemo(() => {
    const values = steps.map((one) => one.value);
    return [Math.min(...values), Math.max(...values)];
  }, [steps]);
  const x = (i: number) => (steps.length > 1 ? (i / (steps.length - 1)) * WIDTH : WIDTH / 2);
  const y = (value: number) => HEIGHT - MARGIN - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN);
  const line = useMemo(() => steps.map((one, i) => `${x(i).toFixed(1)},${y(one.value).toFixed(1)}`).join(" "), [steps, low, high]);
  const now = steps.indexOf(step);
  const label = `The value over the lap, between ${decimal(low)} and ${decimal(high)}; ${decimal(step.value)} at step ${step.step}`;
  return (
    <div className="value-curve numbers">
      <div className="value-ends" aria-hidden="true">
        <span>{decimal(high)}</span>
        <span>{decimal(low)}</span>
      </div>
      <div
        className="value-plot"
        role="img"
        aria-label={label}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          onChoose(Math.round(((event.clientX - box.left) / box.width) * (steps.length - 1)));
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <line x1={x(now)} x2={x(now)} y1="0" y2={HEIGHT} className="value-now" />
          <polyline points={line} className="value-line" />
        </svg>
        <span className="value-dot" style={{ left: `${(100 * x(now)) / WIDTH}%`, top: `${(100 * y(step.value)) / HEIGHT}%` }} />
      </div>
      <div className="value-times" aria-hidden="true">
        <span>{decimal(steps[0]?.time_s, 1)} s</span>
        <span>{decimal(steps.at(-1)?.time_s, 1)} s</span>
      </div>
    </div>
  );
}

export function PlaceOnTrack({ insight, step }: Props) {
  const { data: track } = useTrack(insight.track);
  const still = useMemo(() => {
    if (track === undefined) return null;
    const { minX, maxX, minY, maxY } = boundsOf(track);
    const shape = track.is_closed
      ? [track.outer, track.inner].map((line) => `M${pathOf(line)}Z`).join("")
      : `M${pathOf([...track.outer, ...[...track.inner].reverse()])}Z`;
    return { box: `${minX} ${-maxY} ${maxX - minX} ${maxY - minY}`, shape, scale: Math.max(maxX - minX, maxY - minY) };
  }, [track]);
  const driven = useMemo(() => `M${pathOf(insight.steps.map((one) => [one.x_m, one.y_m]))}`, [insight]);
  if (still === null) return null;
  const size = still.scale / 45;
  return (
    <svg className="place" viewBox={still.box} role="img" aria-label={`Where the car was on the track: at ${decimal(step.progress, 1)} % of the lap`}>
      <path d={still.shape} className="place-road" fillRule="evenodd" />
      <path d={driven} className="place-driven" strokeWidth={size / 3} />
      <g transform={`translate(${step.x_m} ${-step.y_m}) rotate(${-step.yaw_deg}) scale(${size})`}>
        <path d="M1.5 0L-1 0.9L-0.6 0L-1 -0.9Z" className="place-car" />
      </g>
    </svg>
  );
}

/** Metres, y upwards; an SVG's points downwards. */
const pathOf = (line: number[][]) => line.map(([x = 0, y = 0]) => `${x.toFixed(3)} ${(-y).toFixed(3)}`).join("L");
