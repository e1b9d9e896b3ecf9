"""Evaluating a run: laps with a chosen checkpoint, their table, plot and video. Loads the learner when imported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    EvaluationRace,
    EvaluationResult,
    ImageArray,
    Outcome,
    RandomisationSpec,
    RoadObject,
    Sensor,
    StepRecord,
    VehicleState,
    picture_in,
)
from deepracer_local.env import DeepRacerEnv, scene_of
from deepracer_local.errors import SpecError
from deepracer_local.runs import TRACE_HEADER, Checkpoints, RunDirectory, json_lines, write_bytes, write_json
from deepracer_local.sim import Camera, ChaseView
from deepracer_local.track import Track, load_track, save_track
from deepracer_local.training import TraceRecorder, can_look_into, evaluate, load_policy, use_threads
from deepracer_local.views import add_overlay, draw_laps, load_laps, write_video
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._insights import RecordedPolicy, Subject, write_insights
from deepracer_local.workers._signs_of_life import SignsOfLife

WIDTH_PX, HEIGHT_PX = 640, 360
Announce = Callable[[str], None]


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
        announce: is told in a sentence what begins.
        signs: is told of every step and every picture of the film.
        should_stop: True ends the driving; the laps so far are the result.

    Raises:
        SpecError: it was stopped before the end of the first attempt.
        RunDirectoryError: the run has no checkpoint, or a file of it is damaged.
        UnknownNameError: there is no such checkpoint.
    """
    folder = Checkpoints(run.checkpoints_path).find(checkpoint)
    spec = run.read_spec()
    started_at = time.monotonic()
    use_threads(spec.n_threads)
    policy, info = load_policy(folder)
    if with_insight and not can_look_into(policy):
        announce("this model looks at no pictures: there is nothing to show of what it looks at")
    driver = RecordedPolicy(policy) if with_insight and can_look_into(policy) else policy
    factory = EnvironmentFactory(run, spec, track)
    env = factory.evaluation(laps=trials, race=race, reverse=reverse, randomisation=randomisation)
    sensors = spec.model_metadata.sensor
    notes = _Notes(env, sensors, signs)
    announce(f"driving {trials} laps on {factory.track.name} with checkpoint {folder.name}")
    result = evaluate(
        driver,
        env,
        laps=trials,
        seed=seed,
        on_step=notes.take,
        should_stop=should_stop,
        is_continuous=race is None or race.is_continuous,
    )
    if not result.laps:
        raise SpecError("Expected at least one attempt at a lap, but the evaluation was stopped before its end.")
    wall_s = time.monotonic() - started_at
    directory = _new_folder(run.evaluations_path)
    about: dict[str, Any] = {"checkpoint": folder.name, "track": factory.track.name, "wall_s": wall_s, "seed": seed}
    about |= {"reverse": reverse}
    if race is not None:
        about |= {"race": race.model_dump(mode="json")}
    if not _holds(run, factory.track):
        save_track(factory.track, directory)
    if not randomisation.is_off:
        about |= {"randomisation": randomisation.model_dump(mode="json"), "conditions": notes.conditions}
    plot = _write_laps(directory, about, factory.track, result, notes)
    insights: list[Path] = []
    if isinstance(driver, RecordedPolicy):
        announce("looking into what the network made of each picture")
        subject = Subject(policy, info.model_metadata, info.network, factory.track.name, folder.name)
        insights = write_insights(
            directory, subject, driver, notes.records, result, signs=signs, should_stop=should_stop
        )
    video = directory / "lap.mp4" if with_video and not should_stop() else None
    if video is not None:
        announce("filming the best lap")
        _write_film(video, _film(env, result, notes), signs)
    env.close()
    return Evaluation(result, directory, folder.name, factory.track.name, wall_s, plot, video, tuple(insights))


class _Notes:
    """What is written down of every instant."""

    def __init__(self, env: DeepRacerEnv, sensors: Sequence[Sensor], signs: SignsOfLife | None) -> None:
        self._env = env
        self._sensors = sensors
        self._signs = signs
        self.trace = TraceRecorder(time.time)
        self.states: list[VehicleState] = []
        self.records: list[StepRecord] = []
        self.objects: list[tuple[RoadObject, ...]] = []
        self.cameras: list[Camera] = []
        self.conditions: list[dict[str, Any]] = []
        """Of each attempt, where they differ."""

    def take(self, info: dict[str, Any], observation: Any) -> None:
        self.trace.add(info)
        self.states.append(self._env.vehicle_state)
        self.records.append(info["record"])
        self.objects.append(info["objects"])
        self.cameras.append(self._env.camera)
        if "conditions" in info and info["record"].outcome is Outcome.PREPARE:
            self.conditions.append(info["conditions"].model_dump())
        if self._signs is not None:
            self._signs.on_step(info, picture_in(observation, self._sensors))


def _write_laps(directory: Path, about: dict[str, Any], track: Track, result: EvaluationResult, notes: _Notes) -> Path:
    """Writes trace, objects, table and plot; returns where the plot is."""
    trace_path = directory / "trace.csv"
    write_bytes(trace_path, "\n".join([TRACE_HEADER, *notes.trace.rows, ""]).encode())
    write_bytes(directory / "actions.jsonl", json_lines(notes.trace.actions.rows))
    if notes.trace.objects.rows:
        write_bytes(directory / "objects.jsonl", json_lines(notes.trace.objects.rows))
    write_json(directory / "laps.json", about | result.model_dump(mode="json"))
    plot = directory / "laps.png"
    draw_laps(track, load_laps(trace_path, result.laps), plot, objects=notes.objects[0])
    return plot


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


def _film(env: DeepRacerEnv, result: EvaluationResult, notes: _Notes) -> Iterator[ImageArray]:
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
