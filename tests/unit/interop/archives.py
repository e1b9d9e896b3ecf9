"""Archives for tests: good ones, and a tiny writer of frozen graphs."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from safetensors.torch import save

from deepracer_local.domain import Network
from deepracer_local.export._graph_def import car_names, write_graph_def
from deepracer_local.training import DeterministicPolicy, describe_policy
from deepracer_local.training._algorithms import build_policy
from deepracer_local.training._policy import SoftPolicy
from deepracer_local.training._spaces import describe_spaces

REWARD = "def reward_function(params):\n    return 1.0\n"
ACTIONS = [{"steering_angle": angle, "speed": 1.0} for angle in (-30.0, 0.0, 30.0)]
METADATA = {
    "action_space": ACTIONS,
    "action_space_type": "discrete",
    "sensor": ["FRONT_FACING_CAMERA"],
    "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
    "version": "5",
}
CONTINUOUS = METADATA | {
    "action_space": {"steering_angle": {"high": 30.0, "low": -30.0}, "speed": {"high": 2.0, "low": 0.5}},
    "action_space_type": "continuous",
}
HYPERPARAMETERS = {"batch_size": 64, "lr": 0.0003, "loss_type": "huber", "num_epochs": 5, "discount_factor": 0.99}
PARAMS = 'WORLD_NAME: "oval"\nRACE_TYPE: "TIME_TRIAL"\nREVERSE_DIR: "True"\nCAR_COLOR: "Red"\nWHATEVER: "1"\n'
N_NUMBERS = {"LIDAR": 64, "SECTOR_LIDAR": 8, "DISCRETIZED_SECTOR_LIDAR": 64, "STATE": 40}

Files = Mapping[str, bytes | str | dict[str, Any] | list[Any]]


def encoded(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


def tar(files: Files, *, top: str = "") -> bytes:
    """Returns a tar of these files; what is no text or bytes is written as JSON."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(top + name)
            entry.size = len(encoded(content))
            archive.addfile(entry, io.BytesIO(encoded(content)))
    return buffer.getvalue()


def tar_gz(files: Files, *, top: str = "") -> bytes:
    return gzip.compress(tar(files, top=top), 1)


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, encoded(content))
    return buffer.getvalue()


def console(**changes: Any) -> dict[str, Any]:
    """Returns the files of a console's model folder; None leaves one out."""
    files: dict[str, Any] = {
        "model_metadata.json": METADATA,
        "reward_function.py": REWARD,
        "hyperparameters.json": HYPERPARAMETERS,
        "training_params.yaml": PARAMS,
    }
    files |= {name.replace("__", "/").replace("_json", ".json"): content for name, content in changes.items()}
    return {name: content for name, content in files.items() if content is not None}


def policy(
    network: Network = Network.FAST,
    *,
    n_actions: int | None = 3,
    seed: int = 1,
    sensors: Sequence[str] = ("FRONT_FACING_CAMERA",),
    algorithm: str = "clipped_ppo",
    stack_size: int = 1,
) -> DeterministicPolicy:
    """Returns an untrained policy whose actions differ from picture to picture; continuous for None."""
    torch.manual_seed(seed)
    space = spaces.Box(-1.0, 1.0, (2,), np.float32) if n_actions is None else spaces.Discrete(n_actions)
    made = build_policy(space_of(sensors, stack_size), space, network, algorithm=algorithm, camera=sensors[0])
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, 0.0, (2.0 / parameter[0].numel()) ** 0.5)
            elif name.endswith("bias"):
                parameter.normal_(0.0, 0.1)
    made.set_training_mode(False)
    return DeterministicPolicy(made)


def space_of(sensors: Sequence[str], stack_size: int = 1) -> spaces.Space[Any]:
    """Returns what the environment gives of these sensors."""
    found: dict[str, spaces.Space[Any]] = {}
    for sensor in sensors:
        if sensor in N_NUMBERS:
            found[sensor] = spaces.Box(-np.inf, np.inf, (N_NUMBERS[sensor] * stack_size,), np.float32)
        else:
            n_channels = (2 if sensor == "STEREO_CAMERAS" else 1) * stack_size
            found[sensor] = spaces.Box(0, 255, (120, 160, n_channels), np.uint8)
    return found[sensors[0]] if len(sensors) == 1 else spaces.Dict(found)


def metadata_of(
    network: Network,
    *,
    n_actions: int | None = 3,
    sensors: Sequence[str] = ("FRONT_FACING_CAMERA",),
    algorithm: str = "clipped_ppo",
) -> dict[str, Any]:
    """Returns ``model_metadata.json`` of such a policy."""
    changes = {"neural_network": network.value, "sensor": list(sensors), "training_algorithm": algorithm}
    return (METADATA if n_actions else CONTINUOUS) | changes


def own(
    network: Network = Network.FAST,
    *,
    n_actions: int | None = 3,
    sensors: Sequence[str] = ("FRONT_FACING_CAMERA",),
    algorithm: str = "clipped_ppo",
    stack_size: int = 1,
    **changes: Any,
) -> dict[str, Any]:
    """Returns the files of an export of this program."""
    metadata = metadata_of(network, n_actions=n_actions, sensors=sensors, algorithm=algorithm)
    made = policy(network, n_actions=n_actions, sensors=sensors, algorithm=algorithm, stack_size=stack_size).network
    lap = {"trial": 1, "time_s": 0.1, "progress": 100.0, "steps": 1, "outcome": "lap_complete"}
    model = {
        "format_version": 1,
        "network": network.value,
        **describe_spaces(made.observation_space, made.action_space),
        "model_metadata": metadata,
        "total_steps": 512,
        "iterations": 1,
        "evaluation": {"laps": [lap], "planned_laps": 1},
        "best_rule": "x",
    }
    model |= {"sensors": {name: one.model_dump() for name, one in model.get("sensors", {}).items()} or None}
    state = {name: tensor.clone() for name, tensor in made.state_dict().items()}
    spec = {"format_version": 1, "track": "oval", "seed": 7, "model_metadata": metadata}
    files: dict[str, Any] = {
        "checkpoints/000000512/model.json": model,
        "checkpoints/000000512/policy.safetensors": save(state),
        "checkpoints/index.json": {"best": "000000512", "last": "000000512"},
        "reward_function.py": REWARD,
        "spec.json": spec | {"hyperparameters": {"stack_size": stack_size}},
    }
    return files | changes


def frozen(made: DeterministicPolicy, sensors: Sequence[str] = ("FRONT_FACING_CAMERA",)) -> bytes:
    """Returns a policy as the frozen graph that goes to the car."""
    described = describe_policy(made, sensors)
    return write_graph_def(described, car_names(described, "sac" if isinstance(made.network, SoftPolicy) else ""))


class GraphWriter:
    """Writes as much of a GraphDef as a policy needs."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []

    def node(self, name: str, operation: str, *inputs: str, **attributes: bytes) -> str:
        fields = [text(1, name), text(2, operation), *(text(3, one) for one in inputs)]
        fields += [field(5, text(1, key) + field(2, value)) for key, value in attributes.items()]
        self._nodes.append(field(1, b"".join(fields)))
        return name

    def constant(self, name: str, value: Any) -> str:
        array = np.asarray(value)
        kind = 1 if array.dtype.kind == "f" else 3
        plain = np.ascontiguousarray(array.astype("<f4" if kind == 1 else "<i4"))
        shape = field(2, b"".join(field(2, number(1, size)) for size in array.shape))
        return self.node(name, "Const", value=field(8, number(1, kind) + shape + field(4, plain.tobytes())))

    def content(self) -> bytes:
        return b"".join(self._nodes)


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def number(place: int, value: int) -> bytes:
    return varint(place << 3) + varint(value)


def field(place: int, content: bytes) -> bytes:
    return varint(place << 3 | 2) + varint(len(content)) + content


def text(place: int, value: str) -> bytes:
    return field(place, value.encode())


def sides(side: int) -> bytes:
    return field(1, b"".join(number(3, size) for size in (1, side, side, 1)))


def safetensors(entries: Mapping[str, Any], numbers: bytes = b"") -> bytes:
    """Returns a file with this header, whatever it says."""
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header)) + header + numbers
