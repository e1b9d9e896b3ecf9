/** What the network of one car gets, picture by picture; asked for only while it is on the screen. */
import { useEffect, useRef, useState } from "react";

import { useLive } from "../api/live";

interface Props {
  jobId: string;
  /** The number of the car, asked for again and again: the leader changes. */
  followed: () => number | null;
}

const LOOK_MS = 100;
/** The service sends pictures for three seconds after a question. */
const ASK_MS = 1_000;
const SILENCE_MS = 2_000;

export function OnBoard({ jobId, followed }: Props) {
  const live = useLive();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<string | null>(null);
  const [car, setCar] = useState<number | null>(null);
  const [isSilent, setSilent] = useState(false);
  const asked = useRef(followed);
  asked.current = followed;

  useEffect(() => {
    let wanted: number | null = null;
    let askedAt = -ASK_MS;
    let seenAt = performance.now();
    const timer = window.setInterval(() => {
      const now = performance.now();
      setSilent(now - seenAt > SILENCE_MS);
      const car = asked.current();
      if (car === null || document.hidden || (car === wanted && now - askedAt < ASK_MS)) return;
      if (live.wantFrame(jobId, car)) [wanted, askedAt] = [car, now];
      setCar(car);
    }, LOOK_MS);
    const forget = live.onFrame((picture) => {
      seenAt = performance.now();
      void show(picture, canvas.current).then(setSize);
    });
    return () => {
      window.clearInterval(timer);
      forget();
    };
  }, [live, jobId]);

  const name = car === null ? "the car" : `car ${car + 1}`;
  return (
    <figure className="on-board">
      <div className="on-board-picture">
        <canvas ref={canvas} width={160} height={120} role="img" aria-label={`What the network of ${name} sees, live`} />
        {size === null && <p>Waiting for the first picture…</p>}
      </div>
      <figcaption aria-live="off">
        {car === null ? "" : `Car ${car + 1}. `}
        {size ?? "160 × 120"} greys, what the network gets: without loss, up to 15 pictures a second.
        {isSilent && size !== null && " The car stands while the policy is updated."}
      </figcaption>
    </figure>
  );
}

/** Draws the picture as it is, pixel by pixel; returns its size. */
async function show(picture: Blob, canvas: HTMLCanvasElement | null): Promise<string> {
  const image = await createImageBitmap(picture);
  const size = `${image.width} × ${image.height}`;
  if (canvas) {
    if (canvas.width !== image.width || canvas.height !== image.height) [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d")?.drawImage(image, 0, 0);
  }
  image.close();
  return size;
}
