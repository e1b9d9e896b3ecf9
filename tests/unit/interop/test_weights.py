"""Weights from elsewhere give the actions that they gave there."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deepracer_local.domain import DEFAULT_SANDBOX, Network
from deepracer_local.interop import ImportedModel, plan_import, read_archive
from deepracer_local.interop._layers import NETWORKS, PREFIXES, expected_shapes
from deepracer_local.runs import write_json
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import DeterministicPolicy, load_policy
from deepracer_local.training._networks import TOPOLOGIES, CameraFeatures
from tests.unit.interop.archives import CONTINUOUS, METADATA, PICTURE, console, frozen, own, policy, tar, tar_gz, zipped

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


def answers_of(made: DeterministicPolicy, pictures: Any) -> Any:
    with torch.inference_mode():
        found = made.network.get_distribution(torch.from_numpy(pictures)).distribution
    return (found.probs if hasattr(found, "probs") else found.mean).numpy()


def pictures() -> Any:
    random = np.random.default_rng(5)
    coarse = random.integers(0, 256, (N_FRAMES, 12, 16, 1), dtype=np.uint8)
    return coarse.repeat(10, axis=1).repeat(10, axis=2)


@pytest.mark.parametrize("network", Network)
def test_the_networks_that_are_read_are_those_that_learn(network: Network) -> None:
    layers, topology = NETWORKS[network.value], TOPOLOGIES[network]
    with torch.device("meta"):
        features = CameraFeatures(PICTURE, topology)

    shapes = expected_shapes(network.value, channels=1, n_outputs=3, is_continuous=False)

    assert set(map(str, astuple(layers))) == set(map(str, astuple(topology)))
    for name, tensor in features.state_dict().items():
        for prefix in PREFIXES:
            assert shapes[f"{prefix}.{name}"] == tuple(tensor.shape)


@pytest.mark.parametrize(
    ("network", "n_actions"),
    [(Network.SHALLOW, 3), (Network.DEEPER, 3), (Network.FAST, None)],
)
def test_a_frozen_graph_gives_the_same_actions_here(network: Network, n_actions: int | None, tmp_path: Path) -> None:
    theirs = policy(network, n_actions=n_actions)
    metadata = (METADATA if n_actions else CONTINUOUS) | {"neural_network": network.value}
    archive = tar({"agent/model.pb": frozen(theirs, network), "model_metadata.json": metadata})

    model = imported(archive, tmp_path)

    ours, frames = loaded(model, tmp_path), pictures()
    expected = answers_of(theirs, frames)
    assert np.ptp(expected, axis=0).max() > 1e-3, "the policy answers every picture alike: it shows nothing"
    np.testing.assert_allclose(answers_of(ours, frames), expected, atol=2e-5)
    assert [np.asarray(ours.act(frame)).tolist() for frame in frames] == [
        pytest.approx(np.asarray(theirs.act(frame)).tolist(), abs=1e-4) for frame in frames
    ]
    assert model.origin == "an archive for the physical car"


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
        "model/model_3.pb": frozen(first, Network.FAST),
        "model/model_4.pb": frozen(second, Network.FAST),
        "model/deepracer_checkpoints.json": record,
        "model/3_Step-900.ckpt.index": b"\x00" * 20,
    }

    model = imported(tar(files, top="./my model/"), tmp_path)

    np.testing.assert_allclose(
        answers_of(loaded(model, tmp_path), pictures()), answers_of(first, pictures()), atol=2e-5
    )
    names = {one.name for one in model.not_taken}
    assert "other weights: my model/model/model_4.pb" in names
    assert "TensorFlow checkpoints: my model/model/3_Step-900.ckpt.index" in names
    assert (model.track.name, model.spec.race.reverse_dir, model.spec.hyperparameters.num_epochs) == ("oval", True, 5)


def test_weights_that_do_not_fit_are_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    graph = frozen(policy(n_actions=5), Network.FAST)

    model = imported(tar(console() | {"agent/model.pb": graph}), tmp_path)

    reasons = {one.name: one.reason for one in model.not_taken}
    assert reasons["agent/model.pb"].startswith("expected 3 probabilities as the action space")
    assert model.checkpoints == ()
    assert model.spec.model_metadata.to_file_dict()["action_space"] == METADATA["action_space"]
