"""Trainings whose reward functions print, fail, hang or try to get out, by the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.runs import Checkpoints, RunDirectory
from tests.integration.commands import COMMAND, run, run_json

OLD_KERNEL = f"{sys.executable} {Path(__file__).parents[1] / 'unit' / 'reward' / 'sandbox' / 'old_kernel.py'}"


def train(folder: Path, reward: str, *options: object, **environment: str) -> tuple[int, dict[str, Any], RunDirectory]:
    """Trains two cars for a few updates; returns exit code, result and run directory."""
    file = folder / "reward_function.py"
    file.write_text(reward)
    path = folder / "run"
    hyperparameters = folder / "hyperparameters.json"
    hyperparameters.write_text('{"num_episodes_between_training": 2, "num_epochs": 3}')
    given = ["--track", "oval", "--cars", 2, "--hyperparameters", hyperparameters, "--reward", file, "--out", path]
    done = run("train", *given, *options, "--json", **environment)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), RunDirectory(path)


def test_prints_are_tied_to_episode_and_step(tmp_path: Path) -> None:
    reward = "def reward_function(params):\n    print(repr(params['steps']), params['x'])\n    return 1.0\n"

    code, _, directory = train(tmp_path, reward, "--max-episodes", 4)

    rows = directory.read_rows("reward_prints.jsonl")
    assert code == 0
    printed = Counter(row["episode"] for row in rows)
    for episode in directory.read_episodes():
        assert printed[episode.episode] == episode.steps
    assert [row["text"].split()[0] for row in rows] == [f"{row['step']:.1f}" for row in rows]
    assert rows[0]["text"] in directory.log_path.read_text()


FAILS_AT_TIMES = "def reward_function(params):\n    return 1.0 / (params['steps'] % 5)\n"


def test_a_function_that_fails_at_times_trains_on_with_a_floor(tmp_path: Path) -> None:
    options = ("--reward-error-floor", 0.25, "--max-reward-errors", 1000, "--max-episodes", 4)

    code, result, directory = train(tmp_path, FAILS_AT_TIMES, *options)

    rows = directory.read_rows("reward_errors.jsonl")
    assert (code, result["state"]) == (0, "SUCCEEDED")
    assert result["reward_errors"] == len(rows) > 0
    assert directory.read_progress()["reward_errors"] == len(rows)
    assert {(row["line"], row["params"]["steps"] % 5) for row in rows} == {(2, 0.0)}
    assert [row["step"] for row in rows] == [row["params"]["steps"] for row in rows]
    assert "ZeroDivisionError" in rows[0]["message"]
    trace = [line.split(",") for line in directory.trace_files("training")[0].read_text().splitlines()]
    column = trace[0].index("reward")
    assert {float(line[column]) for line in trace[1:] if int(line[1]) % 5 == 0} == {0.25}


def test_too_many_failures_end_the_training_all_the_same(tmp_path: Path) -> None:
    options = ("--reward-error-floor", 0.25, "--max-reward-errors", 3, "--max-steps", 4000)

    code, result, directory = train(tmp_path, FAILS_AT_TIMES, *options)

    assert (code, result["state"], result["is_user_error"]) == (2, "FAILED", True)
    assert "at most 3 failed calls" in result["reason"]
    assert result["reward_line"] == 2
    assert result["reward_params"]["steps"] % 5 == 0
    assert len(directory.read_rows("reward_errors.jsonl")) > 3


AFTER_200_CALLS = """calls = []
def reward_function(params):
    calls.append(1)
    if len(calls) > 200:
        {}
    return 1.0
"""
BAD_ENDS = {
    "hangs": ("while True: pass", "within 1 s"),
    "takes memory": ("bytearray(1 << 40)", "MemoryError"),
    "exits": ("import os; os._exit(0)", "exit code 0"),
    "prints without end": ("print('x' * 70_000)", "64 KB in one episode"),
    "writes into the protocol": ("import os; os.write(5, b'x' * 64)", "its process"),
    "forks": ("import os; os.fork()", "Operation not permitted"),
}


@pytest.mark.parametrize(("act", "said"), BAD_ENDS.values(), ids=BAD_ENDS.keys())
def test_a_bad_end_is_the_users_error_and_keeps_the_last_checkpoint(tmp_path: Path, act: str, said: str) -> None:
    code, result, directory = train(tmp_path, AFTER_200_CALLS.format(act), "--max-steps", 20_000)

    assert (code, result["state"], result["is_user_error"]) == (2, "FAILED", True)
    assert said in result["reason"]
    assert result["iterations"] >= 1
    assert Checkpoints(directory.checkpoints_path).index().last is not None
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith("core")]


def test_the_last_words_of_a_failing_call_are_kept(tmp_path: Path) -> None:
    reward = "def reward_function(params):\n    print('at', params['steps'])\n    return 1 / (params['steps'] - 3)\n"

    _, _, directory = train(tmp_path, reward, "--max-steps", 100)

    assert [(row["step"], row["text"]) for row in directory.read_rows("reward_prints.jsonl")][-1] == (3, "at 3.0\n")


def test_without_a_wall_one_is_warned_and_with_a_demand_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    reward = "def reward_function(params):\n    return 1.0\n"

    code, result, directory = train(
        tmp_path / "one", reward, "--max-steps", 32, DEEPRACER_LOCAL_SANDBOX_PREFIX=OLD_KERNEL
    )
    refused, refusal, _ = train(
        tmp_path / "two",
        reward,
        "--max-steps",
        32,
        DEEPRACER_LOCAL_SANDBOX_PREFIX=OLD_KERNEL,
        DEEPRACER_LOCAL_SANDBOX="required",
    )

    assert (code, result["state"]) == (0, "SUCCEEDED")
    assert not directory.read_sandbox()["is_up"]
    assert (refused, refusal["state"], refusal["is_user_error"]) == (1, "FAILED", False)
    assert "seccomp" in refusal["reason"]


def test_the_service_refuses_to_start_where_the_wall_is_demanded_and_missing(tmp_path: Path) -> None:
    settings = {
        "DEEPRACER_LOCAL_DATA_DIR": str(tmp_path),
        "DEEPRACER_LOCAL_SANDBOX": "required",
        "DEEPRACER_LOCAL_SANDBOX_PREFIX": OLD_KERNEL,
    }

    for command in (["serve", "--port", "0"], ["runner"]):
        done = run(*command, **settings)

        assert done.returncode == 1
        assert "DEEPRACER_LOCAL_SANDBOX=required" in done.stderr


def test_the_service_warns_once_where_there_is_no_wall(tmp_path: Path) -> None:
    settings = {"DEEPRACER_LOCAL_DATA_DIR": str(tmp_path), "DEEPRACER_LOCAL_SANDBOX_PREFIX": OLD_KERNEL}
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True, env=os.environ | settings
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")

    warning = next(line for line in lines if line.startswith("warning:"))

    process.terminate()
    assert "NOT confined" in warning
    assert not [line for line in lines if line.startswith("warning:")]
    assert process.wait(60) == 0
    process.stderr.close()


def test_the_doctor_tells_whether_the_wall_stands() -> None:
    report = run_json("doctor")
    without = run("doctor", DEEPRACER_LOCAL_SANDBOX_PREFIX=OLD_KERNEL)

    assert (report["is_safe"], report["system_calls"], report["open_probes"]) == (True, 31, [])
    assert without.returncode == 1
    assert "OPEN     open a TCP socket" in without.stdout
    assert "missing  seccomp" in without.stdout
