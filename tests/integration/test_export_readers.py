"""The programs that read our files make of every picture what the network makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import Network, Sensor
from deepracer_local.domain.layers import Float32Array, LayeredNetwork
from deepracer_local.export._graph_def import car_names, write_graph_def
from deepracer_local.export._onnx import write_onnx
from deepracer_local.export._tflite import write_tflite
from deepracer_local.training import describe_policy, outputs_of
from tests.unit.export.networks import driven_pictures, policy_of, with_lidar

N_FRAMES = 8
READERS = ("run_tensorflow", "run_openvino", "run_onnxruntime", "run_litert")
KINDS = {"discrete": True, "continuous": False}
CASES = {f"{network.name}-{kind}": (network, KINDS[kind]) for network in Network for kind in KINDS}
SEVERAL_SENSORS = {"lidar-sac": ("sac", False), "lidar-discrete": ("clipped_ppo", True)}


def write_case(folder: Path, network: LayeredNetwork, algorithm: str, frames: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True)
    names = car_names(network, algorithm)
    (folder / "model.pb").write_bytes(write_graph_def(network, names))
    (folder / "model.onnx").write_bytes(write_onnx(network))
    (folder / "model.tflite").write_bytes(write_tflite(network, names.inputs, names.output))
    sensors = [branch.sensor for branch in network.branches]
    told = {"inputs": names.inputs, "output": names.output, "sensors": sensors}
    (folder / "names.json").write_text(json.dumps(told))
    np.savez(folder / "frames.npz", **{sensor: frames[sensor] for sensor in sensors})


@pytest.fixture(scope="module")
def expected_and_found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Float32Array, Mapping[str, Any]]]:
    """What each network makes of the frames, and what each reader makes of them: one process for all."""
    folder = tmp_path_factory.mktemp("files")
    pictures = driven_pictures(N_FRAMES)
    expected = {}
    for case, (kind, is_discrete) in CASES.items():
        # The largest network takes 115 MB for the car's pictures; for smaller ones it has the same layers.
        shown = pictures[:, ::2, ::2] if kind is Network.DEEP else pictures
        policy = policy_of(kind, is_discrete=is_discrete, shape=(shown.shape[1], shown.shape[2], 1))
        expected[case] = outputs_of(policy, shown)
        write_case(folder / case, describe_policy(policy, ["observation"]), "clipped_ppo", {"observation": shown})
    stereo = driven_pictures(N_FRAMES, channels=2)
    policy = policy_of(Network.SHALLOW, is_discrete=True, shape=(120, 160, 2))
    expected["stereo"] = outputs_of(policy, stereo)
    network = describe_policy(policy, [Sensor.STEREO_CAMERAS])
    write_case(folder / "stereo", network, "clipped_ppo", {Sensor.STEREO_CAMERAS: stereo})
    ranges = np.random.default_rng(1).uniform(0.15, 1.0, (N_FRAMES, 64)).astype(np.float32)
    frames = {"LIDAR": ranges, "STEREO_CAMERAS": stereo}
    for case, (algorithm, is_discrete) in SEVERAL_SENSORS.items():
        policy = with_lidar(algorithm, is_discrete=is_discrete)
        expected[case] = outputs_of(policy, frames)
        write_case(folder / case, describe_policy(policy, list(frames)), algorithm, frames)
    script = Path(__file__).with_name("readers.py")
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    ended = subprocess.run(
        [sys.executable, script, folder], env=quiet, capture_output=True, text=True, timeout=500, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3_000:]
    return {case: (outputs, np.load(folder / case / "outputs.npz")) for case, outputs in expected.items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", [*CASES, "stereo", *SEVERAL_SENSORS])
def test_every_reader_agrees_with_the_network(
    expected_and_found: dict[str, tuple[Float32Array, Mapping[str, Any]]], case: str, reader: str
) -> None:
    expected, found = expected_and_found[case]

    assert found[reader].shape == expected.shape
    assert np.abs(found[reader] - expected).max() < 1e-4
    assert np.ptp(expected, axis=0).max() > 0.01, "the frames must make a difference"
