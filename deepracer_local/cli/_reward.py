"""The commands about reward functions: ``reward check | examples | show``."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._output import EXIT_USER_FAULT, print_json
from deepracer_local.domain import RewardParams
from deepracer_local.race import sample_states
from deepracer_local.reward import (
    CheckReport,
    Finding,
    find_example,
    list_examples,
    read_reward_text,
    try_reward,
)
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
    """Try a reward function on a few hundred states of a track. Runs the file's code in this process.

    With --service, it runs in a process of the service's that is bounded in time and memory.
    """
    if of_service:
        report = _check_by_service(file, track, as_json=as_json)
    else:
        states = sample_states(find_track(track, [builtin_tracks_dir(), Settings().user_tracks_dir]))
        # What the user's code prints goes to standard error, so that the report stands alone.
        with contextlib.redirect_stdout(sys.stderr):
            report = _as_json(file, track, _report(file, states))
    if as_json:
        print_json(report)
    else:
        typer.echo(_as_text(report))
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


def _report(file: Path, states: list[RewardParams]) -> CheckReport:
    return try_reward(read_reward_text(file), states, filename=str(file))


def _as_json(file: Path, track: str, report: CheckReport) -> dict[str, Any]:
    return {
        "file": str(file),
        "track": track,
        "usable": report.is_usable,
        "findings": [_finding_json(finding) for finding in report.findings],
        "calls": report.n_calls,
        "min_reward": report.min_reward,
        "mean_reward": report.mean_reward,
        "max_reward": report.max_reward,
        "microseconds_per_call": report.microseconds_per_call,
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "params": finding.params,
    }


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


def _as_text(report: dict[str, Any]) -> str:
    lines = [f"{finding['kind']}: {finding['message']}{_shown(finding['params'])}" for finding in report["findings"]]
    if report["calls"]:
        lines.append(
            f"{report['calls']} calls on {report['track']}: reward {report['min_reward']:.4g} to "
            f"{report['max_reward']:.4g}, mean {report['mean_reward']:.4g}, "
            f"{report['microseconds_per_call']:.1f} µs a call"
        )
    lines.append(f"{report['file']}: {'can be used' if report['usable'] else 'cannot be used'}")
    return "\n".join(lines)


def _shown(params: RewardParams | None) -> str:
    """Returns the parameters for a person: rounded, without the long and the empty ones."""
    if params is None:
        return ""
    items = [f"{key}={_short(value)}" for key, value in params.items() if key != "waypoints" and value != []]
    return "\n    with " + ", ".join(items)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
