"""Routes about tracks: list, look at, upload, draw, delete."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._errors import ApiError
from deepracer_local.api._fields import Text, TrackName, is_track_name
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._views import written
from deepracer_local.domain import JobSpec
from deepracer_local.errors import ConflictError, NotFoundError, SpecError, TrackError, UnknownNameError
from deepracer_local.track import (
    Drawing,
    DrawnRoad,
    Track,
    check_drawing,
    delete_track,
    import_track,
    outline_svg,
    save_drawing,
)

router = APIRouter(prefix=f"{API}/tracks", tags=["tracks"])

MAX_UPLOAD_BYTES = 4_000_000
Point = Annotated[list[float], Field(min_length=2, max_length=2)]
DrawnPoint = Annotated[list[Annotated[float, Field(ge=-1_000, le=1_000)]], Field(min_length=2, max_length=2)]


class TrackView(BaseModel):
    """A track's measures."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    description: str
    length_m: float
    width_m: float
    direction: str
    min_radius_m: float | None
    """None on a straight one."""
    n_waypoints: int
    author: str
    licence: str
    is_builtin: bool


class TrackDetail(TrackView):
    """A track with its lines, each a list of [x, y] in metres."""

    centre: list[Point]
    inner: list[Point]
    outer: list[Point]
    is_closed: bool


class TrackList(BaseModel):
    """All tracks at hand."""

    tracks: list[TrackView]


class DrawTrack(BaseModel):
    """A road to make a track of, or with `dry_run` to look at."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: Annotated[TrackName, Field(max_length=64)] | None = Field(
        default=None, description="what to call the track; only a dry run does without"
    )
    title: Text = Field(default="", max_length=100, description="its name for people; without one its name")
    description: Text = Field(default="", max_length=2_000)
    points: list[DrawnPoint] = Field(
        min_length=4,
        max_length=200,
        description="of a smooth loop, [x, y] in metres, in driving order; it starts at the first",
    )
    width_m: float = Field(gt=0, le=100, description="from border to border")
    dry_run: bool = Field(default=False, description="store nothing, say what would become of it")


class TrackFinding(BaseModel):
    """Something to mend on a drawn road (`error`), or to know (`warning`)."""

    kind: Literal["error", "warning"]
    rule: str
    message: str
    x_m: float | None
    """Where it is; None where it is about the whole road."""
    y_m: float | None


class DrawnTrack(BaseModel):
    """What becomes of a drawing: the smoothed road, its lines lists of [x, y] in metres, and what is wrong with it."""

    usable: bool
    findings: list[TrackFinding]
    length_m: float
    """0 where no line can be made of the points."""
    min_radius_m: float | None
    """The smallest radius of the centre line; None on a straight one."""
    centre: list[Point]
    inner: list[Point]
    outer: list[Point]
    track: TrackView | None
    """The stored track; None of a dry run."""


@router.get("", response_model=TrackList)
async def list_all(_: Reader, kit: Kit) -> Response:
    """Lists the built-in tracks and the uploaded ones."""
    return await kit.look(lambda: written({"tracks": [_fields(track, kit) for track in kit.tracks.list()]}))


@router.get("/{name}")
def get(_: Reader, kit: Kit, name: str) -> TrackDetail:
    """Returns one track with its lines."""
    track = _find(name, kit)
    return TrackDetail(
        **_fields(track, kit),
        centre=track.centre_m.tolist(),
        inner=track.inner_m.tolist(),
        outer=track.outer_m.tolist(),
        is_closed=track.is_closed,
    )


@router.get("/{name}/picture", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def picture(_: Reader, kit: Kit, name: str) -> Response:
    """Returns a drawing of the track as SVG."""
    return Response(outline_svg(_find(name, kit)), media_type="image/svg+xml")


@router.post("", status_code=201)
def upload(
    _: Writer, kit: Kit, file: Annotated[UploadFile, File()], name: Annotated[TrackName, Form(max_length=64)]
) -> TrackView:
    """Takes over a track of the community: a .npy file with six columns."""
    kit.require_room()
    directory = kit.track_directories[-1]
    if any((folder / name).exists() for folder in kit.track_directories):
        raise _taken(name)
    content = file.file.read(MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise ApiError(
            413, f"file: expected at most {MAX_UPLOAD_BYTES} bytes. Keep a row every 0.1 to 0.3 m.", field="file"
        )
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{name}.npy"
        draft.write_bytes(content)
        try:
            track = import_track(draft, name, directory)
        except TrackError as err:
            raise SpecError(str(err).replace(str(draft), "file"), field="file") from err
    return TrackView(**_fields(track, kit))


@router.post("/drawn", status_code=201, responses={200: {"model": DrawnTrack, "description": "Of a dry run"}})
def draw(_: Writer, kit: Kit, response: Response, body: DrawTrack) -> DrawnTrack:
    """Takes over a drawn track: a smooth loop through points; with `dry_run` only says what becomes of it."""
    title = body.title or body.name or "Untitled"
    drawing = Drawing(title, tuple((x, y) for x, y in body.points), body.width_m, body.description)
    road = check_drawing(drawing)
    if body.dry_run:
        response.status_code = 200
        return _drawn(road, None)
    if body.name is None:
        raise SpecError("name: expected a name for the track, got none. Choose one.", field="name")
    for finding in road.findings:
        if finding.kind == "error":
            place = "" if finding.x_m is None else f" (at x = {finding.x_m:.2f}, y = {finding.y_m:.2f} m)"
            raise SpecError(f"points: {finding.message}{place}", field="points")
    kit.require_room()
    if any((folder / body.name).exists() for folder in kit.track_directories):
        raise _taken(body.name)
    save_drawing(drawing, kit.track_directories[-1] / body.name)
    return _drawn(road, TrackView(**_fields(kit.tracks.get(body.name), kit)))


@router.delete("/{name}", status_code=204)
def delete(_: Writer, kit: Kit, name: str) -> None:
    """Deletes an uploaded or drawn track; refused while a job that is not over drives on it."""
    if not is_track_name(name):
        raise NotFoundError("track", name)
    builtin, own = kit.track_directories[0], kit.track_directories[-1]
    if (builtin / name).is_dir():
        raise ConflictError(f"Expected a track of your own, got {name!r}, which comes with the program. It stays.")
    if not (own / name / "track.json").is_file():
        raise NotFoundError("track", name)
    specs = [JobSpec.model_validate(spec) for spec in kit.database.jobs.unfinished_specs()]
    used = {track for spec in specs for track in spec.train.track_names} | {
        spec.evaluate.track for spec in specs if spec.evaluate is not None
    }
    if used & {name, f"{name}_cw", f"{name}_ccw"}:
        raise ConflictError(f"Expected a track that no unfinished job drives on, got {name!r}. Stop its jobs first.")
    delete_track(own / name)


def _taken(name: str) -> ConflictError:
    return ConflictError(f"name: expected a free name, got {name!r}, which is taken. Choose another.")


def _drawn(road: DrawnRoad, track: TrackView | None) -> DrawnTrack:
    return DrawnTrack(
        usable=road.is_usable,
        findings=[TrackFinding(**asdict(finding)) for finding in road.findings],
        length_m=road.length_m,
        min_radius_m=road.min_radius_m if road.min_radius_m != float("inf") else None,
        centre=road.centre_m.tolist(),
        inner=road.inner_m.tolist(),
        outer=road.outer_m.tolist(),
        track=track,
    )


def _find(name: str, kit: Services) -> Track:
    if not is_track_name(name):
        raise NotFoundError("track", name)  # only names here: a path is for the command line
    try:
        return kit.tracks.get(name)
    except (UnknownNameError, TrackError) as err:
        raise NotFoundError("track", name) from err


def _fields(track: Track, kit: Services) -> dict[str, Any]:
    return {
        "name": track.name,
        "title": track.title,
        "description": track.description,
        "length_m": track.length_m,
        "width_m": track.mean_width_m,
        "direction": track.direction,
        "min_radius_m": track.min_radius_m if track.min_radius_m != float("inf") else None,
        "n_waypoints": len(track.waypoints),
        "author": track.author,
        "licence": track.licence,
        "is_builtin": (kit.track_directories[0] / track.name).is_dir(),
    }
