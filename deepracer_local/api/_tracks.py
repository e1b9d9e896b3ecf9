"""Routes about tracks: list, look at, upload."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._errors import ApiError
from deepracer_local.api._fields import TrackName, is_track_name
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._views import written
from deepracer_local.errors import ConflictError, NotFoundError, SpecError, TrackError, UnknownNameError
from deepracer_local.track import Track, import_track, outline_svg

router = APIRouter(prefix="/tracks", tags=["tracks"])

MAX_UPLOAD_BYTES = 4_000_000
Point = Annotated[list[float], Field(min_length=2, max_length=2)]


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
        raise ConflictError(f"name: expected a free name, got {name!r}, which is taken. Choose another.")
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
