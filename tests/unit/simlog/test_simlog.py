"""Laws of the files in the original's formats: every finished episode whole, once, and found again by dividing."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import tracemalloc
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

import pytest

from deepracer_local.domain import Outcome
from deepracer_local.errors import RunDirectoryError, RunNotFoundError
from deepracer_local.simlog import Layout, LogFile, evaluation_files, tar_gz, training_files
from tests.unit.simlog.records import evaluation_of, lap_of, steps_of, summary_of, trace_of, training_of

COLUMNS = (
    "episode,steps,X,Y,yaw,steer,throttle,action,reward,done,all_wheels_on_track,progress,closest_waypoint,track_len,"
    "tstamp,episode_status,pause_duration,obstacle_crash_counter,wall_clock"
)
FIRST, SECOND, THIRD = steps_of(0, 5), steps_of(1, 4), steps_of(2, 3)
# Two cars. Nothing ends in the first iteration; both episodes end in the second, the one that began later first.
TRACES = [[*FIRST[:2], *SECOND[:1]], [SECOND[1], *FIRST[2:], *SECOND[2:], *THIRD[:1]], [*THIRD[1:], *steps_of(3, 2)]]
EPISODES = [summary_of(0, 1, 1, 4), summary_of(1, 0, 1, 5), summary_of(2, 2, 2, 3)]


def read(files: Iterable[LogFile]) -> dict[str, str]:
    return {file.path: file.content.read().decode() for file in files}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_finished_episode_is_whole_in_the_file_of_its_iteration() -> None:
    files = read(training_files(training_of(TRACES, EPISODES), Layout.DRFC))

    first, last = (rows_of(files[f"training-simtrace/{i}-iteration.csv"]) for i in (0, 2))
    assert files["training-simtrace/0-iteration.csv"].split("\n")[0] == COLUMNS
    # What ended first is 0; the last of the first file is 1, which tells readers that an iteration has room for two.
    assert [(row["episode"], row["steps"]) for row in first] == [
        *[("0", f"{i}.0") for i in range(1, 5)],
        *[("1", f"{i}.0") for i in range(1, 6)],
    ]
    assert [(row["episode"], row["steps"]) for row in last] == [("4", f"{i}.0") for i in range(1, 4)]
    assert not any(
        "training-simtrace/1-" in path for path in files
    )  # iteration 1 is called 0: readers need a file of 0
    assert first[0]["episode_status"] == "prepare"
    assert first[3]["episode_status"] == "off_track"
    assert first[3]["done"] == "True"


def test_the_simulators_clock_runs_on_and_metrics_agree_with_it() -> None:
    laps = [lap_of(1, 30).model_dump(mode="json")]
    record = training_of(TRACES, EPISODES, evaluations=[{"iteration": 2, "mean_progress": 100.0, "laps": laps}])

    files = read(training_files(record, Layout.DRFC))

    steps = rows_of(files["training-simtrace/0-iteration.csv"]) + rows_of(files["training-simtrace/2-iteration.csv"])
    clock = [float(row["tstamp"]) for row in steps]
    metrics = json.loads(files["metrics/TrainingMetrics.json"])
    training = [row for row in metrics["metrics"] if row["phase"] == "training"]
    [evaluation] = [row for row in metrics["metrics"] if row["phase"] == "evaluation"]
    assert clock == sorted(clock)
    assert (metrics["version"], metrics["best_model_metric"]) == (2.0, "progress")
    assert [row["episode"] for row in training] == [1, 2, 5]
    assert [row["trial"] for row in training] == [1, 2, 1]
    assert [row["start_time"] for row in training] == [
        round(1000 * float(row["tstamp"])) for row in steps if row["episode_status"] == "prepare"
    ]
    assert [row["elapsed_time_in_milliseconds"] for row in training] == [200, 267, 133]
    assert [row["completion_percentage"] for row in training] == [8, 10, 6]
    assert {row["episode_status"] for row in training} == {"Off track"}
    assert (evaluation["episode"], evaluation["trial"], evaluation["episode_status"]) == (2, 2, "Lap complete")
    assert evaluation["elapsed_time_in_milliseconds"] == 1980


def test_the_log_holds_the_same_steps_as_the_traces() -> None:
    files = read(training_files(training_of(TRACES, EPISODES), Layout.CONSOLE))

    [log] = [text for path, text in files.items() if path.endswith("-robomaker.log")]
    lines = [line.removeprefix("SIM_TRACE_LOG:") for line in log.split("\n") if line.startswith("SIM_TRACE_LOG:")]
    rows = [row for path, text in files.items() if "simtrace" in path for row in text.splitlines()[1:]]
    assert lines == [row.replace(".0,", ",", 1) for row in rows]
    assert all(line.count(",") == 18 for line in lines)
    hyperparameters = json.loads(log[log.index("{\n") : log.index("\n}") + 2])
    assert hyperparameters["num_episodes_between_training"] == 2
    assert "Checkpoint> Saving in path=['1_Step-10.ckpt']" in next(
        text for path, text in files.items() if path.endswith("-sagemaker.log")
    )
    checkpoints = json.loads(files["model/deepracer_checkpoints.json"])
    assert checkpoints["best_checkpoint"]["name"] == "1_Step-10.ckpt"
    assert checkpoints["last_checkpoint"]["name"] == "3_Step-30.ckpt"


def test_laps_of_an_evaluation_are_episodes_and_the_clock_runs_on_through_a_failed_one() -> None:
    laps = [lap_of(1, 3), lap_of(2, 2, outcome=Outcome.OFF_TRACK), lap_of(3, 4)]
    record = evaluation_of([*steps_of(0, 5), *steps_of(1, 4, start_s=9)], laps)

    files = read(evaluation_files([record, record], Layout.DRFC))

    # Both began in the same second: the second one is called a second later.
    assert [path for path in files if path.startswith("evaluation-")] == [
        f"evaluation-2023111422132{i}/evaluation-simtrace/0-iteration.csv" for i in (1, 2)
    ]
    rows = rows_of(files["evaluation-20231114221321/evaluation-simtrace/0-iteration.csv"])
    clock = [float(row["tstamp"]) for row in rows]
    assert [row["episode"] for row in rows] == ["0"] * 3 + ["1"] * 2 + ["2"] * 4
    assert [row["steps"] for row in rows] == [f"{i}.0" for i in (1, 2, 3, 1, 2, 1, 2, 3, 4)]
    assert [row["episode_status"] for row in rows if row["done"] == "True"] == [
        "lap_complete",
        "off_track",
        "lap_complete",
    ]
    assert clock == pytest.approx([i / 15 for i in range(9)], abs=1e-3)
    metrics = json.loads(files["metrics/evaluation/evaluation-20231114221321.json"])
    assert list(metrics) == ["metrics"]
    assert [row["trial"] for row in metrics["metrics"]] == [1, 2, 3]
    assert [row["off_track_count"] for row in metrics["metrics"]] == [0, 1, 0]
    assert [row["reset_count"] for row in metrics["metrics"]] == [0, 1, 0]


def test_without_a_finished_episode_there_is_nothing_to_write() -> None:
    with pytest.raises(RunNotFoundError):
        list(training_files(training_of(TRACES[:1], EPISODES), Layout.DRFC))


@pytest.mark.parametrize(
    "traces",
    [[TRACES[0][1:], TRACES[1]], [TRACES[0], []], [TRACES[0], ["1,2,3"]], [["x", *TRACES[0]], TRACES[1]]],
    ids=["no beginning", "lost", "cut", "other text"],
)
def test_a_damaged_trace_is_an_error(traces: list[list[str]]) -> None:
    with pytest.raises(RunDirectoryError):
        list(training_files(training_of(traces, EPISODES[:2]), Layout.DRFC))


def test_equal_trainings_give_equal_archives() -> None:
    def pack() -> bytes:
        return b"".join(tar_gz(training_files(training_of(TRACES, EPISODES), Layout.CONSOLE), "car"))

    packed = pack()

    assert packed == pack()
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = [member.name for member in tar]
    assert "car/sim-trace/training/training-simtrace/0-iteration.csv" in names
    assert all(name.startswith("car/") for name in names)


def test_a_long_training_is_never_in_memory_whole() -> None:
    iterations, count = 14, 1_500
    lines = steps_of(0, count)
    record = replace(
        training_of([[]] * iterations, [summary_of(i, i, i, count) for i in range(iterations)]),
        open_trace=lambda i: closing(trace_of([f"{i}{line[1:]}" for line in lines])),
    )

    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in tar_gz(training_files(record, Layout.CONSOLE), "car"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    plain = iterations * sum(map(len, lines))
    assert plain > 2e6
    assert 0 < size < plain
    assert peak < plain / 2
