/** The cars of a running job: on the map, in three dimensions, or through the eyes of one of them. The choice is kept. */
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";

import { useLive } from "../api/live";
import { useTrack } from "../api/queries";
import { Loaded } from "../shell/states";
import { liveCars } from "./live-cars";
import { OnBoard } from "./on-board";
import { liveObjects } from "./road-objects";
import { Scene } from "./track-3d/scene";
import type { CameraName } from "./track-3d/view";
import { TrackMap } from "./track-map";

const VIEWS = [
  { id: "map", text: "Map" },
  { id: "chase", text: "Chase" },
  { id: "top", text: "Top 3D" },
  { id: "free", text: "Free" },
  { id: "on-board", text: "On board" },
] as const;
type ViewName = (typeof VIEWS)[number]["id"];

const KEY = "deepracer-local.live-view";

interface Props {
  track: string;
  /** What the job calls that track; null where it has no other. */
  road: string | null;
  jobId: string;
  /** The number of the car to follow; null for the one that is furthest. */
  chosen: number | null;
  onChoose: (car: number) => void;
}

export function LiveView(props: Props) {
  const [view, setView] = useState(stored);
  const choose = (name: ViewName) => {
    setView(name);
    keep(name);
  };
  return (
    <SpaceBetween size="s">
      <SegmentedControl
        label="How to watch"
        selectedId={view}
        options={[...VIEWS]}
        onChange={({ detail }) => choose(detail.selectedId as ViewName)}
      />
      <Shown {...props} view={view} />
    </SpaceBetween>
  );
}

function Shown({ view, ...props }: Props & { view: ViewName }) {
  const live = useLive();
  const { track, road, jobId, chosen } = props;
  const followed = () => chosen ?? live.leaderOf(jobId, road);
  if (view === "map") return <TrackMap track={track} road={road} jobId={jobId} chosen={chosen} />;
  if (view === "on-board") return <OnBoard jobId={jobId} followed={followed} />;
  return <LiveScene {...props} camera={view} followed={followed} />;
}

function LiveScene({ track, road, jobId, chosen, onChoose, camera, followed }: Props & { camera: CameraName; followed: () => number | null }) {
  const live = useLive();
  const isStill = useMemo(() => window.matchMedia("(prefers-reduced-motion: reduce)").matches, []);
  const cars = useMemo(() => liveCars(live, jobId, road, isStill), [live, jobId, road, isStill]);
  const objects = liveObjects(live, jobId, followed, isStill);
  return (
    <Loaded query={useTrack(track)} what={`the track ${track}`}>
      {(detail) => (
        <Scene
          track={detail}
          cars={cars}
          objects={objects}
          followed={followed}
          camera={camera}
          label={`The cars on the track ${detail.title}, live, in three dimensions`}
          onChoose={onChoose}
          fallback={<TrackMap track={track} road={road} jobId={jobId} chosen={chosen} />}
        />
      )}
    </Loaded>
  );
}

function stored(): ViewName {
  try {
    const value = window.localStorage.getItem(KEY);
    return VIEWS.find(({ id }) => id === value)?.id ?? "map";
  } catch {
    return "map";
  }
}

function keep(view: ViewName): void {
  try {
    window.localStorage.setItem(KEY, view);
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
}
