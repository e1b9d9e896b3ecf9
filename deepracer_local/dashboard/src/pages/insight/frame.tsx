/** What the camera saw, pixel by pixel, under what counted of it. */
import { useEffect, useMemo, useRef } from "react";

import type { InsightStep, LapInsight } from "../../api/types";
import { paint, placeOf, sharesOf } from "./saliency";

interface Props {
  insight: LapInsight;
  step: InsightStep;
  /** 0 shows the picture alone. */
  strength: number;
}

export function Frame({ insight, step, strength }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shares = useMemo(() => sharesOf(step), [step]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paint(context, shares, strength);
  }, [shares, strength]);
  const place = strength > 0 ? ` What spoke most for the chosen action is ${placeOf(shares, insight)}.` : "";
  return (
    <div className="insight-frame" style={{ aspectRatio: `${insight.width_px} / ${insight.height_px}` }}>
      <img src={`data:image/webp;base64,${step.frame}`} alt={`What the camera saw at step ${step.step}.${place}`} />
      <canvas ref={canvas} width={insight.columns} height={insight.rows} aria-hidden="true" />
    </div>
  );
}
