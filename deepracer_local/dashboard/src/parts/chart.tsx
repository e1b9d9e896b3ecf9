/** Curves over training steps. uPlot draws ten thousand points in a few milliseconds. */
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "react";
import uPlot from "uplot";

import { NOTHING } from "../format";
import { useIsDark } from "../shell/theme";

export interface Curve {
  label: string;
  /** A CSS variable. */
  colour: string;
  dash?: number[];
  /** Draw single points too: values are far apart. */
  hasPoints?: boolean;
}

interface Props {
  /** Says what the picture shows, for those who do not see it. */
  label: string;
  data: uPlot.AlignedData;
  curves: Curve[];
  format: (value: number) => string;
  range?: [number, number];
  /** The x of the best checkpoint. */
  best?: number | null;
  height?: number;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export default function Chart({ label, data, curves, format, range, best = null, height = 240 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDark = useIsDark();
  const marked = useRef(best);
  marked.current = best;
  const newest = useRef(data);
  newest.current = data;
  const kind = JSON.stringify([curves, range, height]);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(document.body);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis: uPlot.Axis = {
      stroke: colour("--chart-text"),
      grid: { stroke: colour("--chart-grid"), width: 1 },
      ticks: { stroke: colour("--chart-grid"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const made = new uPlot(
      {
        width: element.clientWidth || 600,
        height,
        cursor: { points: { size: 7 } },
        scales: { x: { time: false }, ...(range ? { y: { range } } : {}) },
        series: [
          { label: "Steps", value: (_, value) => (value == null ? NOTHING : Math.round(value).toLocaleString("en")) },
          ...curves.map((curve) => ({
            label: curve.label,
            stroke: colour(curve.colour),
            width: 2,
            spanGaps: true,
            points: { show: curve.hasPoints ?? false, size: 5 },
            value: (_: uPlot, value: number | null) => (value == null ? NOTHING : format(value)),
            ...(curve.dash ? { dash: curve.dash } : {}),
          })),
        ],
        axes: [
          { ...axis, values: (_, values) => values.map((value) => compact.format(value)) },
          { ...axis, size: 64, values: (_, values) => values.map((value) => format(value)) },
        ],
        hooks: { draw: [(chart) => drawBest(chart, marked.current, colour("--series-3"))] },
      },
      newest.current,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // `kind` stands for curves, range and height, which are made anew at every rendering.
  }, [isDark, kind]);

  useEffect(() => plot.current?.setData(data), [data, best]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}

function drawBest(chart: uPlot, best: number | null, colour: string): void {
  if (best === null) return;
  const x = Math.round(chart.valToPos(best, "x", true));
  const { left, top, width, height } = chart.bbox;
  if (x < left || x > left + width) return;
  const { ctx } = chart;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = x > left + width / 2 ? "right" : "left";
  ctx.fillText("best", x + (ctx.textAlign === "right" ? -6 : 6) * devicePixelRatio, top + 14 * devicePixelRatio);
  ctx.restore();
}
