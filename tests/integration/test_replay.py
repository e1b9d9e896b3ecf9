"""Drives of real trainings and evaluations, driven again from the files that they left."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from deepracer_local.domain import (
    ContinuousActions,
    Hyperparameters,
    ModelMetadata,
    Network,
    RaceSpec,
    Sensor,
    SensorSettings,
    StopRules,
    TrainSpec,
)
from deepracer_local.domain._metadata import Interval
from deepracer_local.errors import ReplayError, RunDirectoryError, SpecError, UnknownNameError
from deepracer_local.reward import from_callable
from deepracer_local.runs import RunDirectory, actions_beside
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import Trainer, one_stage
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers.evaluation import evaluate_run
from deepracer_local.workers.layout import lay_out_run
from deepracer_local.workers.replay import VIEWS, check, film, read_episode, read_evaluation
from tests.integration.commands import run as run_command

OVAL = find_track("oval", [builtin_tracks_dir()])


def train(run: RunDirectory, *, max_steps: int, resume: bool) -> None:
    spec = run.read_spec().model_copy(update={"stop": StopRules(max_steps=max_steps)})
    factory = EnvironmentFactory(run, spec)
    calls = itertools.count()  # a reward function with a memory: asked again, it would answer otherwise
    environments = one_stage(
        spec,
        lambda rank: factory.training(rank, from_callable(lambda _params: next(calls) % 7 / 7)),
        factory.evaluation(laps=spec.evaluation_laps),
    )
    trainer = Trainer(spec, run, environments)
    trainer.train(resume=resume)
    trainer.close()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """Returns a training among other cars by a noisy lidar, with steering and speed of any value, resumed once."""
    metadata = ModelMetadata(
        action_space_type="continuous",
        action_space=ContinuousActions(
            steering_angle=Interval(low=-30.0, high=30.0), speed=Interval(low=0.5, high=1.5)
        ),
        sensor=(Sensor.STATE,),
        neural_network=Network.FAST,
    )
    spec = TrainSpec(
        track="oval",
        n_envs=3,
        model_metadata=metadata,
        sensor_settings={Sensor.STATE: SensorSettings(noise_sigma=0.05, delay_steps=2)},
        race=RaceSpec(race_type="HEAD_TO_BOT", is_lane_change=True, randomize_bot_car_locations=True),
        hyperparameters=Hyperparameters(num_steps_between_training=90, num_epochs=3, batch_size=64),
        evaluation_laps=2,
        stop=StopRules(max_steps=1),
    )
    path = tmp_path_factory.mktemp("trained") / "run"
    run = lay_out_run(path, spec, track=OVAL, reward_text="def reward_function(params):\n    return 1.0\n")
    train(run, max_steps=180, resume=False)
    train(run, max_steps=360, resume=True)
    evaluate_run(run, trials=3, with_video=False, with_insight=False)
    return run


@pytest.fixture
def copy(trained: RunDirectory, tmp_path: Path) -> RunDirectory:
    return RunDirectory(Path(shutil.copytree(trained.path, tmp_path / "run")))


def rows_of(trace: Path) -> list[str]:
    return trace.read_text().splitlines()[1:]


def test_every_episode_of_a_resumed_training_is_driven_again_bit_for_bit(trained: RunDirectory) -> None:
    rows = [row for trace in trained.trace_files("training") for row in rows_of(trace)]
    episodes = {int(row.split(",")[0]) for row in rows}
    files_of = {
        e: sum(any(r.startswith(f"{e},") for r in rows_of(t)) for t in trained.trace_files("training"))
        for e in episodes
    }

    n_equal = sum(check(read_episode(trained, episode)) for episode in episodes)

    assert n_equal == len(rows)
    assert max(files_of.values()) > 1  # some were under way while the policy was updated, and while nothing ran


def test_evaluations_are_driven_again_bit_for_bit(trained: RunDirectory) -> None:
    traces = [*trained.trace_files("evaluation"), trained.evaluations_path / "1" / "trace.csv"]

    for trace in traces:
        assert check(read_evaluation(trained, str(trace))) == len(rows_of(trace))
    assert check(read_evaluation(trained, "1")) == len(rows_of(traces[-1]))


def test_another_track_and_direction_and_other_rules_are_found_again(copy: RunDirectory) -> None:
    shutil.rmtree(copy.evaluations_path)
    track = find_track("reinvent_2018", [builtin_tracks_dir()])
    evaluation = evaluate_run(copy, trials=1, track=track, reverse=True, with_video=False, with_insight=False, seed=3)

    assert check(read_evaluation(copy, "1")) == len(rows_of(evaluation.directory / "trace.csv"))


@pytest.mark.parametrize("by", [0.3, 1e-9], ids=["plain", "beyond-the-trace's-digits"])
def test_a_changed_action_is_noticed(copy: RunDirectory, by: float) -> None:
    trace = copy.trace_files("training")[0]
    path = actions_beside(trace)
    first, *others = (json.loads(line) for line in path.read_text().splitlines())
    steering, speed = first["actions"][4]
    first["actions"][4] = [steering - by if steering > 0 else steering + by, speed]
    path.write_text("".join(json.dumps(row) + "\n" for row in [first, *others]))

    with pytest.raises(ReplayError) as caught:
        check(read_episode(copy, first["episode"]))

    assert caught.value.episode == first["episode"]
    assert caught.value.steps == (6 if by > 0.1 else len(first["actions"]) + 1)


def test_a_changed_trace_is_noticed_by_the_command_and_no_film_is_left(copy: RunDirectory, tmp_path: Path) -> None:
    trace = copy.evaluations_path / "1" / "trace.csv"
    arguments = ("replay", copy.path, "--evaluation", 1)
    done = run_command(*arguments, "--check")
    assert (done.returncode, done.stdout) == (0, f"{len(rows_of(trace))} steps equal\n")
    lines = trace.read_text().splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join([*cells[:2], f"{float(cells[2]) + 0.001:.4f}", *cells[3:]])
    trace.write_text("\n".join([*lines, ""]))

    done = run_command(*arguments, "--check")
    filmed = run_command(*arguments, "--lap", 1, "-o", tmp_path / "film.mp4")

    for one in (done, filmed):
        assert one.returncode == 1
        assert "Expected X" in one.stderr
        assert "step 3 of episode 0" in one.stderr
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("view", VIEWS)
def test_a_lap_is_filmed_with_a_picture_for_each_step(trained: RunDirectory, tmp_path: Path, view: str) -> None:
    recorded = read_evaluation(trained, "1")
    chosen = next(name for name in VIEWS if name == view)

    n_frames = film(recorded, tmp_path / "lap.mp4", view=chosen, lap=2)

    assert n_frames == recorded.laps[1].steps
    with av.open(str(tmp_path / "lap.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == n_frames
    assert not np.array_equal(frames[0], frames[-1])


def test_a_run_of_an_earlier_version_says_what_it_lacks(copy: RunDirectory) -> None:
    trace = copy.trace_files("training")[0]
    actions_beside(trace).unlink()

    with pytest.raises(RunDirectoryError, match="drive again"):
        read_episode(copy, 0)


def test_what_is_not_there_is_named(trained: RunDirectory) -> None:
    with pytest.raises(UnknownNameError, match="episode"):
        read_episode(trained, 9999)
    with pytest.raises(UnknownNameError, match="lap"):
        check(read_evaluation(trained, "1"), lap=9)
    for which in ("7", "trace/training/0.csv"):
        with pytest.raises(SpecError, match="evaluation"):
            read_evaluation(trained, which)
