"""Evaluating a run: laps with a chosen checkpoint, their table, plot and video. Loads the learner when imported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    EvaluationRace,
    EvaluationResult,
    ImageArray,
    RandomisationSpec,
    Verdict,
    verdict_of,
    with_opponent,
)
from deepracer_local.env import DeepRacerEnv, scene_of
from deepracer_local.errors import SpecError
from deepracer_local.runs import TRACE_HEADER, Checkpoints, RunDirectory, write_json
from deepracer_local.sim import ChaseView
from deepracer_local.track import Track, load_track, save_track
from deepracer_local.training import Policy, can_look_into, evaluate, load_policy, use_threads
from deepracer_local.views import add_overlay, write_video
from deepracer_local.workers._duels import Challenger, Contestant, Opponent, drive_race
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._insights import RecordedPolicy, Subject, write_insights
from deepracer_local.workers._notes import DriveNotes, write_drive
from deepracer_local.workers._signs_of_life import SignsOfLife

__all__ = ["Evaluation", "Opponent", "OpponentResult", "evaluate_run"]

WIDTH_PX, HEIGHT_PX = 640, 360
Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OpponentResult:
    """What the opponent of a race drove, and who has won."""

    name: str
    checkpoint: str
    result: EvaluationResult
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation left behind."""

    result: EvaluationResult
    directory: Path
    checkpoint: str
    track: str
    wall_s: float
    """Seconds from loading the policy to the last lap; what is made of the laps is not included."""
    plot: Path
    video: Path | None
    insights: tuple[Path, ...]
    """One for each lap that was looked into."""
    opponent: OpponentResult | None = None
    """Of a race of two models."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which laps are driven."""

    laps: int
    race: EvaluationRace | None
    reverse: bool | None
    randomisation: RandomisationSpec
    seed: int
    should_stop: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Everything that an evaluation needs before it begins."""

    checkpoint: str
    subject: Subject
    driver: Policy
    factory: EnvironmentFactory
    env: DeepRacerEnv
    notes: DriveNotes
    challenger: Challenger | None


@dataclass(frozen=True, slots=True)
class _OpponentDrive:
    """What the opponent drove."""

    challenger: Challenger
    result: EvaluationResult
    notes: DriveNotes


def evaluate_run(  # noqa: PLR0913  # the options of the command
    run: RunDirectory,
    *,
    trials: int,
    checkpoint: str = "best",
    track: Track | None = None,
    with_video: bool = True,
    with_insight: bool = True,
    race: EvaluationRace | None = None,
    reverse: bool | None = None,
    randomisation: RandomisationSpec = RandomisationSpec(),  # noqa: B008  # frozen
    seed: int = 0,
    opponent: Opponent | None = None,
    announce: Announce = lambda _line: None,
    signs: SignsOfLife | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Drives ``trials`` laps with a checkpoint of ``run`` and writes what they left behind into the run.

    The policy is deterministic, the laps follow each other without a stop, and none of the user's code runs.

    Args:
        run: a training, finished or not.
        trials: laps, or attempts.
        checkpoint: ``best``, ``last`` or a name.
        track: another track than the run's own.
        with_video: whether to make a video of the best lap.
        with_insight: whether to write down what the network made of each picture; after the driving.
        race: other objects and rules than the training's objects and the first fault ending an attempt.
        reverse: whether to drive against the order of the track's rows; None as in training.
        randomisation: from which ranges the conditions of each attempt are drawn, whatever the training's.
        seed: of what is drawn.
        opponent: against whom a ``race`` of the type HEAD_TO_MODEL is driven; None for every other type.
        announce: is told in a sentence what begins.
        signs: is told of every step and every picture of the film.
        should_stop: True ends the driving; the laps so far are the result.

    Raises:
        SpecError: it was stopped before the end of the first attempt, or race and opponent do not belong together.
        RunDirectoryError: a run has no checkpoint, or a file of it is damaged.
        UnknownNameError: there is no such checkpoint.
    """
    with_opponent({} if race is None else race.model_dump(), has_opponent=opponent is not None)
    wish = _Wish(trials, race, reverse, randomisation, seed, should_stop)
    started_at = time.monotonic()
    stage = _set_up(run, checkpoint, track, wish, opponent, with_insight=with_insight, announce=announce, signs=signs)
    name = stage.factory.track.name
    announce(f"driving {trials} laps on {name} with checkpoint {stage.checkpoint}")
    result, other = _drive(stage, wish, signs=signs, announce=announce)
    if not result.laps:
        raise SpecError("Expected at least one attempt at a lap, but the evaluation was stopped before its end.")
    wall_s = time.monotonic() - started_at
    directory = _new_folder(run.evaluations_path)
    plot = _write_laps(directory, run, stage, result, other, _said(wish, stage.notes) | {"wall_s": wall_s})
    insights: list[Path] = []
    if isinstance(stage.driver, RecordedPolicy):
        announce("looking into what the network made of each picture")
        insights = write_insights(
            directory, stage.subject, stage.driver, stage.notes.records, result, signs=signs, should_stop=should_stop
        )
    video = directory / "lap.mp4" if with_video and not should_stop() else None
    if video is not None:
        announce("filming the best lap")
        _write_film(video, _film(stage.env, result, stage.notes), signs)
    stage.env.close()
    versus = _opponent_result(result, other)
    return Evaluation(result, directory, stage.checkpoint, name, wall_s, plot, video, tuple(insights), versus)


def _set_up(
    run: RunDirectory,
    checkpoint: str,
    track: Track | None,
    wish: _Wish,
    opponent: Opponent | None,
    *,
    with_insight: bool,
    announce: Announce,
    signs: SignsOfLife | None,
) -> _Stage:
    """Loads the policy and makes the environment that it drives in."""
    folder = Checkpoints(run.checkpoints_path).find(checkpoint)
    spec = run.read_spec()
    use_threads(spec.n_threads)
    policy, info = load_policy(folder)
    is_seen = with_insight and can_look_into(policy)
    if with_insight and not is_seen:
        announce("this model looks at no pictures: there is nothing to show of what it looks at")
    factory = EnvironmentFactory(run, spec, track)
    challenger = None if opponent is None else Challenger(opponent)
    env = factory.evaluation(
        laps=wish.laps,
        race=wish.race,
        reverse=wish.reverse,
        randomisation=wish.randomisation,
        opponent=None if challenger is None else challenger.spec.vehicle,
    )
    return _Stage(
        checkpoint=folder.name,
        subject=Subject(policy, info.model_metadata, info.network, factory.track.name, folder.name),
        driver=RecordedPolicy(policy) if is_seen else policy,
        factory=factory,
        env=env,
        notes=DriveNotes(env, spec.model_metadata.sensor, signs.on_step if signs is not None else None),
        challenger=challenger,
    )


def _write_laps(
    directory: Path,
    run: RunDirectory,
    stage: _Stage,
    result: EvaluationResult,
    other: _OpponentDrive | None,
    said: dict[str, Any],
) -> Path:
    """Writes the laps' table, trace, plot and, where the run has none, track; returns the plot."""
    track = stage.factory.track
    about = {"checkpoint": stage.checkpoint, "track": track.name, **said}
    if not _holds(run, track):
        save_track(track, directory)
    if other is not None:
        about |= other.challenger.about(result, other.result)
        other.challenger.write(directory, track, other.result, other.notes)
    plot = directory / "laps.png"
    write_drive(directory / "trace.csv", plot, track, result, stage.notes)
    write_json(directory / "laps.json", about | result.model_dump(mode="json"))
    return plot


def _drive(
    stage: _Stage, wish: _Wish, *, signs: SignsOfLife | None, announce: Announce
) -> tuple[EvaluationResult, _OpponentDrive | None]:
    """Drives alone, or against an opponent."""
    race, challenger, factory = wish.race, stage.challenger, stage.factory
    if challenger is None or race is None:
        result = evaluate(
            stage.driver,
            stage.env,
            laps=wish.laps,
            seed=wish.seed,
            on_step=stage.notes.take,
            should_stop=wish.should_stop,
            is_continuous=race is None or race.is_continuous,
        )
        return result, None
    announce(f"against {challenger.opponent.name} with checkpoint {challenger.checkpoint}")
    model = Contestant(stage.driver, stage.env, stage.notes)
    opponent = challenger.enter(
        race,
        factory.track,
        laps=wish.laps,
        is_reversed=factory.is_reversed() if wish.reverse is None else wish.reverse,
        randomisation=wish.randomisation,
        against=factory.vehicle,
        tell=None if signs is None else signs.on_opponent_step,
    )
    mine, theirs = drive_race(model, opponent, race, laps=wish.laps, seed=wish.seed, should_stop=wish.should_stop)
    opponent.env.close()
    return mine, _OpponentDrive(challenger, theirs, opponent.notes)


def _said(wish: _Wish, notes: DriveNotes) -> dict[str, Any]:
    """Returns what ``laps.json`` says of what was wished for."""
    said: dict[str, Any] = {"seed": wish.seed, "reverse": wish.reverse}
    if wish.race is not None:
        said |= {"race": wish.race.model_dump(mode="json")}
    if not wish.randomisation.is_off:
        said |= {"randomisation": wish.randomisation.model_dump(mode="json"), "conditions": notes.conditions}
    return said


def _opponent_result(mine: EvaluationResult, other: _OpponentDrive | None) -> OpponentResult | None:
    if other is None:
        return None
    who = other.challenger
    return OpponentResult(who.opponent.name, who.checkpoint, other.result, verdict_of(mine, other.result))


def _holds(run: RunDirectory, track: Track) -> bool:
    """Returns whether the run has this track's geometry, under its name."""
    folder = run.tracks_path / track.name
    return folder.is_dir() and np.array_equal(load_track(folder).to_rows(), track.to_rows())


def _new_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name) for path in parent.iterdir() if path.name.isdigit()), default=0)
    folder = parent / str(number)
    folder.mkdir()
    return folder


def _write_film(path: Path, frames: Iterator[ImageArray], signs: SignsOfLife | None) -> None:
    def told() -> Iterator[ImageArray]:
        for frame in frames:
            if signs is not None:
                signs.on_frame()
            yield frame

    write_video(path, told(), fps=CONTROL_RATE_HZ)


def _film(env: DeepRacerEnv, result: EvaluationResult, notes: DriveNotes) -> Iterator[ImageArray]:
    """Yields the frames of the best lap, or of the attempt that came farthest."""
    lap = result.best_attempt
    picture = ChaseView(env.track, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    columns = TRACE_HEADER.split(",")
    # A lap's steps count its rows: the first of an attempt includes the instant at the start, when the car stands.
    first = sum(other.steps for other in result.laps[: lap.trial - 1])
    records = notes.records
    began_s = records[first].time_s
    for i in range(first, first + lap.steps):
        row = dict(zip(columns, notes.trace.rows[i].split(","), strict=True))
        state, scene = notes.states[i], scene_of(notes.objects[i])
        fields = [
            f"lap {lap.trial} of {len(result.laps)}",
            f"{records[i].time_s - began_s:5.2f} s",
            f"{state.speed_mps:4.2f} m/s",
            f"steering {float(row['steer']):+3.0f}°",
            f"{float(row['progress']):5.1f} %",
        ]
        yield add_overlay(picture.frame(state, scene), fields, onboard=notes.cameras[i].frame(state, scene))
