"""Driving a recorded drive again, from its starts and actions: bit for bit, and as a film."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from gymnasium import spaces
from pydantic import TypeAdapter

from deepracer_local.domain import (
    EvaluationRace,
    ImageArray,
    LapRecord,
    RandomisationSpec,
    RoadObject,
    Sensor,
    StepRecord,
    TrainSpec,
    VehicleState,
    picture_in,
)
from deepracer_local.env import DeepRacerEnv, scene_of
from deepracer_local.errors import RunDirectoryError, SpecError, UnknownNameError
from deepracer_local.race import mirrored
from deepracer_local.reward import from_callable
from deepracer_local.runs import Drive, RunDirectory, read_drives, read_json, traces_of_episode
from deepracer_local.sim import ChaseView, TopView
from deepracer_local.track import Track, load_track
from deepracer_local.views import SeenBy, add_overlay, draw_observation, write_video
from deepracer_local.workers._duels import SPEC_FILE, TRACE_FILE, lanes_of
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._replayed import REWARD, Comparison, Partner, drive_both

View = Literal["chase", "top", "on-board"]
VIEWS: tuple[View, ...] = get_args(View)
WIDTH_PX, HEIGHT_PX, FOOT_PX = 640, 360, 36
_LAPS = TypeAdapter(tuple[LapRecord, ...])


class Moment(NamedTuple):
    """An instant of a drive that was driven again."""

    record: StepRecord
    observation: Any
    """What the network saw at it."""
    vehicle: VehicleState
    objects: tuple[RoadObject, ...]


class Stretch(NamedTuple):
    """A part of a drive: an episode, or a lap of one."""

    drive: Drive
    first: int
    """The first of its rows."""
    n_rows: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Drives that were read from a run, with the worlds that they are driven in."""

    envs: Mapping[int, DeepRacerEnv]
    """The world of each drive, by the number of its episode."""
    spec: TrainSpec
    drives: tuple[Drive, ...]
    laps: tuple[LapRecord, ...]
    """Of an evaluation; empty for a training episode."""
    has_own_rewards: bool
    """Whether the environment finds the rewards by itself; the user's function, which may remember, is not run."""
    partner: Partner | None = None
    """Of a race of two models the other car."""

    def close(self) -> None:
        """Gives back the worlds."""
        for env in self.envs.values():
            env.close()
        if self.partner is not None:
            self.partner.env.close()

    def lap(self, trial: int | None) -> Stretch:
        """Returns a lap, by default the best attempt, or the training episode.

        Raises:
            UnknownNameError: there is no such lap.
        """
        if not self.laps:
            return Stretch(self.drives[0], 0, len(self.drives[0].lines))
        # A lap's steps count its rows: the first of an attempt includes the instant at the start.
        lap = best_attempt(self.laps) if trial is None else next((one for one in self.laps if one.trial == trial), None)
        if lap is None:
            raise UnknownNameError("lap", str(trial), [str(one.trial) for one in self.laps])
        first = sum(one.steps for one in self.laps if one.trial < lap.trial)
        for drive in self.drives:
            if first < len(drive.lines):
                return Stretch(drive, first, lap.steps)
            first -= len(drive.lines)
        raise RunDirectoryError(f"Expected the steps of lap {lap.trial} in the trace, which ends before it.")


def read_episode(run: RunDirectory, episode: int) -> Recorded:
    """Reads a training episode.

    Raises:
        UnknownNameError: there is no such episode.
        RunDirectoryError: the run lacks what is needed, or is damaged.
    """
    spec = run.read_spec()
    drives = read_drives(traces_of_episode(run, episode), episode=episode)
    if not drives:
        raise RunDirectoryError(f"Expected the actions of episode {episode} beside its trace, found none.")
    stage, road = _place_of(run, spec, episode)
    env = EnvironmentFactory(run, spec).in_stage(stage).training_on(road, from_callable(_no_reward))
    return Recorded({episode: env}, spec, tuple(drives), (), has_own_rewards=False)


def read_evaluation(run: RunDirectory, which: str, *, opponent: bool = False) -> Recorded:
    """Reads the laps of an evaluation.

    Args:
        run: a training, or an evaluation's own directory.
        which: the number of a folder of ``evaluations``, or the path of a trace: of such a folder, or one of those that
            training drove by itself, ``trace/evaluation/N.csv``; also below the run.
        opponent: of a race of two models the other car, as is the trace ``opponent.csv``.

    Raises:
        RunDirectoryError: the run lacks what is needed, or is damaged.
        SpecError: there is no such evaluation, or it was no race of two models.
    """
    spec = run.read_spec()
    trace = _trace_of(run, which)
    about_path = trace.with_name("laps.json")
    about = read_json(about_path) if about_path.is_file() else {}
    if "opponent" in about:
        return _race_of_two(run, spec, trace, about, is_opponent=opponent or trace.name == TRACE_FILE)
    if opponent:
        raise SpecError(
            f"--opponent: expected a race of two models, got {trace}, which had no opponent. Leave it out.",
            field="opponent",
        )
    if not about:
        return _evaluation_of_training(run, spec, trace)
    env = EnvironmentFactory(run, spec, _track_of(run, trace, about)).evaluation(**_rules_of(about))
    laps = _LAPS.validate_python(about["laps"])
    drives = tuple(read_drives([trace]))
    return Recorded({drive.episode: env for drive in drives}, spec, drives, laps, has_own_rewards=True)


def drive_again(recorded: Recorded, drive: Drive) -> Iterator[Moment]:
    """Yields the instants of a drive, each as soon as it has been found equal to what was recorded.

    Law: position, heading, progress and all else that the trace holds are computed from start and actions. Taken from
    the trace are only the time of the clock on the wall and, where the environment does not find them, the rewards.

    Raises:
        ReplayError: a step differs from its row in the trace, or, between roundings, from the checksum.
    """
    env = recorded.envs[drive.episode]
    if recorded.partner is not None:
        for turn in drive_both(env, drive, recorded.partner):
            yield Moment(turn.info["record"], turn.observation, turn.vehicle, turn.info["objects"])
        return
    comparison = Comparison(drive)
    observation, info = env.reset(options={"origin": drive.origin})
    for i, line in enumerate(drive.lines):
        if i:
            if recorded.has_own_rewards:
                observation, _, _, _, info = env.step(drive.actions[i - 1])
            else:
                env.begin_step(drive.actions[i - 1])
                observation, _, _, _, info = env.finish_step(float(line.split(",")[REWARD]))
        comparison.take(info["record"])
        yield Moment(info["record"], observation, env.vehicle_state, info["objects"])


def check(recorded: Recorded, lap: int | None = None, on_step: Callable[[], None] = lambda: None) -> int:
    """Drives everything again, or the attempt that a lap belongs to; returns how many steps were equal.

    Of a race of two models the steps of both cars are compared and counted.

    Raises:
        ReplayError: the first step that is not.
        UnknownNameError: there is no such lap.
    """
    drives = recorded.drives if lap is None else (recorded.lap(lap).drive,)
    n_equal = 0
    for drive in drives:
        for _ in drive_again(recorded, drive):
            n_equal += 1
            on_step()
        if recorded.partner is not None:
            n_equal += len(recorded.partner.drive_beside(drive).lines)
    return n_equal


def film(
    recorded: Recorded,
    path: Path,
    *,
    view: View = "chase",
    lap: int | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> int:
    """Drives a lap or an episode again and films it; returns how many pictures there are, one for each step.

    Raises:
        ReplayError: it does not come out as it was recorded; no film is left.
        UnknownNameError: there is no such lap.
    """
    return write_video(path, _frames(recorded, recorded.lap(lap), view, on_step))


def best_attempt(laps: Sequence[LapRecord]) -> LapRecord:
    """Returns the fastest complete lap, or the attempt that came farthest."""
    return min(laps, key=lambda lap: (-lap.progress, lap.time_s))


def _no_reward(_params: Mapping[str, Any]) -> float:
    return 0.0


def _place_of(run: RunDirectory, spec: TrainSpec, episode: int) -> tuple[int, str]:
    """Returns the stage in which an episode was driven, counted from 0, and the label of its road.

    Raises:
        RunDirectoryError: there are several, and the episode has not ended.
    """
    if spec.n_stages == 1 and len(spec.roads) == 1:
        return 0, ""
    for row in run.read_rows("episodes.jsonl"):
        if row["episode"] == episode:
            return (row.get("stage") or 1) - 1, str(row["track"])
    raise RunDirectoryError(
        f"Expected the end of episode {episode}, which says what track it was driven on, found none. Choose one that "
        "has ended."
    )


def _trace_of(run: RunDirectory, which: str) -> Path:
    candidates = [run.evaluations_path / which / "trace.csv", run.path / which, Path(which)]
    candidates += [path / "trace.csv" for path in candidates[1:]]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        numbers = sorted((path.parent.name for path in run.evaluations_path.glob("*/trace.csv")), key=int)
        raise SpecError(
            f"--evaluation: expected one of {', '.join(numbers) or 'no evaluations'} or the path of a trace, got "
            f"{which}. Those that training drove are in {run.path / 'trace' / 'evaluation'}.",
            field="evaluation",
        )
    return found


def _track_of(run: RunDirectory, trace: Path, about: Mapping[str, Any]) -> Track:
    return load_track(trace.parent if (trace.parent / "track.json").is_file() else run.tracks_path / about["track"])


def _rules_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of ``EnvironmentFactory.evaluation`` that an evaluation was driven with."""
    return {
        "laps": about["planned_laps"],
        "race": EvaluationRace.model_validate(about["race"]) if "race" in about else None,
        "reverse": about["reverse"],
        "randomisation": RandomisationSpec.model_validate(about["randomisation"]) if "randomisation" in about else None,
    }


def _race_of_two(
    run: RunDirectory, spec: TrainSpec, trace: Path, about: Mapping[str, Any], *, is_opponent: bool
) -> Recorded:
    """Reads both cars of a race; the chosen one is told of, and the other drives beside it."""
    track, rules = _track_of(run, trace, about), _rules_of(about)
    race: EvaluationRace = rules["race"]
    their_spec = TrainSpec.model_validate(read_json(trace.with_name(SPEC_FILE)))
    factory = EnvironmentFactory(run, spec, track)
    model = factory.evaluation(**rules, opponent=their_spec.vehicle)
    rules |= {"race": mirrored(race, track)}
    rules |= {"reverse": factory.is_reversed() if rules["reverse"] is None else rules["reverse"]}
    opponent = EnvironmentFactory(run, their_spec, track).evaluation(**rules, opponent=spec.vehicle)
    specs, envs = (spec, their_spec), (model, opponent)
    drives = tuple(tuple(read_drives([trace.with_name(name)])) for name in ("trace.csv", TRACE_FILE))
    laps = (about["laps"], about["opponent"]["laps"])
    one = int(is_opponent)
    partner = Partner(envs[1 - one], drives[1 - one], lanes_of(race), one)
    return Recorded(
        {drive.episode: envs[one] for drive in drives[one]},
        specs[one],
        drives[one],
        _LAPS.validate_python(laps[one]),
        has_own_rewards=True,
        partner=partner,
    )


def _evaluation_of_training(run: RunDirectory, spec: TrainSpec, trace: Path) -> Recorded:
    rows = [row for row in run.read_rows("evaluations.jsonl") if str(row["iteration"]) == trace.stem]
    if not rows or trace.parent.name != "evaluation":
        raise SpecError(
            f"--evaluation: expected the trace of an evaluation of {run.path}, got {trace}. Training episodes are "
            "chosen with --episode.",
            field="evaluation",
        )
    row = rows[-1]
    drives = read_drives([trace])
    laps = _LAPS.validate_python(row["laps"])
    factory = EnvironmentFactory(run, spec).in_stage((row.get("stage") or 1) - 1)
    worlds = [env for _, env in factory.evaluations()]
    # The laps of several tracks lie in one trace, one track after the other; the last lap of each ends an attempt.
    ends = [sum(lap.steps for lap in laps if lap.trial <= max(each["trials"])) for each in row.get("tracks", ())]
    envs, n_rows = {}, 0
    for drive in drives:
        envs[drive.episode] = worlds[sum(n_rows >= end for end in ends)]
        n_rows += len(drive.lines)
    return Recorded(envs, spec, tuple(drives), laps, has_own_rewards=True)


def _frames(recorded: Recorded, stretch: Stretch, view: View, on_step: Callable[[], None]) -> Iterator[ImageArray]:
    draw = _painter(recorded, recorded.envs[stretch.drive.episode], view)
    end = stretch.first + stretch.n_rows
    began_s = 0.0
    for i, moment in enumerate(drive_again(recorded, stretch.drive)):
        on_step()
        if i < stretch.first:
            began_s = moment.record.time_s
        elif i < end:
            yield draw(moment, _fields(moment.record, began_s))


def _fields(record: StepRecord, began_s: float) -> list[str]:
    return [
        f"{record.time_s - began_s:5.2f} s",
        f"{record.measured_speed_mps:4.2f} m/s",
        f"steering {record.steering_angle_deg:+3.0f}°",
        f"reward {record.reward:.3g}",
        f"{record.progress:5.1f} %",
    ]


def _painter(recorded: Recorded, env: DeepRacerEnv, view: View) -> Callable[[Moment, Sequence[str]], ImageArray]:
    sensors = recorded.spec.model_metadata.sensor
    if view == "on-board":

        def on_board(moment: Moment, fields: Sequence[str]) -> ImageArray:
            seen = _seen(moment.observation, env.observation_space, sensors)
            return add_overlay(draw_observation(seen, foot_px=FOOT_PX), fields)

        return on_board
    if view == "top":
        top = TopView(env.track, width_px=WIDTH_PX, height_px=HEIGHT_PX + FOOT_PX)
        return lambda moment, fields: add_overlay(top.frame(moment.vehicle, scene_of(moment.objects)), fields)
    chase = ChaseView(env.track, width_px=WIDTH_PX, height_px=HEIGHT_PX)

    def from_behind(moment: Moment, fields: Sequence[str]) -> ImageArray:
        picture = chase.frame(moment.vehicle, scene_of(moment.objects))
        return add_overlay(picture, fields, onboard=picture_in(moment.observation, sensors))

    return from_behind


def _seen(observation: Any, space: spaces.Space[Any], sensors: Sequence[Sensor]) -> list[SeenBy]:
    """Returns what each sensor showed, as the network got it."""
    if not isinstance(space, spaces.Dict):
        space, observation = spaces.Dict({sensors[0].value: space}), {sensors[0].value: observation}
    seen = []
    for name, box in space.items():
        assert isinstance(box, spaces.Box)
        seen.append(SeenBy(name, np.asarray(observation[name]), float(box.low.min()), float(box.high.max())))
    return seen
