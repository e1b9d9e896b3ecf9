"""``deepracer-local health``: whether the service lives and can work."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepracer_local.cli._output import EXIT_OUR_FAULT, print_json
from deepracer_local.cli._service import Json, print_rows, service

app = typer.Typer(add_completion=False)


@app.command()
def health(
    alive: Annotated[bool, typer.Option("--alive", help="Only whether it answers.")] = False,
    prometheus: Annotated[bool, typer.Option("--prometheus", help="Its counts in Prometheus' format.")] = False,
    as_json: Json = False,
) -> None:
    """Show whether the service can work, and each of its parts. Exit code 1 where it cannot."""
    with service(as_json=as_json) as client:
        if alive:
            client.require_alive()
            _answer({"is_alive": True}, "alive\n", as_json=as_json)
            return
        if prometheus:
            text = client.prometheus()
            _answer({"prometheus": text}, text, as_json=as_json)
            return
        found = client.health()
    word = "ready" if found["is_ready"] else "not ready"
    _answer(found, f"{word}, version {found['version']}\n", as_json=as_json)
    if not as_json:
        print_rows(found["parts"], ["name", "is_healthy", "milliseconds", "message"])
    if not found["is_ready"]:
        raise typer.Exit(EXIT_OUR_FAULT)


def _answer(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        typer.echo(text, nl=False)
