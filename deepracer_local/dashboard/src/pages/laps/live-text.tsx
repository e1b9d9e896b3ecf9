/** Text that follows the replay without rendering anything again: ten changes a second are as many as can be read. */
import { useEffect, useRef } from "react";

import type { ReplayClock } from "./clock";

const READ_MS = 100;

export function LiveText({ clock, of }: { clock: ReplayClock; of: (t: number) => string }) {
  const element = useRef<HTMLSpanElement>(null);
  const newest = useRef(of);
  newest.current = of;
  useEffect(() => {
    let shownMs = 0;
    const show = () => {
      const nowMs = performance.now();
      if (!element.current || (clock.isPlaying && nowMs - shownMs < READ_MS)) return;
      shownMs = nowMs;
      const text = newest.current(clock.t);
      if (element.current.textContent !== text) element.current.textContent = text;
    };
    return clock.onFrame(show);
  }, [clock]);
  return (
    <span ref={element} className="numbers">
      {of(clock.t)}
    </span>
  );
}
