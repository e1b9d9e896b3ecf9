"""What the commands that speak to the service share: connecting, errors, tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._data_dir import read_token
from deepracer_local.cli._output import EXIT_OUR_FAULT, EXIT_USER_FAULT, messages, print_json
from deepracer_local.client import Client, ServiceError
from deepracer_local.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
ModelId = Annotated[str, typer.Argument(help="The model's id, or its name where only one has it.")]


@contextmanager
def service(*, as_json: bool = False) -> Iterator[Client]:
    """Connects to this machine's service; turns its refusals into a message and an exit code."""
    settings = Settings()
    try:
        with Client(f"http://{settings.host}:{settings.port}", read_token(settings)) as client:
            yield client
    except ServiceError as err:
        if as_json:
            print_json({"error": err.code, "message": str(err), "field": err.field, "request_id": err.request_id})
        messages().print(f"error: {err}", markup=False)
        raise typer.Exit(EXIT_USER_FAULT if err.is_users_fault else EXIT_OUR_FAULT) from err


def resolve(client: Client, name_or_id: str) -> str:
    """Returns the id of the model that is meant.

    Raises:
        ServiceError: no model, or more than one, has this name.
    """
    models = client.models(search=name_or_id)
    named = [model["id"] for model in models if model["name"] == name_or_id]
    if len(named) == 1:
        return str(named[0])
    if len(named) > 1:
        raise ServiceError(
            409, "AMBIGUOUS", f"{len(named)} models are called {name_or_id!r}: {', '.join(named)}. Use an id."
        )
    return str(client.request("GET", f"/models/{name_or_id}")["id"])


def print_table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Prints rows for people on standard output."""
    table = Table(title=title or None)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(str(value) if value is not None else "-" for value in row))
    Console(highlight=False, width=140).print(table)


def describe_job(job: dict[str, Any]) -> str:
    """Returns one line about a job's state."""
    progress = job["progress"]
    parts = [job["status"]]
    if job["waiting_for"]:
        parts.append(f"waits for {job['waiting_for']}, starts {describe_start(job)}")
    if progress:
        parts.append(f"{progress.get('total_steps', 0):,} steps")
        if progress.get("mean_progress") is not None:
            parts.append(f"progress {progress['mean_progress']:.0f} %")
        if progress.get("best_lap_time_s") is not None:
            parts.append(f"best lap {progress['best_lap_time_s']:.2f} s")
    if job["message"]:
        parts.append(job["message"])
    return ", ".join(parts)


def describe_start(job: dict[str, Any]) -> str:
    """Returns when a waiting job is expected to start, as people say it."""
    if job["expected_start_at"] is None:
        return "-"
    start_at = datetime.fromisoformat(job["expected_start_at"])
    seconds = (start_at - datetime.now(UTC)).total_seconds()
    if seconds < 1:
        return "now"
    return f"in about {seconds:.0f} s" if seconds < 90 else f"in about {seconds / 60:.0f} min"
