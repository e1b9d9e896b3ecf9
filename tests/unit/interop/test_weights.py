"""Weights from elsewhere give the actions that they gave there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces

from deepracer_local.domain import DEFAULT_SANDBOX, Network
from deepracer_local.domain.layers import Dense, LayeredNetwork, Tanh
from deepracer_local.errors import ArchiveError
from deepracer_local.export._graph_def import car_names, write_graph_def
from deepracer_local.interop import ImportedModel, plan_import, read_archive
from deepracer_local.interop._answers import answers
from deepracer_local.interop._layers import Form, Sensor, expected_shapes
from deepracer_local.runs import write_json
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import DeterministicPolicy, describe_policy, load_policy, outputs_of
from deepracer_local.training._algorithms import build_policy
from tests.unit.interop.archives import (
    METADATA,
    console,
    frozen,
    metadata_of,
    own,
    policy,
    space_of,
    tar,
    tar_gz,
    zipped,
)

N_FRAMES = 24


def imported(archive: bytes, folder: Path, **wish: Any) -> ImportedModel:
    path = folder / "archive"
    path.write_bytes(archive)
    with path.open("rb") as file:
        content = read_archive(file, folder, DEFAULT_SANDBOX)
    return plan_import(content, folder, find_track=lambda name: find_track(name, [builtin_tracks_dir()]), **wish)


def loaded(model: ImportedModel, folder: Path) -> DeterministicPolicy:
    [checkpoint] = model.checkpoints
    target = folder / "loaded"
    target.mkdir()
    write_json(target / "model.json", checkpoint.info.model_dump(mode="json"))
    checkpoint.file.rename(target / "policy.safetensors")
    return load_policy(target)[0]


def answers_of(made: DeterministicPolicy, frames: Any) -> Any:
    return outputs_of(made, frames)


def frames_of(sensors: Sequence[str] = ("FRONT_FACING_CAMERA",), stack_size: int = 1) -> Any:
    """Returns random observations: coarse pictures, lidars near and far."""
    random = np.random.default_rng(5)
    space = space_of(sensors, stack_size)
    found = {}
    for sensor, box in space.spaces.items() if isinstance(space, spaces.Dict) else [(sensors[0], space)]:
        if len(box.shape) == 1:
            found[sensor] = random.uniform(0.15, 1.0, (N_FRAMES, *box.shape)).astype(np.float32)
        else:
            coarse = random.integers(0, 256, (N_FRAMES, 12, 16, box.shape[2]), dtype=np.uint8)
            found[sensor] = coarse.repeat(10, axis=1).repeat(10, axis=2)
    return found if len(sensors) > 1 else found[sensors[0]]


SENSORS = [
    ("FRONT_FACING_CAMERA",),
    ("STEREO_CAMERAS",),
    ("STATE",),
    ("STEREO_CAMERAS", "LIDAR"),
    ("STATE", "DISCRETIZED_SECTOR_LIDAR"),
    ("LEFT_CAMERA", "SECTOR_LIDAR", "STATE"),
]


@pytest.mark.parametrize("stack_size", [1, 4])
@pytest.mark.parametrize("network", Network)
def test_the_networks_that_are_read_are_those_that_learn(
    network: Network, stack_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Numbers would take gigabytes here, and what has none cannot be moved, which the library does to where it is.
    monkeypatch.setattr(torch.nn.Module, "to", lambda module, *_: module)
    for sensors in SENSORS:
        space = space_of(sensors, stack_size)
        for algorithm, actions in (
            ("clipped_ppo", spaces.Discrete(5)),
            ("clipped_ppo", spaces.Box(-1.0, 1.0, (2,))),
            ("sac", spaces.Box(-1.0, 1.0, (2,))),
        ):
            with torch.device("meta"):
                made = build_policy(space, actions, network, algorithm=algorithm, camera=sensors[0])
            shapes = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}

            read = [Sensor(one, space_of([one], stack_size).shape) for one in sorted(sensors)]
            is_continuous = isinstance(actions, spaces.Box)
            form = Form(
                network.value, algorithm, tuple(read), len(sensors) == 1, 2 if is_continuous else 5, is_continuous
            )

            assert expected_shapes(form) == shapes, (sensors, algorithm)


PAIR = ("STEREO_CAMERAS", "LIDAR")


@pytest.mark.parametrize(
    ("network", "n_actions", "sensors", "algorithm"),
    [
        (Network.SHALLOW, 3, ("FRONT_FACING_CAMERA",), "clipped_ppo"),
        (Network.DEEP, 3, ("FRONT_FACING_CAMERA",), "clipped_ppo"),
        (Network.DEEPER, None, ("LEFT_CAMERA",), "clipped_ppo"),
        (Network.FAST, None, ("FRONT_FACING_CAMERA",), "clipped_ppo"),
        (Network.FAST, 3, PAIR, "clipped_ppo"),
        (Network.SHALLOW, None, ("FRONT_FACING_CAMERA", "SECTOR_LIDAR"), "clipped_ppo"),
        (Network.FAST, None, ("STEREO_CAMERAS",), "sac"),
        (Network.FAST, None, PAIR, "sac"),
    ],
    ids=["shallow", "deep", "deeper", "fast", "stereo and lidar", "camera and sectors", "sac", "sac with lidar"],
)
def test_a_graph_for_the_car_gives_the_same_actions_here(
    network: Network, n_actions: int | None, sensors: tuple[str, ...], algorithm: str, tmp_path: Path
) -> None:
    theirs = policy(network, n_actions=n_actions, sensors=sensors, algorithm=algorithm)
    metadata = metadata_of(network, n_actions=n_actions, sensors=sensors, algorithm=algorithm)
    archive = tar({"agent/model.pb": frozen(theirs, sensors), "model_metadata.json": metadata})

    model = imported(archive, tmp_path)

    ours, frames = loaded(model, tmp_path), frames_of(sensors)
    expected = answers_of(theirs, frames)
    assert np.ptp(expected, axis=0).max() > 1e-3, "the policy answers everything alike: it shows nothing"
    np.testing.assert_allclose(answers_of(ours, frames), expected, atol=1e-4)
    assert model.origin == "an archive for the physical car"


def test_the_original_joins_its_sensors_in_another_order(tmp_path: Path) -> None:
    theirs = policy(sensors=PAIR)
    described = describe_policy(theirs, PAIR)
    lidar, camera = described.branches
    first, *others = described.trunk
    assert isinstance(first, Dense)
    n_lidar = 64
    turned = Dense(np.concatenate([first.weights[n_lidar:], first.weights[:n_lidar]]), first.bias)
    swapped = LayeredNetwork((camera, lidar), (turned, *others))
    graph = write_graph_def(swapped, car_names(swapped, ""))

    model = imported(tar({"model.pb": graph, "model_metadata.json": metadata_of(Network.FAST, sensors=PAIR)}), tmp_path)

    frames = frames_of(PAIR)
    np.testing.assert_allclose(answers_of(loaded(model, tmp_path), frames), answers_of(theirs, frames), atol=1e-4)


@pytest.mark.parametrize(
    ("sensors", "algorithm", "stack_size"),
    [
        (("LEFT_CAMERA", "SECTOR_LIDAR", "STATE"), "clipped_ppo", 3),
        (("STATE",), "clipped_ppo", 1),
        (PAIR, "sac", 2),
        (("STATE",), "sac", 4),
    ],
)
def test_an_own_export_of_any_sensors_comes_back_whole(
    sensors: tuple[str, ...], algorithm: str, stack_size: int, tmp_path: Path
) -> None:
    wish: dict[str, Any] = {"n_actions": None, "sensors": sensors, "algorithm": algorithm, "stack_size": stack_size}

    ours = loaded(imported(tar(own(**wish)), tmp_path), tmp_path)

    frames = frames_of(sensors, stack_size)
    assert np.array_equal(answers_of(ours, frames), answers_of(policy(**wish), frames))


def test_a_stack_that_the_settings_do_not_have_is_refused(tmp_path: Path) -> None:
    files = own(stack_size=3)
    files["spec.json"]["hyperparameters"] = {"stack_size": 2}

    with pytest.raises(ArchiveError) as refused:
        imported(tar(files), tmp_path)

    assert "stack_size of 2" in str(refused.value)


@pytest.mark.parametrize("sensors", [("FRONT_FACING_CAMERA",), PAIR, ("STATE",)])
@pytest.mark.parametrize("algorithm", ["clipped_ppo", "sac"])
def test_what_is_tried_before_it_is_believed_is_what_the_learner_computes(
    sensors: tuple[str, ...], algorithm: str
) -> None:
    made, frames = policy(n_actions=None, sensors=sensors, algorithm=algorithm), frames_of(sensors)
    tensors = {name: tensor.numpy() for name, tensor in made.network.state_dict().items()}
    read = [Sensor(one, space_of([one]).shape) for one in sorted(sensors)]
    form = Form(Network.FAST.value, algorithm, tuple(read), len(sensors) == 1, 2, is_continuous=True)

    [means, *_] = answers(
        tensors,
        form.towers()[0],
        [(frames[one.name] if len(sensors) > 1 else frames)[0].astype(np.float32) for one in read],
        2,
    ).values()

    expected = answers_of(made, frames)[0]
    np.testing.assert_allclose(np.tanh(means) if algorithm == "sac" else means, expected, atol=1e-4)


@pytest.mark.parametrize("pack", [tar, tar_gz, zipped])
def test_an_own_export_comes_back_number_for_number(pack: Any, tmp_path: Path) -> None:
    files = own()

    model = imported(pack(files), tmp_path)

    ours = loaded(model, tmp_path).network.state_dict()
    theirs = policy().network.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert (model.best, model.last, model.spec.seed, model.track.name) == ("000000512", "000000512", 7, "oval")
    assert model.checkpoints[0].info.evaluation is None, "what an archive claims of laps is no result"
    assert model.reward_text == files["reward_function.py"]


def test_the_best_iteration_of_a_training_is_taken(tmp_path: Path) -> None:
    first, second = policy(seed=1), policy(seed=2)
    record = {"best_checkpoint": {"name": "3_Step-900.ckpt"}, "last_checkpoint": {"name": "4_Step-1200.ckpt"}}
    files = console() | {
        "model/model_3.pb": frozen(first),
        "model/model_4.pb": frozen(second),
        "model/deepracer_checkpoints.json": record,
        "model/3_Step-900.ckpt.index": b"\x00" * 20,
    }

    model = imported(tar(files, top="./my model/"), tmp_path)

    np.testing.assert_allclose(
        answers_of(loaded(model, tmp_path), frames_of()), answers_of(first, frames_of()), atol=2e-5
    )
    names = {one.name for one in model.not_taken}
    assert "other weights: my model/model/model_4.pb" in names
    assert "TensorFlow checkpoints: my model/model/3_Step-900.ckpt.index" in names
    assert (model.track.name, model.spec.race.reverse_dir, model.spec.hyperparameters.num_epochs) == ("oval", True, 5)


def test_a_graph_that_is_no_network_of_ours_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    described = describe_policy(policy(sensors=PAIR), PAIR)
    lidar, camera = described.branches
    for i, (changed, reason) in enumerate(
        (
            (LayeredNetwork((lidar, lidar), described.trunk), "one to three sensors"),
            (LayeredNetwork((lidar, camera), described.trunk[2:]), "are none of"),
            (LayeredNetwork((lidar, camera), (*described.trunk[:-1], Tanh())), "neither probabilities"),
            (LayeredNetwork((replace(lidar, sensor="SONAR"), camera), described.trunk), "got SONAR"),
        )
    ):
        graph = write_graph_def(changed, car_names(changed, ""))
        (tmp_path / str(i)).mkdir()

        model = imported(tar(console() | {"agent/model.pb": graph}), tmp_path / str(i))

        assert reason in {one.name: one.reason for one in model.not_taken}["agent/model.pb"]
        assert model.checkpoints == ()


def test_weights_that_do_not_fit_are_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    graph = frozen(policy(n_actions=5))

    model = imported(tar(console() | {"agent/model.pb": graph}), tmp_path)

    reasons = {one.name: one.reason for one in model.not_taken}
    assert reasons["agent/model.pb"].startswith("expected 3 probabilities as the action space")
    assert model.checkpoints == ()
    assert model.spec.model_metadata.to_file_dict()["action_space"] == METADATA["action_space"]
