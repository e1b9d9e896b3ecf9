/** Curves, over training steps where nothing else is said. uPlot draws ten thousand points in a few milliseconds. */
import "uplot/dist/uPlot.min.css";

import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from "react";
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
  /** Draw points alone: there are many, and they scatter. */
  isScatter?: boolean;
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
  /** Where something else begins, and its name. */
  marks?: readonly { x: number; text: string }[];
  height?: number;
  /** Is told the index of the x under the pointer, and of the one that the arrow keys went to. */
  onLook?: (index: number) => void;
  /** Is told the index of the x that was clicked, or that Enter was pressed at. */
  onOpen?: (index: number) => void;
  /** What runs along the bottom. */
  x?: { label: string; format: (value: number) => string };
}

const NO_MARKS: NonNullable<Props["marks"]> = [];
/** So many places the page keys go. */
const STRIDE = 25;
const MOST_CLICK_PX = 4;
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

const STEPS = { label: "Steps", format: (value: number) => Math.round(value).toLocaleString("en") };

export default function Chart({ label, data, curves, format, range, best = null, marks = NO_MARKS, height = 240, onLook, onOpen, x }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDark = useIsDark();
  const marked = useRef(best);
  marked.current = best;
  const begun = useRef(marks);
  begun.current = marks;
  const newest = useRef(data);
  newest.current = data;
  const look = useRef(onLook);
  look.current = onLook;
  const pressedAt = useRef(0);
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
          { label: (x ?? STEPS).label, value: (_, value) => (value == null ? NOTHING : (x ?? STEPS).format(value)) },
          ...curves.map((curve) => ({
            label: curve.label,
            stroke: colour(curve.colour),
            width: 2,
            spanGaps: true,
            ...(curve.isScatter ? { paths: () => null } : {}),
            points: curve.isScatter
              ? { show: true, size: 4, width: 0, fill: `${colour(curve.colour)}59` }
              : { show: curve.hasPoints ?? false, size: 5 },
            value: (_: uPlot, value: number | null) => (value == null ? NOTHING : format(value)),
            ...(curve.dash ? { dash: curve.dash } : {}),
          })),
        ],
        axes: [
          { ...axis, values: (_, values) => values.map((value) => (x?.format ?? compact.format)(value)) },
          { ...axis, size: 64, values: (_, values) => values.map((value) => format(value)) },
        ],
        hooks: {
          draw: [
            (chart) => {
              for (const { x: at, text } of begun.current) drawMark(chart, at, text, colour("--chart-text"), 28);
              if (marked.current !== null) drawMark(chart, marked.current, "best", colour("--series-3"), 14);
            },
          ],
          setCursor: [(chart) => chart.cursor.idx != null && look.current?.(chart.cursor.idx)],
        },
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

  useEffect(() => plot.current?.setData(data), [data, best, marks]);
  if (!onLook) return <div ref={box} className="chart" role="img" aria-label={label} />;
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const chart = plot.current;
    if (event.key === "Enter" && chart?.cursor.idx != null) onOpen?.(chart.cursor.idx);
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -STRIDE, PageDown: STRIDE }[event.key];
    if (!chart || step === undefined) return;
    event.preventDefault();
    const index = Math.min(data[0].length - 1, Math.max(0, (chart.cursor.idx ?? 0) + step));
    chart.setCursor({ left: chart.valToPos(data[0][index] ?? 0, "x"), top: chart.over.clientHeight / 2 });
  };
  // A drag chooses a range to look at closer; a click is one that went nowhere.
  const click = (event: MouseEvent<HTMLDivElement>) => {
    const index = plot.current?.cursor.idx;
    const isOnPlot = event.target instanceof Element && event.target.closest(".u-over") !== null;
    if (isOnPlot && index != null && Math.abs(event.clientX - pressedAt.current) < MOST_CLICK_PX) onOpen?.(index);
  };
  return (
    <div
      ref={box}
      className={onOpen ? "chart opens" : "chart"}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuenow={plot.current?.cursor.idx ?? 0}
      aria-valuemin={0}
      aria-valuemax={data[0].length - 1}
      onKeyDown={walk}
      onPointerDownCapture={(event) => (pressedAt.current = event.clientX)}
      onClick={click}
    />
  );
}

/** Draws a dashed line at `at`, and beside it `text`, so many pixels below the top. */
function drawMark(chart: uPlot, at: number, text: string, colour: string, below: number): void {
  const x = Math.round(chart.valToPos(at, "x", true));
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
  ctx.fillText(text, x + (ctx.textAlign === "right" ? -6 : 6) * devicePixelRatio, top + below * devicePixelRatio);
  ctx.restore();
}
