/** A drawing of a track, as the service makes it. */
import { addressOf } from "../api/client";

export function TrackPicture({ name, title }: { name: string; title: string }) {
  const address = addressOf("GET /api/v1/tracks/{name}/picture", { params: { name } });
  return <img className="track-picture" src={address} alt={`Outline of ${title}`} />;
}
