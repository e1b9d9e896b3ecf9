"""The commands about domain randomisation: ``randomisation list | show | preview``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import print_table
from deepracer_local.domain import (
    RANDOMISATIONS,
    Conditions,
    RandomisationSpec,
    find_randomisation,
    randomisation_limits,
)
from deepracer_local.errors import SpecError
from deepracer_local.settings import Settings
from deepracer_local.track import builtin_tracks_dir, find_track

app = typer.Typer(help="Look at what differs between episodes.", no_args_is_help=True)


@app.command("list")
def list_all(
    of_service: Annotated[bool, typer.Option("--service", help="Those that the running service knows.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the presets with their ranges."""
    if of_service:
        _list_of_service(as_json=as_json)
        return
    if as_json:
        print_json({"randomisations": {name: _ranges(spec) for name, spec in RANDOMISATIONS.items()}})
        return
    units = {limits.name: limits.unit for limits in randomisation_limits()}
    _print_ranges({name: _ranges(spec) for name, spec in RANDOMISATIONS.items()}, units)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A preset or a file.")]) -> None:
    """Print a preset as the JSON that a file of one's own may begin with."""
    print_json(_ranges(find_randomisation(name)))


@app.command()
def preview(  # the options of the command
    preset: Annotated[str | None, typer.Option(help="A preset; strong without a file.")] = None,
    file: Annotated[Path | None, typer.Option(help="A JSON file of ranges.")] = None,
    track: Annotated[str, typer.Option(help="A track's name or file.")] = "reinvent_2018",
    at: Annotated[float, typer.Option(min=0.0, max=0.999, help="Where along the lap the car stands.")] = 0.12,
    draws: Annotated[int, typer.Option(min=1, max=63, help="How many episodes to draw.")] = 11,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="The PNG file to write.")] = Path("randomisation.png"),
) -> None:
    """Draw what the car sees from one place in several episodes, with what was drawn for each."""
    from deepracer_local.env import DeepRacerEnv  # noqa: PLC0415  # slow to load
    from deepracer_local.views import SheetCell, draw_sheet  # noqa: PLC0415

    if preset is not None and file is not None:
        raise SpecError("Expected --preset or --file, got both. Leave one out.", field="file")
    spec = find_randomisation(preset or "strong" if file is None else str(file))
    road = find_track(track, [builtin_tracks_dir(), Settings().user_tracks_dir])
    options = {"start_ndist": at}
    cells = []
    for randomisation in (None, spec):
        env = DeepRacerEnv(road, randomisation=randomisation)
        for i in range(1 if randomisation is None else draws):
            observation, info = env.reset(seed=seed if i == 0 else None, options=options)
            assert isinstance(observation, np.ndarray)
            conditions = info.get("conditions")
            caption = ["as specified"] if conditions is None else _caption(conditions, spec)
            cells.append(SheetCell(observation[:, :, 0], tuple(caption)))
        env.close()
    draw_sheet(cells, out)
    typer.echo(f"picture: {out}")


def _ranges(spec: RandomisationSpec) -> dict[str, list[float]]:
    return {name: list(ends) for name, ends in spec}


def _caption(conditions: Conditions, spec: RandomisationSpec) -> list[str]:
    """Returns a line for each value that was drawn."""
    drawn = [name for name, (low, high) in spec if low != high]
    return [f"{name} {dict(conditions)[name]:.3g}" for name in drawn] or ["as specified"]


def _list_of_service(*, as_json: bool) -> None:
    from deepracer_local.cli._service import service  # noqa: PLC0415  # the HTTP client, which only this needs

    with service(as_json=as_json) as client:
        found = client.request("GET", "/randomisations")
    if as_json:
        print_json(found)
        return
    units = {limits["name"]: limits["unit"] for limits in found["ranges"]}
    _print_ranges({preset["name"]: preset["ranges"] for preset in found["presets"]}, units)


def _print_ranges(presets: Mapping[str, Mapping[str, Sequence[float]]], units: Mapping[str, str]) -> None:
    """Prints a row for each range, with its ends in each preset."""
    rows = []
    for name, unit in units.items():
        ends = [ranges[name] for ranges in presets.values()]
        rows.append([name, unit, *(f"{low:g} to {high:g}" for low, high in ends)])
    print_table("", ["range", "unit", *presets], rows)
