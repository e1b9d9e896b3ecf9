/** A track with its cars in three dimensions, or what is there instead where the browser cannot draw it. */
import Alert from "@cloudscape-design/components/alert";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";

import type { TrackDetail } from "../../api/types";
import { ErrorBoundary, Loading } from "../../shell/states";
import type { CarSource } from "../live-cars";
import type { ObjectSource } from "../road-objects";
import type { CameraName } from "./view";
import { hasWebgl } from "./webgl";

const Track3d = lazy(() => import("./track-3d"));
const READ_MS = 200;
const HINTS: Record<CameraName, string> = {
  chase: "",
  top: "Click a car to follow it",
  free: "Drag to turn, Shift and drag to move, click and scroll to zoom",
};

interface Props {
  track: TrackDetail;
  /** Where the cars are now: a running job, or a recorded lap. */
  cars: CarSource;
  objects: ObjectSource;
  /** The number of the car to follow, or null where there is none. */
  followed: () => number | null;
  camera: CameraName;
  label: string;
  onChoose?: (car: number) => void;
  /** Shown, under a sentence why, where there is no WebGL. */
  fallback: ReactNode;
}

export function Scene({ fallback, ...props }: Props) {
  const [isLost, setLost] = useState(false);
  if (!hasWebgl() || isLost)
    return (
      <>
        <Alert type="info">
          This browser does not draw in three dimensions now: WebGL is off, or the graphics card is not available to it. Here is the map
          instead. <em>On board</em> works without.
        </Alert>
        {fallback}
      </>
    );
  return (
    <div className="track-3d">
      <ErrorBoundary>
        <Suspense fallback={<Loading what="the scene" />}>
          <Track3d {...props} onLost={() => setLost(true)} />
        </Suspense>
      </ErrorBoundary>
      <Chips followed={props.followed} hint={HINTS[props.camera]} hasCars={() => props.cars().length > 0} />
    </div>
  );
}

/** Whom the picture follows, and what can be done. */
function Chips({ followed, hint, hasCars }: { followed: () => number | null; hint: string; hasCars: () => boolean }) {
  const [car, setCar] = useState<number | null>(null);
  const [isEmpty, setEmpty] = useState(false);
  useEffect(() => {
    const read = () => {
      setCar(followed());
      setEmpty(!hasCars());
    };
    read();
    const timer = window.setInterval(read, READ_MS);
    return () => window.clearInterval(timer);
  });
  return (
    <div className="track-3d-chips" aria-hidden>
      <span>{isEmpty ? "No car drives at this moment" : car === null ? "" : `Car ${car + 1}`}</span>
      <span className="hint">{hint}</span>
    </div>
  );
}
