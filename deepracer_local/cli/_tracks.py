"""The commands about tracks: ``tracks list | show | draw | import | create | delete``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import print_saved, service
from deepracer_local.errors import TrackError, UnknownNameError
from deepracer_local.settings import Settings
from deepracer_local.track import (
    Drawing,
    Track,
    builtin_tracks_dir,
    check_drawing,
    delete_track,
    find_track,
    import_track,
    is_track_folder_name,
    list_tracks,
    read_drawing,
    save_drawing,
)

app = typer.Typer(help="List, show, draw, import, make and delete tracks.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

OfService = Annotated[bool, typer.Option("--service", help="Ask the running service instead of this machine's files.")]
_LINES = frozenset({"centre", "inner", "outer", "is_closed"})
"""What only the service's answer has; for programs."""


@app.command("list")
def list_all(of_service: OfService = False, as_json: Json = False) -> None:
    """List all tracks at hand: the built-in ones and those you imported."""
    if of_service:
        with service(as_json=as_json) as client:
            tracks = client.tracks()
    else:
        tracks = [_fields(track) for track in list_tracks(_directories())]
    if as_json:
        print_json({"tracks": tracks})
        return
    table = Table()
    for heading in ("name", "length m", "width m", "radius m", "direction", "source"):
        table.add_column(heading, justify="right" if heading.endswith(" m") else "left", no_wrap=True)
    for track in tracks:
        radius_m = track["min_radius_m"]
        table.add_row(
            track["name"],
            f"{track['length_m']:.2f}",
            f"{track['width_m']:.2f}",
            "straight" if radius_m is None else f"{radius_m:.2f}",
            track["direction"],
            _source(track),
        )
    Console(highlight=False).print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A track's name or file.")],
    of_service: OfService = False,
    as_json: Json = False,
) -> None:
    """Show one track: length, width, direction and who made it."""
    if of_service:
        with service(as_json=as_json) as client:
            fields = client.track(name)
    else:
        fields = _fields(find_track(name, _directories()))
    if as_json:
        print_json(fields)
        return
    fields = {key: value for key, value in fields.items() if key not in _LINES}
    units = {"length_m": " m", "width_m": " m", "min_radius_m": " m"}
    for key, value in fields.items():
        shown = f"{value:.3f}{units[key]}" if key in units and value is not None else value
        typer.echo(f"{key.removesuffix('_m').replace('_', ' '):<12} {shown if shown is not None else 'none: straight'}")


@app.command()
def draw(
    name: Annotated[str, typer.Argument(help="A track's name or file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The PNG file to write; SVG with --service.")],
    of_service: OfService = False,
    as_json: Json = False,
) -> None:
    """Draw a track with its start, direction and scale; the service draws its outline."""
    if of_service:
        with service(as_json=as_json) as client:
            client.save_track_picture(name, out)
        print_saved(out, as_json=as_json)
        return
    from deepracer_local.views import save_track_picture  # noqa: PLC0415  # matplotlib is slow to load

    save_track_picture(find_track(name, _directories()), out)
    print_saved(out, as_json=as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A .npy file with six columns: centre, inner and outer x, y.")],
    name: Annotated[str, typer.Option(help="What to call the track.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an imported track of this name.")] = False,
    of_service: OfService = False,
    as_json: Json = False,
) -> None:
    """Take over a track of the community; it is kept in your data directory, or handed to the service."""
    if of_service:
        _upload(file, name, force=force, as_json=as_json)
        return
    directory = Settings().user_tracks_dir
    if (builtin_tracks_dir() / name).exists():
        raise TrackError(f"--name: expected a free name, got {name!r}, which is a built-in track. Choose another.")
    if (directory / name).exists() and not force:
        raise TrackError(
            f"--name: expected a free name, got {name!r}, which you imported before. Choose another, or add --force."
        )
    track = import_track(file, name, directory)
    if as_json:
        print_json(_fields(track))
        return
    typer.echo(
        f"imported {track.name}: {track.length_m:.2f} m long, {track.mean_width_m:.2f} m wide, {track.direction}, "
        f"into {directory / name}"
    )


@app.command()
def create(
    file: Annotated[Path, typer.Argument(help="A track.json with spline: points of a smooth loop, and a width.")],
    name: Annotated[str, typer.Option(help="What to call the track.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing; show what is wrong with the road.")] = False,
    of_service: OfService = False,
    as_json: Json = False,
) -> None:
    """Make a track of drawn points; it is kept in your data directory, or handed to the service."""
    drawing = read_drawing(file)
    if of_service:
        with service(as_json=as_json) as client:
            drawn = client.draw_track(
                drawing.points_m,
                width_m=drawing.width_m,
                name=name,
                title=drawing.title,
                description=drawing.description,
                dry_run=dry_run,
            )
    else:
        drawn = _create(drawing, name, dry_run=dry_run)
    if as_json:
        print_json(drawn)
        return
    for finding in drawn["findings"]:
        place = "" if finding["x_m"] is None else f" (x = {finding['x_m']:.2f}, y = {finding['y_m']:.2f} m)"
        typer.echo(f"{finding['kind']}: {finding['message']}{place}")
    if drawn["track"] is not None:
        typer.echo(f"made {name}: {drawn['length_m']:.2f} m long, {drawing.width_m:.2f} m wide")
    elif drawn["usable"]:
        typer.echo(f"usable: {drawn['length_m']:.2f} m long, {drawing.width_m:.2f} m wide; nothing was kept")


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="The name of a track that you imported or made.")],
    of_service: OfService = False,
    as_json: Json = False,
) -> None:
    """Delete a track of your own; trainings keep their copies of it."""
    if of_service:
        with service(as_json=as_json) as client:
            client.delete_track(name)
    else:
        if not is_track_folder_name(name):
            raise TrackError(f"expected a track's name, got {name!r}. `deepracer-local tracks list` names them.")
        if (builtin_tracks_dir() / name).is_dir():
            raise TrackError(f"expected a track of your own, got {name!r}, which is built in. It stays.")
        folder = Settings().user_tracks_dir / name
        if not (folder / "track.json").is_file():
            raise UnknownNameError("track of your own", name, _own_names())
        delete_track(folder)
    if as_json:
        print_json({"deleted": name})
    else:
        typer.echo(f"deleted {name}")


def _create(drawing: Drawing, name: str, *, dry_run: bool) -> dict[str, Any]:
    """Makes a track in the data directory; returns what the service would say of it."""
    if not is_track_folder_name(name):
        raise TrackError(
            f"--name: expected at most 64 letters, digits, hyphens and underscores, got {name!r}. Choose another."
        )
    road = check_drawing(drawing)
    error = next((finding for finding in road.findings if finding.kind == "error"), None)
    directory = Settings().user_tracks_dir
    if not dry_run:
        if error is not None:
            place = "" if error.x_m is None else f" (at x = {error.x_m:.2f}, y = {error.y_m:.2f} m)"
            raise TrackError(f"{error.message}{place}")
        if (builtin_tracks_dir() / name).exists():
            raise TrackError(f"--name: expected a free name, got {name!r}, which is a built-in track. Choose another.")
        save_drawing(drawing, directory / name)
    return {
        "usable": road.is_usable,
        "findings": [asdict(finding) for finding in road.findings],
        "length_m": road.length_m,
        "min_radius_m": road.min_radius_m if road.min_radius_m != float("inf") else None,
        "track": None if dry_run else _fields(find_track(name, _directories())),
    }


def _own_names() -> list[str]:
    return [file.parent.name for file in Settings().user_tracks_dir.glob("*/track.json")]


def _upload(file: Path, name: str, *, force: bool, as_json: bool) -> None:
    if force:
        raise typer.BadParameter("expected --force or --service, got both: the service keeps what it has.")
    with service(as_json=as_json) as client:
        track = client.upload_track(file, name)
    if as_json:
        print_json(track)
    else:
        typer.echo(f"uploaded {name}: {track['length_m']:.2f} m long, {track['width_m']:.2f} m wide")


def _directories() -> list[Path]:
    return [builtin_tracks_dir(), Settings().user_tracks_dir]


def _fields(track: Track) -> dict[str, Any]:
    is_builtin = (builtin_tracks_dir() / track.name).is_dir()
    is_imported = not is_builtin and (Settings().user_tracks_dir / track.name).is_dir()
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
        "source": "built-in" if is_builtin else "imported" if is_imported else "file",
    }


def _source(track: dict[str, Any]) -> str:
    if "source" in track:
        return str(track["source"])
    return "built-in" if track["is_builtin"] else "uploaded"
