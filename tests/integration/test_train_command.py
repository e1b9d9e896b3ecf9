"""The train command as a user meets it: real processes, signals, crashes, bad files."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.domain import RANDOMISATIONS, Sensor
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.training import load_policy
from tests.integration.commands import kill_trainer, run, run_json, start, wait_for_progress

STEPS = ("--seed", 5, "--max-steps", 6_000)
"""So many that a training still goes on when its first steps have been told of, on a fast machine too."""


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nobody interrupted."""
    path = tmp_path_factory.mktemp("whole") / "run"
    run_json("train", *STEPS, "--out", path)
    return path


def last_weights(path: Path) -> bytes:
    return (Checkpoints(path / "checkpoints").find("last") / "policy.safetensors").read_bytes()


def test_ctrl_c_keeps_the_model_and_resume_ends_with_the_same_weights(whole_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    process = start("train", *STEPS, "--out", path)
    wait_for_progress(process, steps=1)

    asked_at = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate()
    seconds = time.monotonic() - asked_at

    assert process.returncode == 0
    assert seconds < 90  # it does not go on to its end, whatever else the machine does; `make bench` has the figure
    interrupted = RunDirectory(path).read_result()
    assert interrupted is not None
    assert interrupted.state == "CANCELLED"
    load_policy(Checkpoints(path / "checkpoints").find("last"))

    resumed = run_json("train", "--resume", "--out", path)

    assert resumed["state"] == "SUCCEEDED"
    assert last_weights(path) == last_weights(whole_run)
    assert RunDirectory(path).read_episodes() == RunDirectory(whole_run).read_episodes()


def test_a_killed_trainer_is_reported_and_resume_ends_with_the_same_weights(whole_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    process = start("train", *STEPS, "--out", path)
    wait_for_progress(process, steps=1)

    kill_trainer(process)
    _, messages = process.communicate()

    assert process.returncode == 1
    assert "--resume" in messages
    run_json("train", "--resume", "--out", path)
    assert last_weights(path) == last_weights(whole_run)


def test_new_stop_rules_lengthen_a_finished_run(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run_json("train", "--max-steps", 512, "--evaluation-laps", 5, "--out", path)
    assert RunDirectory(path).read_spec().evaluation_laps == 5

    longer = run_json("train", "--resume", "--out", path, "--max-steps", 1024)

    assert longer["total_steps"] == 1024


def test_a_clone_begins_with_the_weights_and_the_files_of_its_parent(whole_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "clone"
    run_json("train", "--clone", whole_run, "--track", "chicane", "--max-steps", 1, "--out", path)

    parent, spec = RunDirectory(whole_run), RunDirectory(path).read_spec()
    best = Checkpoints(parent.checkpoints_path).find("best") / "policy.safetensors"
    assert RunDirectory(path).initial_policy_path.read_bytes() == best.read_bytes()
    assert (spec.track, spec.hyperparameters) == ("chicane", parent.read_spec().hyperparameters)
    assert RunDirectory(path).reward_path.read_bytes() == parent.reward_path.read_bytes()
    for option, field in ((("--network", "deep"), "network"), (("--algorithm", "sac"), "training_algorithm")):
        refused = run("train", "--clone", whole_run, *option, "--out", tmp_path / "refused", "--json")
        assert refused.returncode == 2
        assert json.loads(refused.stdout)["field"] == field
        assert not (tmp_path / "refused").exists()


def test_sac_trains_and_is_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "run"

    settings = tmp_path / "hyperparameters.json"
    settings.write_text(json.dumps({"num_steps_between_training": 64, "sac_alpha": 0.1}), encoding="utf-8")
    options = ("--algorithm", "sac", "--cars", 4, "--hyperparameters", settings, "--max-steps", 257)

    result = run_json("train", *options, "--out", path)

    assert result["total_steps"] == 320
    _, info = load_policy(Checkpoints(path / "checkpoints").find("last"))
    assert info.model_metadata.training_algorithm == "sac"
    laps = run_json("evaluate", path, "--trials", 1, "--no-video")
    assert len(laps["laps"]) == 1
    assert json.loads((path / "evaluations" / "1" / "insight-1.json").read_text())["steps"]


@pytest.mark.parametrize(
    ("metadata", "hyperparameters"),
    [
        (
            {
                "action_space": {"steering_angle": {"high": 30, "low": -30}, "speed": {"high": 2, "low": 0.5}},
                "sensor": ["FRONT_FACING_CAMERA"],
                "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
                "training_algorithm": "clipped_ppo",
                "action_space_type": "continuous",
                "version": "5",
            },
            {
                "batch_size": 64,
                "beta_entropy": 0.01,
                "discount_factor": 0.99,
                "e_greedy_value": 0.05,
                "epsilon_steps": 10000,
                "exploration_type": "categorical",
                "loss_type": "huber",
                "lr": 0.0003,
                "num_episodes_between_training": 4,
                "num_epochs": 3,
                "stack_size": 1,
                "term_cond_avg_score": 350.0,
                "term_cond_max_episodes": 1000,
            },
        ),
        (
            {"action_space": [{"steering_angle": a, "speed": 0.6, "index": i} for i, a in enumerate((-30, 0, 30))]},
            {"num_episodes_between_training": 4, "num_epochs": 3, "loss_type": "mean squared error"},
        ),
    ],
    ids=["continuous", "discrete"],
)
def test_files_of_the_original_train_unchanged(
    tmp_path: Path, metadata: dict[str, Any], hyperparameters: dict[str, Any]
) -> None:
    (tmp_path / "model_metadata.json").write_text(json.dumps(metadata))
    (tmp_path / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    path = tmp_path / "run"

    result = run_json(
        "train",
        "--model-metadata",
        tmp_path / "model_metadata.json",
        "--hyperparameters",
        tmp_path / "hyperparameters.json",
        *("--max-episodes", 4, "--cars", 4, "--out", path),
    )

    assert result["iterations"] >= 1
    _, info = load_policy(Checkpoints(path / "checkpoints").find("best"))
    assert info.network.value == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    evaluated = run_json("evaluate", path, "--trials", 1, "--no-video")
    assert len(evaluated["laps"]) == 1


def test_what_the_reward_function_prints_is_kept_out_of_the_result(tmp_path: Path) -> None:
    reward = tmp_path / "reward_function.py"
    reward.write_text("def reward_function(params):\n    print('hello from the reward')\n    return 1.0\n")
    path = tmp_path / "run"

    run_json("train", "--reward", reward, "--max-steps", 32, "--out", path)

    assert "hello from the reward" in RunDirectory(path).log_path.read_text()


def test_a_reward_that_fails_in_the_middle_is_explained(tmp_path: Path) -> None:
    reward = tmp_path / "reward_function.py"
    reward.write_text(
        "def reward_function(params):\n"
        "    if params['steps'] < 6:\n"
        "        return 1.0\n"
        "    return 1.0 / (params['steps'] - 6)\n"
    )

    done = run("train", "--reward", reward, "--max-steps", 4000, "--out", tmp_path / "run", "--json")

    assert done.returncode == 2
    result = json.loads(done.stdout)
    assert result["state"] == "FAILED"
    assert result["reward_line"] == 4
    assert result["reward_params"]["steps"] == 6.0
    assert "ZeroDivisionError" in result["reason"]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda _: ["--track", "reinvent_2081"], "Did you mean 'reinvent_2018'"),
        (lambda _: ["--reward", "nowhere.py"], "nowhere.py"),
        (lambda d: ["--reward", write(d / "r.py", "def reward(params):\n    return 1\n")], "reward_function"),
        (lambda d: ["--reward", write(d / "r.py", "def reward_function(params:\n")], "line 1"),
        (lambda d: ["--hyperparameters", write(d / "h.json", '{"lr": 5}')], "lr"),
        (lambda d: ["--hyperparameters", write(d / "h.json", '{"learning_rate": 1e-3}')], "learning_rate"),
        (lambda d: ["--model-metadata", write(d / "m.json", '{"action_space": []}')], "action"),
        (lambda d: ["--model-metadata", write(d / "m.json", "{")], "JSON"),
        (lambda _: ["--network", "shalow"], "Did you mean 'shallow'"),
        (lambda _: ["--camera", "phone"], "simulator"),
        (lambda _: ["--seed", -1], "seed"),
        (lambda _: ["--max-minutes", -3], "max_minutes"),
        (lambda _: ["--evaluation-laps", 101], "evaluation_laps"),
        (lambda _: ["--evaluation-laps", 2, "--stop-after-clean-laps", 3], "at least 3"),
        (lambda _: ["--resume", "--out", "nowhere"], "nowhere"),
        (lambda _: ["--resume"], "--out"),
        (lambda d: ["--out", write(d / "full", "").parent], "new or empty folder"),
    ],
    ids=[
        "track", "missing reward", "no function", "syntax", "range", "unknown name", "no actions", "not JSON",
        "network", "camera", "seed", "minutes", "laps", "fewer laps than clean ones", "resume", "resume what", "folder",
    ],
)  # fmt: skip
def test_a_wrong_wish_is_refused_with_a_sentence(tmp_path: Path, arguments: Any, said: str) -> None:
    given = [str(argument) for argument in arguments(tmp_path)]
    out = [] if "--out" in given or "--resume" in given else ["--out", tmp_path / "run"]

    done = run("train", *given, *out, "--json")

    assert done.returncode == 2
    assert said in json.loads(done.stdout)["message"]
    assert not (tmp_path / "run").exists()


def test_poor_sensors_a_stack_and_randomisation_are_trained_with_and_resumed_with_the_same_weights(
    tmp_path: Path,
) -> None:
    settings, hyperparameters = tmp_path / "settings.json", tmp_path / "hyperparameters.json"
    settings.write_text(json.dumps({"STATE": {"rate_hz": 5, "delay_steps": 2, "noise_sigma": 0.05}}))
    hyperparameters.write_text(json.dumps({"stack_size": 3, "num_steps_between_training": 256}))
    ranges = tmp_path / "ranges.json"
    ranges.write_text(json.dumps({"friction": [0.5, 1.2], "action_delay_steps": [0, 2], "steering_bias_deg": [-3, 3]}))
    wish = ("--sensor", "STATE", "--sensor-settings", settings, "--hyperparameters", hyperparameters, "--cars", 4)
    wish += ("--randomisation", ranges, "--start-position", "random", "--alternate-direction")
    whole, halves = tmp_path / "whole", tmp_path / "halves"

    run_json("train", *wish, "--max-steps", 1_000, "--out", whole)
    run_json("train", *wish, "--max-steps", 500, "--out", halves)
    run_json("train", "--resume", "--max-steps", 1_000, "--out", halves)
    evaluated = run_json("evaluate", whole, "--trials", 1, "--no-video", "--randomisation", "strong")

    assert last_weights(halves) == last_weights(whole)
    assert RunDirectory(halves).read_episodes() == RunDirectory(whole).read_episodes()
    spec = RunDirectory(whole).read_spec()
    assert spec.sensor_settings[Sensor.STATE].delay_steps == 2
    assert spec.randomisation.friction == (0.5, 1.2)
    assert (spec.race.start_position, spec.race.alternate_driving_direction) == ("random", True)
    laps = json.loads((Path(evaluated["directory"]) / "laps.json").read_text())
    assert laps["randomisation"] == RANDOMISATIONS["strong"].model_dump(mode="json")
    assert 0.6 <= laps["conditions"][0]["friction"] <= 1.4
    assert len(evaluated["laps"]) == 1
    assert evaluated["insights"] == []  # nothing was seen


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--sensor", "LIDR"), "LIDAR"),
        (("--sensor", "LIDAR"), "exactly one camera"),
        (("--sensor-settings", "nowhere.json"), "nowhere.json"),
        (("--randomisation", "stong"), "strong"),
        (("--randomisation", "nowhere.json"), "nowhere.json"),
        (("--start-position", "randm"), "random"),
    ],
    ids=["misspelt", "no camera", "no file", "no preset", "no ranges", "no start"],
)
def test_bad_sensors_and_conditions_are_refused_before_anything_starts(
    tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    process = run("train", *options, "--out", tmp_path / "run")

    assert process.returncode == 2
    assert word in process.stderr
    assert not (tmp_path / "run").exists()
