"""``deepracer-local bench``: measures speed and memory, prints a table, writes JSON."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._supervisor import free_port
from deepracer_local.errors import SpecError
from deepracer_local.settings import inherited_environment

app = typer.Typer(add_completion=False)


class Learnt(StrEnum):
    """What can be trained and measured."""

    AVOID = "avoid"
    BOTS = "bots"
    UNSEEN = "unseen"
    PACE = "pace"
    ALL = "all"


@app.command()
def bench(
    seeds: Annotated[int, typer.Option(min=0, max=100, help="Trainings to time; 0 leaves them out.")] = 5,
    first_seed: Annotated[int, typer.Option(min=0, help="The first of these seeds, and that of --trained.")] = 0,
    speed: Annotated[bool, typer.Option(help="Measure environment, cameras, lidar, sandbox and files.")] = True,
    service: Annotated[bool, typer.Option(help="Measure the service under load too; takes two minutes.")] = True,
    trained: Annotated[
        list[Learnt] | None,
        typer.Option(help="Train a model and measure how well it drives: takes minutes; repeatable."),
    ] = None,
    unseen: Annotated[
        Path | None, typer.Option(help="With --trained unseen or all: a folder of .npy files of tracks.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The JSON file to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure speed and memory beside the peers, and what is learnt, on this machine, in this run."""
    from deepracer_local.bench import machine, measure_training  # noqa: PLC0415  # --help need not load the simulator

    out_of_band = messages()
    chosen = _chosen(trained or [], unseen)

    def announce(line: str) -> None:
        out_of_band.print(line, markup=False)

    about = machine()
    path = out or Path("bench") / f"bench-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = _speed(announce) if speed else []
    if seeds:
        announce(f"timing {seeds} trainings")
        found += measure_training(range(first_seed, first_seed + seeds), announce=announce)
    found += _learnt(chosen, unseen, path.with_suffix(""), seed=first_seed, announce=announce)
    if service:
        found += _service(announce)
    report: dict[str, Any] = {"machine": about, "measurements": [m.to_json() for m in found]}
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print_json(report)
    else:
        _print(about, found, path)


def _chosen(trained: list[Learnt], unseen: Path | None) -> list[Learnt]:
    """Returns what is to be trained, each once.

    Raises:
        SpecError: roads are wanted that were not given.
    """
    every = [kind for kind in Learnt if kind is not Learnt.ALL]
    chosen = every if Learnt.ALL in trained else [kind for kind in every if kind in trained]
    if Learnt.UNSEEN in trained and unseen is None:
        raise SpecError(
            "unseen: expected a folder of .npy files of tracks for --trained unseen, got none. Add --unseen FOLDER.",
            field="unseen",
        )
    return [kind for kind in chosen if kind is not Learnt.UNSEEN or unseen is not None]


def _speed(announce: Callable[[str], None]) -> list[Any]:
    from deepracer_local.bench import (  # noqa: PLC0415  # as above
        measure_cameras,
        measure_environments,
        measure_exports,
        measure_imports,
        measure_lidar,
        measure_sandbox,
    )

    found: list[Any] = []
    for what, measure in (
        ("environment", measure_environments),
        ("cameras", measure_cameras),
        ("lidar", measure_lidar),
    ):
        announce(f"measuring the {what}")
        found += measure()
    for what, measure_in in (
        ("the sandbox", measure_sandbox),
        ("imports", measure_imports),
        ("exports", measure_exports),
    ):
        announce(f"measuring {what}")
        with tempfile.TemporaryDirectory() as folder:
            found += measure_in(Path(folder))
    return found


def _learnt(
    chosen: list[Learnt], unseen: Path | None, folder: Path, *, seed: int, announce: Callable[[str], None]
) -> list[Any]:
    from deepracer_local.bench import (  # noqa: PLC0415  # as above
        measure_avoidance,
        measure_bots,
        measure_pace,
        measure_unseen,
    )

    measures = {Learnt.AVOID: measure_avoidance, Learnt.BOTS: measure_bots, Learnt.PACE: measure_pace}
    found: list[Any] = []
    for kind in chosen:
        if kind is Learnt.UNSEEN and unseen is not None:
            found += measure_unseen(folder / kind, unseen, seed=seed, announce=announce)
        elif kind in measures:
            found += measures[kind](folder / kind, seed=seed, announce=announce)
    return found


def _service(announce: Callable[[str], None]) -> list[Any]:
    from deepracer_local.bench import measure_service  # noqa: PLC0415  # as above

    with tempfile.TemporaryDirectory() as folder:
        return measure_service(Path(folder), inherited_environment(), port=free_port(), announce=announce)


def _print(about: dict[str, Any], found: list[Any], path: Path) -> None:
    table = Table(title=f"{about['processor']}, {about['cores']} cores")
    for heading in ("what", "median", "unit", "least", "most", "goal", "note"):
        table.add_column(heading, justify="right" if heading in {"median", "least", "most"} else "left")
    for m in found:
        least, most = (f"{min(m.readings):,.4g}", f"{max(m.readings):,.4g}") if m.readings else ("", "")
        table.add_row(m.name, f"{m.value:,.4g}", m.unit, least, most, m.goal, m.note)
    console = Console(highlight=False, soft_wrap=True, width=150)
    console.print(table)
    console.print(f"written to {path}", markup=False)
