"""The commands about reward functions: ``reward check | examples | show``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._findings import as_text, printed_text
from deepracer_local.cli._output import EXIT_USER_FAULT, print_json
from deepracer_local.race import sample_reward
from deepracer_local.reward import check_reward, find_example, list_examples, read_reward_text
from deepracer_local.settings import Settings
from deepracer_local.track import builtin_tracks_dir, find_track

_DEFAULT_TRACK = "reinvent_2018"
OfService = Annotated[bool, typer.Option("--service", help="Ask the running service.")]

app = typer.Typer(help="Check reward functions and look at examples.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The Python file with a reward_function.")],
    track: Annotated[str, typer.Option("--track", help="A track's name or file to try it on.")] = _DEFAULT_TRACK,
    of_service: OfService = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Try a reward function on a few hundred states of a track, in a process of its own.

    With --service, in a process of the service's.
    """
    report = _check_by_service(file, track, as_json=as_json) if of_service else _check_here(file, track)
    if report["printed"]:
        typer.echo(printed_text(report), err=True)  # the report stands alone on standard output
    if as_json:
        print_json(report)
    else:
        typer.echo(as_text(report))
    if not report["usable"]:
        raise typer.Exit(EXIT_USER_FAULT)


@app.command()
def examples(
    of_service: OfService = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """List the reward functions that come with the package, or with the service."""
    if of_service:
        _print_examples_of_service(as_json=as_json)
        return
    found = list_examples()
    if as_json:
        rows = [{"name": item.name, "title": item.title, "path": str(item.path)} for item in found]
        print_json({"examples": rows})
        return
    width = max((len(item.name) for item in found), default=0)
    for item in found:
        typer.echo(f"{item.name:<{width}}  {item.title}")


@app.command()
def show(name: Annotated[str, typer.Argument(help="A name from `reward examples`.")]) -> None:
    """Print an example, ready to be saved as reward_function.py."""
    typer.echo(find_example(name).text, nl=False)


def _check_here(file: Path, track: str) -> dict[str, Any]:
    logging.getLogger("deepracer_local").addHandler(logging.NullHandler())  # its notices are findings
    text = read_reward_text(file)
    settings = Settings()
    samples = sample_reward(find_track(track, [builtin_tracks_dir(), settings.user_tracks_dir]))
    report = check_reward(text, samples, filename=str(file), options=settings.sandbox_options)
    if report.missing_layers:
        typer.echo(f"warning: it ran without the wall: {'; '.join(report.missing_layers)}.", err=True)
    return {"file": str(file), "track": track, **report.to_json()}


def _check_by_service(file: Path, track: str, *, as_json: bool) -> dict[str, Any]:
    from deepracer_local.cli._service import service  # noqa: PLC0415  # the local check needs no HTTP

    with service(as_json=as_json) as client:
        body = {"reward_function": read_reward_text(file), "track": track}
        report = client.request("POST", "/reward-functions/check", json=body)
    return {"file": str(file), "track": track, **report}


def _print_examples_of_service(*, as_json: bool) -> None:
    from deepracer_local.cli._service import print_rows, service  # noqa: PLC0415  # as above

    with service(as_json=as_json) as client:
        found = client.request("GET", "/reward-functions/examples")
    if as_json:
        print_json(found)
    else:
        print_rows(found["examples"], ["name", "title"])
