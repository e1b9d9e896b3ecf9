"""The commands about reward functions: ``reward check | preview | examples | show``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from deepracer_local.cli._curriculum import CurriculumFile, curriculum_json
from deepracer_local.cli._findings import as_text, laps_text, printed_text
from deepracer_local.cli._output import EXIT_USER_FAULT, print_json
from deepracer_local.cli._race import Bots, Obstacles, RaceFile, RaceTypeName, race_fields
from deepracer_local.domain import (
    MAX_TRACKS,
    RaceSpec,
    TrainingRace,
    TrainSpec,
    first_error,
    parse_curriculum,
    with_curriculum,
)
from deepracer_local.errors import SpecError
from deepracer_local.race import sample_grid, sample_laps, sample_reward
from deepracer_local.reward import check_reward, find_example, list_examples, preview_reward, read_reward_text
from deepracer_local.settings import Settings
from deepracer_local.track import Track, builtin_tracks_dir, find_track

_DEFAULT_TRACK = "reinvent_2018"
OfService = Annotated[bool, typer.Option("--service", help="Ask the running service.")]

app = typer.Typer(help="Check reward functions and look at examples.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The Python file with a reward_function.")],
    track: Annotated[str, typer.Option("--track", help="A track's name or file to try it on.")] = _DEFAULT_TRACK,
    race: RaceFile = None,
    race_type: RaceTypeName = None,
    obstacles: Obstacles = None,
    bots: Bots = None,
    curriculum: CurriculumFile = None,
    of_service: OfService = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Try a reward function on a few hundred states of a track, in a process of its own.

    With --service, in a process of the service's. With --curriculum, where its first stage drives.
    """
    chosen = race_fields(race, race_type, obstacles=obstacles, bots=bots)
    stages = curriculum_json(curriculum)
    if of_service:
        report = _check_by_service(file, track, chosen, stages, as_json=as_json)
    else:
        report = _check_here(file, track, chosen, stages)
    if report["printed"]:
        typer.echo(printed_text(report), err=True)  # the report stands alone on standard output
    if as_json:
        print_json(report)
    else:
        typer.echo(as_text(report))
    if not report["usable"]:
        raise typer.Exit(EXIT_USER_FAULT)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="The Python file with a reward_function.")],
    track: Annotated[str, typer.Option("--track", help="A track's name or file to drive on.")] = _DEFAULT_TRACK,
    *,
    reverse: Annotated[bool, typer.Option("--reverse", help="Against the order of the track's rows.")] = False,
    laps: Annotated[
        list[str] | None,
        typer.Option("--lap", help="With --service: a lap of one's own, MODEL_ID/EVALUATION_ID/NUMBER; repeatable."),
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Paint it on the track, as PNG.")] = None,
    of_service: OfService = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show what a reward function pays: on five sample laps, and all over the road.

    With --service, in a process of the service's.
    """
    if laps and not of_service:
        raise SpecError("--lap: expected --service with it, which has the recorded laps. Add it.", field="lap")
    if of_service:
        report = _preview_by_service(file, track, laps or [], is_reversed=reverse, as_json=as_json)
    else:
        report = _preview_here(file, track, is_reversed=reverse)
    if picture is not None:
        from deepracer_local.views import draw_rewards  # noqa: PLC0415  # matplotlib takes half a second

        driven = _track(track)
        draw_rewards(driven.reversed() if reverse else driven, report, picture, title=file.name)
        typer.echo(f"painted: {picture}", err=True)
    if report["printed"]:
        typer.echo(printed_text(report), err=True)
    if as_json:
        print_json(report)
    else:
        typer.echo(f"{laps_text(report)}\n\n{as_text(report)}")
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


def _check_here(file: Path, track: str, race: dict[str, Any], stages: dict[str, Any]) -> dict[str, Any]:
    logging.getLogger("deepracer_local").addHandler(logging.NullHandler())  # its notices are findings
    text = read_reward_text(file)
    driven, is_reversed = _track(track), False
    objects: TrainingRace = _objects(race)
    if stages:
        spec = TrainSpec(track=track, race=RaceSpec(**objects.model_dump()), n_envs=MAX_TRACKS)
        first = with_curriculum(spec, parse_curriculum(stages["curriculum"])).in_stage(0)
        track, objects = first.track, first.race
        is_reversed = first.race.reverse_dir if first.roads[0].reverse is None else first.roads[0].reverse
        driven = _track(track).reversed() if is_reversed else _track(track)
    samples = sample_reward(driven, is_reversed=is_reversed, race=objects)
    report = check_reward(text, samples, filename=str(file), options=Settings().sandbox_options)
    if report.missing_layers:
        typer.echo(f"warning: it ran without the wall: {'; '.join(report.missing_layers)}.", err=True)
    return {"file": str(file), "track": track, **report.to_json()}


def _objects(race: dict[str, Any]) -> TrainingRace:
    """Returns what is on the road of a race; how it starts plays no part here."""
    try:
        return TrainingRace.model_validate(race)
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(message, field=field) from err


def _track(name: str) -> Track:
    return find_track(name, [builtin_tracks_dir(), Settings().user_tracks_dir])


def _preview_here(file: Path, track: str, *, is_reversed: bool) -> dict[str, Any]:
    logging.getLogger("deepracer_local").addHandler(logging.NullHandler())  # its notices are findings
    text = read_reward_text(file)
    driven = _track(track).reversed() if is_reversed else _track(track)
    report = preview_reward(
        text,
        sample_reward(driven, is_reversed=is_reversed),
        sample_laps(driven, is_reversed=is_reversed),
        sample_grid(driven, is_reversed=is_reversed),
        filename=str(file),
        options=Settings().sandbox_options,
    )
    if report.check.missing_layers:
        typer.echo(f"warning: it ran without the wall: {'; '.join(report.check.missing_layers)}.", err=True)
    return {"file": str(file), "track": track, **report.to_json()}


def _preview_by_service(file: Path, track: str, laps: list[str], *, is_reversed: bool, as_json: bool) -> dict[str, Any]:
    from deepracer_local.cli._service import service  # noqa: PLC0415  # the local one needs no HTTP

    wishes = []
    for lap in laps:
        model, _, rest = lap.partition("/")
        evaluation, _, number = rest.partition("/")
        if not number.isascii() or not number.isdigit():
            raise SpecError(
                f"--lap: expected MODEL_ID/EVALUATION_ID/NUMBER, got {lap!r}. `models evaluations` lists them.",
                field="lap",
            )
        wishes.append({"model": model, "evaluation": evaluation, "lap": int(number)})
    with service(as_json=as_json) as client:
        report = client.preview_reward(file, track=track, reverse=is_reversed, laps=wishes)
    return {"file": str(file), "track": track, **report}


def _check_by_service(
    file: Path, track: str, race: dict[str, Any], stages: dict[str, Any], *, as_json: bool
) -> dict[str, Any]:
    from deepracer_local.cli._service import service  # noqa: PLC0415  # the local check needs no HTTP

    with service(as_json=as_json) as client:
        body = {"reward_function": read_reward_text(file), "track": track, "race": race or None, **stages}
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
