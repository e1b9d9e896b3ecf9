"""``deepracer-local bench``: measures speed and memory, prints a table, writes JSON."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._serve import free_port
from deepracer_local.settings import inherited_environment

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    seeds: Annotated[int, typer.Option(min=0, max=100, help="Trainings to time; 0 leaves them out.")] = 5,
    first_seed: Annotated[int, typer.Option(min=0, help="The first of these seeds.")] = 0,
    service: Annotated[bool, typer.Option(help="Measure the service under load too; takes two minutes.")] = True,
    out: Annotated[Path | None, typer.Option(help="The JSON file to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure speed and memory beside the peers, on this machine, in this run."""
    from deepracer_local.bench import (  # noqa: PLC0415  # --help need not load the simulator
        machine,
        measure_cameras,
        measure_environments,
        measure_exports,
        measure_imports,
        measure_lidar,
        measure_sandbox,
        measure_service,
        measure_training,
    )

    out_of_band = messages()
    about = machine()
    found = []
    out_of_band.print("measuring the environment")
    found += measure_environments()
    out_of_band.print("measuring the cameras")
    found += measure_cameras()
    out_of_band.print("measuring the lidar")
    found += measure_lidar()
    out_of_band.print("measuring the sandbox")
    with tempfile.TemporaryDirectory() as folder:
        found += measure_sandbox(Path(folder))
    out_of_band.print("measuring imports")
    with tempfile.TemporaryDirectory() as folder:
        found += measure_imports(Path(folder))
    out_of_band.print("measuring exports")
    with tempfile.TemporaryDirectory() as folder:
        found += measure_exports(Path(folder))
    if seeds:
        out_of_band.print(f"timing {seeds} trainings")
        chosen = range(first_seed, first_seed + seeds)
        found += measure_training(chosen, announce=lambda line: out_of_band.print(line, markup=False))
    if service:
        with tempfile.TemporaryDirectory() as folder:
            found += measure_service(
                Path(folder),
                inherited_environment(),
                port=free_port(),
                announce=lambda line: out_of_band.print(line, markup=False),
            )
    report: dict[str, Any] = {"machine": about, "measurements": [m.to_json() for m in found]}
    path = out or Path("bench") / f"bench-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print_json(report)
        return
    table = Table(title=f"{about['processor']}, {about['cores']} cores")
    for heading in ("what", "median", "unit", "least", "most", "goal", "note"):
        table.add_column(heading, justify="right" if heading in {"median", "least", "most"} else "left")
    for m in found:
        least, most = (f"{min(m.readings):,.4g}", f"{max(m.readings):,.4g}") if m.readings else ("", "")
        table.add_row(m.name, f"{m.value:,.4g}", m.unit, least, most, m.goal, m.note)
    console = Console(highlight=False, soft_wrap=True, width=150)
    console.print(table)
    console.print(f"written to {path}", markup=False)
