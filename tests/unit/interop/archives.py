"""Archives for tests: good ones, and a tiny writer of frozen graphs."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from safetensors.torch import save

from deepracer_local.domain import Network
from deepracer_local.training._networks import TOPOLOGIES
from deepracer_local.training._policy import DeterministicPolicy, policy_for

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
PICTURE = spaces.Box(0, 255, (120, 160, 1), np.uint8)

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


def policy(network: Network = Network.FAST, *, n_actions: int | None = 3, seed: int = 1) -> DeterministicPolicy:
    """Returns an untrained policy whose actions differ from picture to picture; continuous for None."""
    torch.manual_seed(seed)
    space = spaces.Box(-1.0, 1.0, (2,), np.float32) if n_actions is None else spaces.Discrete(n_actions)
    policy_class, kwargs = policy_for(PICTURE, network)
    made = policy_class(PICTURE, space, lambda _: 0.0, **(kwargs | {"ortho_init": False}))
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if parameter.ndim > 1:
                torch.nn.init.kaiming_normal_(parameter)
            elif name.endswith("bias"):
                parameter.normal_(0.0, 0.1)
    made.set_training_mode(False)
    return DeterministicPolicy(made)


def own(network: Network = Network.FAST, *, n_actions: int | None = 3, **changes: Any) -> dict[str, Any]:
    """Returns the files of an export of this program."""
    metadata = (METADATA if n_actions else CONTINUOUS) | {"neural_network": network.value}
    model = {
        "format_version": 1,
        "network": network.value,
        "observation_shape": [120, 160, 1],
        "observation_dtype": "uint8",
        "n_actions": n_actions,
        "action_dimensions": None if n_actions else 2,
        "model_metadata": metadata,
        "total_steps": 512,
        "iterations": 1,
        "evaluation": {"laps": [{"trial": 1, "time_s": 0.1, "progress": 100.0, "steps": 1, "outcome": "lap_complete"}]}
        | {"planned_laps": 1},
        "best_rule": "x",
    }
    state = policy(network, n_actions=n_actions).network.state_dict()
    files: dict[str, Any] = {
        "checkpoints/000000512/model.json": model,
        "checkpoints/000000512/policy.safetensors": save({name: tensor.clone() for name, tensor in state.items()}),
        "checkpoints/index.json": {"best": "000000512", "last": "000000512"},
        "reward_function.py": REWARD,
        "spec.json": {"format_version": 1, "track": "oval", "seed": 7, "model_metadata": metadata},
    }
    return files | changes


def frozen(made: DeterministicPolicy, network: Network, *, sensor: str = "FRONT_FACING_CAMERA") -> bytes:
    """Returns a policy as a frozen graph, in the manner of the original: /255, dense layers over a picture."""
    topology = TOPOLOGIES[network]
    state = {name: tensor.numpy() for name, tensor in made.network.state_dict().items()}
    graph = GraphWriter()
    end = graph.node(f"main_level/agent/main/online/network_0/{sensor}/{sensor}", "Placeholder")
    if topology.pool > 1:
        end = graph.node("pool", "AvgPool", end, ksize=sides(topology.pool), strides=sides(topology.pool))
    end = graph.node("divided", "RealDiv", end, graph.constant("unit", np.float32(topology.unit)))
    if topology.black:
        end = graph.node("shifted", "Sub", end, graph.constant("black", np.float32(topology.black / topology.unit)))
    place = 0
    for i, stride in enumerate([*(stride for _, _, stride in topology.convolutions), *(1 for _ in topology.pointwise)]):
        kernel = state[f"pi_features_extractor.layers.{place}.weight"].transpose(2, 3, 1, 0)
        n_out = kernel.shape[3]
        if i < len(topology.convolutions):
            read = graph.node(f"kernel{i}/read", "Identity", graph.constant(f"kernel{i}", kernel))
            end = graph.node(f"conv{i}", "Conv2D", end, read, strides=sides(stride), padding=text(2, "VALID"))
        else:
            flat = graph.node(f"rows{i}", "Reshape", end, graph.constant(f"shape{i}", np.array([-1, kernel.shape[2]])))
            product = graph.node(f"product{i}", "MatMul", flat, graph.constant(f"kernel{i}", kernel[0, 0]))
            end = graph.node(
                f"picture{i}", "Reshape", product, graph.constant(f"again{i}", np.array([-1, 1, 1, n_out]))
            )
        bias = graph.constant(f"bias{i}", state[f"pi_features_extractor.layers.{place}.bias"])
        end = graph.node(f"relu{i}", "Relu", graph.node(f"biased{i}", "BiasAdd", end, bias))
        place += 2
    place += 1
    end = graph.node("flat", "Reshape", end, graph.constant("flatten", np.array([-1, 1])))
    for i in range(len(topology.dense)):
        weights = state[f"pi_features_extractor.layers.{place}.weight"]
        if i == 0:  # channels stand last in TensorFlow
            n_channels = n_out
            weights = weights.reshape(len(weights), n_channels, -1).transpose(0, 2, 1).reshape(len(weights), -1)
        product = graph.node(f"fc{i}", "MatMul", end, graph.constant(f"fc{i}/kernel", weights.T))
        bias = graph.constant(f"fc{i}/bias", state[f"pi_features_extractor.layers.{place}.bias"])
        end = graph.node(f"fc{i}/relu", "Relu", graph.node(f"fc{i}/biased", "BiasAdd", product, bias))
        place += 2
    product = graph.node("head", "MatMul", end, graph.constant("head/kernel", state["action_net.weight"].T))
    biased = graph.node("head/biased", "BiasAdd", product, graph.constant("head/bias", state["action_net.bias"]))
    last = "Identity" if "log_std" in state else "Softmax"
    graph.node("main_level/agent/main/online/network_1/ppo_head_0/policy", last, biased)
    return graph.content()


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
