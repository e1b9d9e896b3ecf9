"""What an evaluation writes down of the network: against the laps themselves, driven once more."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from deepracer_local.domain import (
    DEFAULT_METADATA,
    EvaluationResult,
    ImageArray,
    LapInsight,
    LapRecord,
    Network,
    Outcome,
    StepRecord,
)
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import DeterministicPolicy, evaluate, load_policy
from deepracer_local.training._policy import policy_for
from deepracer_local.views import decode_frame
from deepracer_local.workers import _insights
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._insights import RecordedPolicy, Subject, write_insights
from deepracer_local.workers.evaluation import Evaluation, evaluate_run
from tests.integration.commands import run_json

PICTURE = spaces.Box(0, 255, (120, 160, 1), np.uint8)
N_LAPS = 2


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    path = tmp_path_factory.mktemp("trained") / "run"
    run_json("train", "--track", "oval", "--max-steps", 512, "--cars", 4, "--out", path)
    return RunDirectory(path)


@pytest.fixture(scope="module")
def looked_into(trained: RunDirectory) -> Evaluation:
    return evaluate_run(trained, trials=N_LAPS, with_video=False)


def read(path: Path) -> LapInsight:
    return LapInsight.model_validate_json(path.read_bytes())


def trace_of(evaluation: Evaluation, lap: int) -> list[dict[str, str]]:
    header, *lines = (evaluation.directory / "trace.csv").read_text().splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    first = sum(other.steps for other in evaluation.result.laps[: lap - 1])
    return rows[first : first + evaluation.result.laps[lap - 1].steps + 1]


def test_frames_are_what_the_environment_showed_bit_for_bit(trained: RunDirectory, looked_into: Evaluation) -> None:
    policy, _ = load_policy(Checkpoints(trained.checkpoints_path).find("best"))
    env = EnvironmentFactory(trained, trained.read_spec()).evaluation(laps=N_LAPS)
    again = RecordedPolicy(policy)
    evaluate(again, env, laps=N_LAPS)
    env.close()

    frames = [decode_frame(step) for path in looked_into.insights for step in read(path).steps]

    assert len(frames) == again.n_asked == len(again.observations)
    assert all(np.array_equal(a, b[:, :, 0]) for a, b in zip(frames, again.observations, strict=True))


def test_steps_tell_of_the_lap_that_was_driven(looked_into: Evaluation) -> None:
    assert len(looked_into.insights) == N_LAPS
    for number, path in enumerate(looked_into.insights, 1):
        insight, rows = read(path), trace_of(looked_into, number)
        assert (insight.lap, insight.laps, insight.track) == (number, tuple(range(1, N_LAPS + 1)), "oval")
        for step in insight.steps:
            row, after = rows[step.step - 1], rows[step.step]
            assert step.x_m == pytest.approx(float(row["X"]), abs=1e-3)
            assert step.progress == pytest.approx(float(row["progress"]), abs=1e-2)
            assert step.probabilities is not None
            assert sum(step.probabilities) == pytest.approx(1.0, abs=1e-5)
            assert step.action == int(after["action"]) == int(np.argmax(step.probabilities))
            assert step.steering_angle_deg == pytest.approx(float(after["steer"]), abs=0.01)
            shares = np.frombuffer(base64.b64decode(step.saliency), np.int8)
            assert shares.shape == (insight.rows * insight.columns,)
            assert np.abs(shares.astype(int)).max() == 127
            assert step.strongest > 0
        assert path.stat().st_size / len(insight.steps) < 4_000  # 250 steps stay under a megabyte


def test_laps_are_the_same_without_looking(trained: RunDirectory, looked_into: Evaluation) -> None:
    without = evaluate_run(trained, trials=N_LAPS, with_video=False, with_insight=False)

    assert without.result == looked_into.result
    assert without.insights == ()
    names = sorted(path.name for path in without.directory.iterdir())
    assert names == ["actions.jsonl", "laps.json", "laps.png", "trace.csv"]
    assert without_clock(without.directory) == without_clock(looked_into.directory)


def without_clock(directory: Path) -> list[list[str]]:
    lines = (directory / "trace.csv").read_text().splitlines()
    place = lines[0].split(",").index("wall_clock")
    return [[field for i, field in enumerate(line.split(",")) if i != place] for line in lines]


def test_the_command_says_where_the_files_are(trained: RunDirectory) -> None:
    told = run_json("evaluate", trained.path, "--trials", 1, "--no-video")
    declined = run_json("evaluate", trained.path, "--trials", 1, "--no-video", "--no-insight")

    assert [Path(path).name for path in told["insights"]] == ["insight-1.json"]
    assert json.loads(Path(told["insights"][0]).read_text())["lap"] == 1
    assert declined["insights"] == []


def record(i: int, *, done: bool = False) -> StepRecord:
    outcome = Outcome.OFF_TRACK if done else Outcome.IN_PROGRESS
    return StepRecord(i, i / 10, 0.0, 0.0, 15.0, 1.0, "2", 0.0, done, True, float(i), 0, 17.7, i / 15, outcome, 1.0)


def lap(trial: int, steps: int, progress: float) -> LapRecord:
    return LapRecord(trial=trial, time_s=1.0, progress=progress, steps=steps, outcome=Outcome.OFF_TRACK)


def drive(network: Network, lengths: Sequence[int], *, ends: bool = True) -> tuple[Subject, RecordedPolicy, list[Any]]:
    """Returns attempts of so many rows each, driven by random weights on random pictures."""
    policy_class, kwargs = policy_for(PICTURE, network)
    policy = DeterministicPolicy(policy_class(PICTURE, spaces.Discrete(5), lambda _: 1e-3, **kwargs))
    driven, records = RecordedPolicy(policy), list[StepRecord]()
    rng = np.random.default_rng(0)
    for length in lengths:
        for i in range(1, length + 1):
            records.append(record(i, done=ends and i == length))
            if not records[-1].done:
                picture: ImageArray = rng.integers(0, 256, (120, 160, 1), np.uint8)
                driven.act(picture)
    return Subject(policy, DEFAULT_METADATA, network, "oval", "000001"), driven, records


def write(folder: Path, network: Network, lengths: Sequence[int], **options: Any) -> list[LapInsight]:
    subject, driven, records = drive(network, lengths)
    laps = tuple(lap(i + 1, length, 10.0 * length) for i, length in enumerate(lengths))
    result = EvaluationResult(laps=laps, planned_laps=len(laps))
    stop = options.pop("should_stop", lambda: False)
    return [
        read(path) for path in write_insights(folder, subject, driven, records, result, signs=None, should_stop=stop)
    ]


def test_nothing_is_told_of_an_attempts_last_instant(tmp_path: Path) -> None:
    found = write(tmp_path, Network.FAST, [4, 3])

    assert [[step.step for step in one.steps] for one in found] == [[1, 2, 3], [1, 2]]


def test_a_slow_network_is_looked_into_on_the_best_lap_only(tmp_path: Path) -> None:
    [found] = write(tmp_path, Network.SHALLOW, [2, 4, 3])

    assert (found.lap, found.laps, len(found.steps)) == (2, (2,), 3)


def test_laps_beyond_the_pictures_that_are_kept_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_insights, "MAX_PICTURES", 5)

    found = write(tmp_path, Network.FAST, [4, 3, 3])

    assert [one.lap for one in found] == [1, 2]


def test_a_stop_leaves_out_what_is_not_written_yet(tmp_path: Path) -> None:
    answers = iter([False, True])

    found = write(tmp_path, Network.FAST, [4, 3], should_stop=lambda: next(answers))

    assert [one.lap for one in found] == [1]
