/** The title of a track, where its name is all that is known. */
import { useTracks } from "../api/queries";

/** Returns the title of a track; its name until the titles are there. */
export function useTrackTitle(name: string): string {
  return useTracks().data?.tracks.find((track) => track.name === name)?.title ?? name;
}

export function TrackName({ name }: { name: string }) {
  return <>{useTrackTitle(name)}</>;
}
