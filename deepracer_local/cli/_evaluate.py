"""``deepracer-local evaluate``: laps with a trained car, as a table, a plot and a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from deepracer_local.cli._conditions import Randomisation
from deepracer_local.cli._lap_table import lap_rows
from deepracer_local.cli._opponent import (
    OpponentCheckpoint,
    OpponentDistance,
    OpponentLane,
    describe_verdict,
    opponent_fields,
)
from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._race import (
    Bots,
    BotSpeed,
    LaneChanges,
    ObstacleAt,
    Obstacles,
    RaceFile,
    RaceTypeName,
    RandomPlaces,
    race_fields,
)
from deepracer_local.cli._race_rules import (
    CollisionPenalty,
    OffTrack,
    OffTrackPenalty,
    Resets,
    Reverse,
    Seed,
    StartOffset,
    StopBetweenLaps,
    rule_fields,
)
from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    EvaluationRace,
    LapRecord,
    evaluation_race,
    find_randomisation,
    first_error,
)
from deepracer_local.errors import SpecError
from deepracer_local.runs import RunDirectory
from deepracer_local.settings import Settings
from deepracer_local.track import Track, builtin_tracks_dir, find_track

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="The run directory of a training.")],
    track: Annotated[str | None, typer.Option(help="Another track than the one trained on: a name or a file.")] = None,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Laps, or attempts at one.")] = 3,
    checkpoint: Annotated[str, typer.Option(help="best, last, or the name of a checkpoint.")] = "best",
    video: Annotated[bool, typer.Option(help="Make a video of the best lap.")] = True,
    insight: Annotated[bool, typer.Option(help="Write down what the network made of each picture.")] = True,
    race: RaceFile = None,
    race_type: RaceTypeName = None,
    obstacles: Obstacles = None,
    obstacle: ObstacleAt = None,
    bots: Bots = None,
    bot_speed: BotSpeed = None,
    lane_changes: LaneChanges = False,
    random_places: RandomPlaces = False,
    off_track: OffTrack = None,
    off_track_penalty: OffTrackPenalty = None,
    collision_penalty: CollisionPenalty = None,
    resets: Resets = None,
    stop_between_laps: StopBetweenLaps = False,
    start_offset: StartOffset = None,
    reverse: Reverse = None,
    randomisation: Randomisation = None,
    seed: Seed = 0,
    opponent: Annotated[Path | None, typer.Option(help="The run directory of a model to race against.")] = None,
    opponent_checkpoint: OpponentCheckpoint = "best",
    opponent_distance: OpponentDistance = None,
    opponent_lane: OpponentLane = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Drive laps with a trained car. Deterministic, and without running the reward function."""
    from deepracer_local.workers.evaluation import Opponent, evaluate_run  # noqa: PLC0415  # nor for --help

    out = messages()
    given = race_fields(
        race,
        race_type,
        obstacles=obstacles,
        obstacle=obstacle,
        bots=bots,
        bot_speed=bot_speed,
        lane_changes=lane_changes,
        random_places=random_places,
    )
    given |= rule_fields(
        off_track,
        off_track_penalty=off_track_penalty,
        collision_penalty=collision_penalty,
        resets=resets,
        stop_between_laps=stop_between_laps,
        start_offset=start_offset,
    )
    has_opponent = opponent is not None
    given = opponent_fields(given, has_opponent=has_opponent, distance=opponent_distance, lane=opponent_lane)
    evaluation = evaluate_run(
        RunDirectory(run),
        trials=trials,
        checkpoint=checkpoint,
        track=_find(track),
        with_video=video,
        with_insight=insight,
        race=_race(RunDirectory(run), given),
        reverse=reverse,
        randomisation=find_randomisation(randomisation or "off"),
        seed=seed,
        opponent=Opponent(RunDirectory(opponent), opponent_checkpoint, opponent.resolve().name) if opponent else None,
        announce=lambda line: None if as_json else out.print(line, markup=False),
    )
    if as_json:
        print_json(_as_json(evaluation))
    else:
        _print(evaluation)


def _race(run: RunDirectory, given: dict[str, Any]) -> EvaluationRace | None:
    """Returns the race that the options ask for, or None where they leave it at the training's."""
    if not given:
        return None
    try:
        return evaluation_race(run.read_spec().race, given)
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(message, field=field) from err


def _find(name: str | None) -> Track | None:
    return None if name is None else find_track(name, [builtin_tracks_dir(), Settings().user_tracks_dir])


def _as_json(evaluation: Any) -> dict[str, Any]:
    result, opponent = evaluation.result, evaluation.opponent
    race: dict[str, Any] = {}
    if opponent is not None:
        laps = [lap.model_dump(mode="json") for lap in opponent.result.laps]
        race["opponent"] = {"name": opponent.name, "checkpoint": opponent.checkpoint, "laps": laps}
        race["verdict"] = opponent.verdict.model_dump(mode="json")
    return race | {
        "track": evaluation.track,
        "checkpoint": evaluation.checkpoint,
        "laps": [lap.model_dump(mode="json") for lap in result.laps],
        "clean_laps": sum(lap.is_clean for lap in result.laps),
        "mean_progress": result.mean_progress,
        "mean_lap_time_s": result.mean_lap_time_s,
        "best_lap_time_s": result.best_lap_time_s,
        "wall_s": evaluation.wall_s,
        "directory": str(evaluation.directory),
        "plot": str(evaluation.plot),
        "video": str(evaluation.video) if evaluation.video else None,
        "insights": [str(path) for path in evaluation.insights],
    }


def _print(evaluation: Any) -> None:
    result, opponent = evaluation.result, evaluation.opponent
    out = Console(highlight=False, soft_wrap=True)
    out.print(_table(f"{evaluation.track}, checkpoint {evaluation.checkpoint}", result.laps))
    if opponent is not None:
        out.print(_table(f"{opponent.name}, checkpoint {opponent.checkpoint}", opponent.result.laps))
        verdict = opponent.verdict.model_dump()
        out.print(describe_verdict(verdict, model="this model", opponent=opponent.name), markup=False)
    driven_s = sum(lap.steps for lap in result.laps) / CONTROL_RATE_HZ
    clean = sum(lap.is_clean for lap in result.laps)
    out.print(
        f"{clean} of {len(result.laps)} laps clean; {driven_s:.1f} s of driving in {evaluation.wall_s:.2f} s of "
        "wall-clock",
        markup=False,
    )
    out.print(f"table and trace: {evaluation.directory}\nlap plot: {evaluation.plot}", markup=False)
    if evaluation.video is not None:
        out.print(f"lap video: {evaluation.video}", markup=False)


def _table(title: str, laps: Sequence[LapRecord]) -> Table:
    table = Table(title=title)
    columns, rows = lap_rows([lap.model_dump(mode="json") for lap in laps])
    for name in columns:
        table.add_column(name, justify="left" if name == "status" else "right")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table
