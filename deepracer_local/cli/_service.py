"""What the commands that speak to the service share: connecting, errors, tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._data_dir import read_token
from deepracer_local.cli._output import EXIT_OUR_FAULT, EXIT_USER_FAULT, messages, print_json
from deepracer_local.client import Client, ServiceError
from deepracer_local.errors import InvalidInputError
from deepracer_local.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
ModelId = Annotated[str, typer.Argument(help="The model's id, or its name where only one has it.")]

After = Annotated[int, typer.Option("--after", min=-1, help="Go on after this number.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=5_000, help="At most so many rows.")]


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
    except OSError as err:
        raise InvalidInputError(
            f"Expected a file that can be read, or a place to write it, at {err.filename}: {err.strerror}. "
            "Check the path."
        ) from err


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


def print_rows(rows: list[dict[str, Any]], columns: list[str], *, after: str | None = None, limit: int = 0) -> None:
    """Prints some columns of rows for people; where there may be more, says how to get them.

    Args:
        rows: as the service answers.
        columns: those to show.
        after: the column by which a next page goes on.
        limit: how many were asked for.
    """
    print_table(
        "", [name.replace("_", " ") for name in columns], [[_short(row.get(c)) for c in columns] for row in rows]
    )
    if after is not None and len(rows) == limit:
        messages().print(f"there may be more: --after {rows[-1][after]}", markup=False)


def print_saved(path: Path, *, as_json: bool) -> None:
    """Says which file was written."""
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size})
    else:
        typer.echo(f"path {path}")


def describe_test(report: dict[str, Any]) -> str:
    """Returns what the test of an exported file found, as a sentence; ``report`` as the service gives it."""
    return (
        f"self-test: the same action on {report['agreement']:.1%} of {report['frames']} frames, outputs within "
        f"{report['largest_difference']:.1e}"
    )


def describe_job(job: dict[str, Any]) -> str:
    """Returns one line about a job's state."""
    parts = [job["status"]]
    if job["waiting_for"]:
        parts.append(f"waits for {job['waiting_for']}, starts {describe_start(job)}")
    # What it last said of itself is older than its end, which the result describes.
    parts += _end_of(job["result"]) if job["result"] else _progress_of(job["progress"])
    if job["message"]:
        parts.append(job["message"])
    return ", ".join(parts)


def _end_of(result: dict[str, Any]) -> list[str]:
    parts = [result["reason"]] if result.get("reason") else []
    if result.get("total_steps"):
        parts.append(f"{result['total_steps']:,} steps")
    if result.get("best_lap_time_s") is not None:
        parts.append(f"best lap {result['best_lap_time_s']:.2f} s")
    return parts


def _progress_of(progress: dict[str, Any]) -> list[str]:
    if not progress:
        return []
    parts = [f"{progress['laps']} of {progress['planned_laps']} laps"] if "planned_laps" in progress else []
    parts.append(f"{progress.get('total_steps', 0):,} steps")
    if progress.get("mean_progress") is not None:
        parts.append(f"progress {progress['mean_progress']:.0f} %")
    if progress.get("best_lap_time_s") is not None:
        parts.append(f"best lap {progress['best_lap_time_s']:.2f} s")
    return parts


def describe_start(job: dict[str, Any]) -> str:
    """Returns when a waiting job is expected to start, as people say it."""
    if job["expected_start_at"] is None:
        return "-"
    start_at = datetime.fromisoformat(job["expected_start_at"])
    seconds = (start_at - datetime.now(UTC)).total_seconds()
    if seconds < 1:
        return "now"
    return f"in about {seconds:.0f} s" if seconds < 90 else f"in about {seconds / 60:.0f} min"


def _short(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else value
