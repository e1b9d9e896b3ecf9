"""``deepracer-local networks``: how large each network is and how long it takes to choose an action."""

from __future__ import annotations

from typing import Annotated

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import print_table
from deepracer_local.domain import NETWORK_NAMES

app = typer.Typer(add_completion=False)


@app.command()
def networks(
    threads: Annotated[int, typer.Option(min=1, help="Threads that choose an action.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """List the networks with their sizes for each set of sensors, and measure how long an action takes here."""
    from deepracer_local.training import measure_networks, use_threads  # noqa: PLC0415  # torch is slow to load

    use_threads(threads)
    names = {network: name for name, network in NETWORK_NAMES.items()}
    rows = [
        {
            "network": names[size.network],
            "sensors": [sensor.value for sensor in size.sensors],
            "acting_parameters": size.acting,
            "ppo_parameters": size.ppo,
            "sac_parameters": size.sac,
            "action_ms": round(size.action_ms, 2),
        }
        for size in measure_networks()
    ]
    if as_json:
        print_json({"networks": rows})
        return
    columns = ["network", "sensors", "parameters that act", "of PPO", "of SAC", "ms an action"]
    print_table("", columns, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " + ".join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
