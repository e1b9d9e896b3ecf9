"""The networks that can be read, as shapes. Loaded in the child: numpy and no torch.

The learner has its own description of them; a test holds the two together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from deepracer_local.interop._refusal import MAX_WEIGHTS_BYTES, RefusedError
from deepracer_local.interop._tensors import Float32Array, Shapes

PPO, SAC = "clipped_ppo", "sac"
STEREO = "STEREO_CAMERAS"
CAMERAS = ("observation", "FRONT_FACING_CAMERA", "LEFT_CAMERA", STEREO)
LIDARS = ("LIDAR", "SECTOR_LIDAR", "DISCRETIZED_SECTOR_LIDAR")
STATE = "STATE"
HEIGHT_PX, WIDTH_PX = 120, 160
_MAX_HEIGHT_PX, _MAX_WIDTH_PX, _MAX_CHANNELS = 960, 1_280, 8
_MAX_NUMBERS, _MAX_OUTPUTS = 20_000, 1_000
_STATE_WIDTHS = (64, 64)
"""The layers of numbers: of ``STATE`` beside other sensors, and of a whole network where it is the only one."""
_SOFT_ACTOR, _SOFT_CRITIC = (256,), (256, 256, 1)
"""SAC's layers behind those of the sensors."""


class Sensor(NamedTuple):
    """What a network reads: a name, and the shape of one observation of it."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers in a row; fields as in the learner's own description. Numbers go through the dense ones alone."""

    convolutions: tuple[tuple[int, int, int], ...] = ()
    pointwise: tuple[int, ...] = ()
    dense: tuple[int, ...] = ()
    pool: int = 1
    black: float = 0.0
    unit: float = 255.0
    is_shared: bool = False
    lidar: tuple[int, ...] = (256, 256)

    def picture_of(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """Returns rows, columns and channels behind the convolutions."""
        rows, columns, channels = shape[0] // self.pool, shape[1] // self.pool, shape[2]
        for filters, kernel, stride in self.kernels:
            rows, columns, channels = (rows - kernel) // stride + 1, (columns - kernel) // stride + 1, filters
        return rows, columns, channels

    @property
    def kernels(self) -> list[tuple[int, int, int]]:
        """(filters, kernel, stride) of each convolution, the pointwise ones too."""
        return [*self.convolutions, *((width, 1, 1) for width in self.pointwise)]

    def shapes(self, shape: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """Returns place and shape of each layer with weights, as torch keeps them."""
        found: list[tuple[int, tuple[int, ...]]] = []
        place, n_inputs = 0, math.prod(shape)
        if len(shape) == 3:
            channels, n_inputs = shape[2], math.prod(self.picture_of(shape))
            for filters, kernel, _ in self.kernels:
                found.append((place, (filters, channels, kernel, kernel)))
                channels = filters
                place += 2
            place += 1  # flattens
        for width in self.dense:
            found.append((place, (width, n_inputs)))
            n_inputs = width
            place += 2
        return found

    def width(self, shape: tuple[int, ...]) -> int:
        """Returns how many numbers come out."""
        return self.dense[-1] if self.dense else math.prod(self.picture_of(shape))


NETWORKS: dict[str, Layers] = {
    "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": Layers(((32, 8, 4), (64, 4, 2), (64, 3, 1)), (), (512,)),
    "DEEP_CONVOLUTIONAL_NETWORK": Layers(((32, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)), (64,), (512,)),
    "DEEP_CONVOLUTIONAL_NETWORK_DEEP": Layers(((32, 8, 4), (32, 4, 2), (64, 4, 2), (64, 3, 1)), (512, 512), (256, 128)),
    "FAST_CONVOLUTIONAL_NETWORK": Layers(
        ((16, 5, 2), (32, 3, 2)), (), (128,), pool=4, black=96.0, unit=64.0, is_shared=True, lidar=(64, 64)
    ),
}
_STEREO_NETWORKS = frozenset({"DEEP_CONVOLUTIONAL_NETWORK", "DEEP_CONVOLUTIONAL_NETWORK_DEEP"})
_STEREO_CONVOLUTIONS = ((32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1))
"""Of two cameras with these networks, which have no pointwise layers then."""


@dataclass(frozen=True, slots=True)
class Row:
    """Layers in a row within a network.

    Attributes:
        name: of their module in the checkpoint.
        shape: of what enters.
        layers: what they are.
        has_tanh: whether a hyperbolic tangent stands behind each layer, else ReLU.
        is_head: whether nothing stands behind the last layer; a head of one layer is the module itself.
    """

    name: str
    shape: tuple[int, ...]
    layers: Layers
    has_tanh: bool = False
    is_head: bool = False

    def parameters(self) -> list[tuple[str, tuple[int, ...]]]:
        """Returns the module's name and the shape of the weights of each layer."""
        shapes = self.layers.shapes(self.shape)
        is_bare = self.is_head and len(shapes) == 1
        return [(self.name if is_bare else f"{self.name}.{place}", shape) for place, shape in shapes]

    @property
    def width(self) -> int:
        """How many numbers come out."""
        return self.layers.width(self.shape)


@dataclass(frozen=True, slots=True)
class Tower:
    """A network from the sensors to one or more answers.

    Attributes:
        sensors: the layers of each sensor, in the order in which their outputs are put side by side.
        joined: the layers behind that, before the answers part.
        answers: for each answer the layers to it.
        takes_action: whether the action is put beside what the answers begin with.
    """

    sensors: tuple[Row, ...]
    joined: tuple[Row, ...]
    answers: tuple[tuple[Row, ...], ...]
    takes_action: bool = False

    def rows(self) -> list[Row]:
        """Returns all layers."""
        return [*self.sensors, *self.joined, *(row for answer in self.answers for row in answer)]


@dataclass(frozen=True, slots=True)
class Form:
    """What the weights of a checkpoint are of.

    Attributes:
        network: its name.
        algorithm: what trained it.
        sensors: what it reads, sorted by name.
        is_alone: whether one array is observed, else one for each sensor.
        n_outputs: actions, or dimensions of a continuous one.
        is_continuous: whether actions are continuous.
    """

    network: str
    algorithm: str
    sensors: tuple[Sensor, ...]
    is_alone: bool
    n_outputs: int
    is_continuous: bool

    def require_possible(self) -> None:
        """Raises ValueError, with a sentence, where there is no such network."""
        if self.network not in NETWORKS or self.algorithm not in {PPO, SAC}:
            raise ValueError(f"expected a network and an algorithm of this program, got {self.network[:60]}")
        if self.algorithm == SAC and not self.is_continuous:
            raise ValueError("expected continuous actions of a network that sac trained, got others")
        if not 1 <= self.n_outputs <= _MAX_OUTPUTS:
            raise ValueError(f"expected 1 to {_MAX_OUTPUTS} actions, got {self.n_outputs}")
        names = [sensor.name for sensor in self.sensors]
        if names != sorted(set(names)) or not 1 <= len(names) <= 3 or (self.is_alone and len(names) != 1):
            raise ValueError(f"expected one to three sensors, got {', '.join(names)[:200] or 'none'}")
        for sensor in self.sensors:
            self._require_sensor(sensor)

    def require_size(self) -> None:
        """Raises ValueError, with a sentence, where a possible network is larger than any that is read."""
        n_bytes = 4 * sum(map(math.prod, expected_shapes(self).values()))
        if n_bytes > MAX_WEIGHTS_BYTES:
            raise ValueError(
                f"expected a network of at most {MAX_WEIGHTS_BYTES // 10**6} MB, got one of {n_bytes // 10**6} MB"
            )

    def _require_sensor(self, sensor: Sensor) -> None:
        if sensor.name in CAMERAS:
            caps = (_MAX_HEIGHT_PX, _MAX_WIDTH_PX, _MAX_CHANNELS)
            is_possible = len(sensor.shape) == 3 and all(
                1 <= size <= cap for size, cap in zip(sensor.shape, caps, strict=True)
            )
            is_possible = is_possible and min(_camera_layers(self.network, sensor.name).picture_of(sensor.shape)) >= 1
        else:
            is_known = sensor.name == STATE or (sensor.name in LIDARS and not self.is_alone)
            is_possible = is_known and len(sensor.shape) == 1 and 1 <= sensor.shape[0] <= _MAX_NUMBERS
        if not is_possible:
            raise ValueError(f"expected a sensor of this program, got {sensor.name[:60]} of the shape {sensor.shape}")

    def towers(self) -> list[Tower]:
        """Returns its networks: of PPO the policy and the value, of SAC the one that acts and the one that judges."""
        if self.is_alone and self.sensors[0].name == STATE:
            return self._of_numbers()
        if self.algorithm == PPO:
            return [
                self._tower("pi_features_extractor", {"action_net": self.n_outputs}),
                self._tower("vf_features_extractor", {"value_net": 1}),
            ]
        actor = self._tower("actor.features_extractor", {}, _SOFT_ACTOR)
        critic = self._tower("critic.features_extractor", {})
        return [_acting(actor, self.n_outputs), _judging(critic, self.n_outputs, _SOFT_CRITIC)]

    def _of_numbers(self) -> list[Tower]:
        """Returns what numbers alone go through: two small dense layers and no embedder."""
        shape, widths = self.sensors[0].shape, Layers(dense=_STATE_WIDTHS)
        if self.algorithm == SAC:
            actor = Tower((), (Row("actor.latent_pi", shape, widths),), ())
            return [_acting(actor, self.n_outputs), _judging(Tower((), (), ()), self.n_outputs, (64, 64, 1), shape)]
        found = []
        for name, head, width in (("policy_net", "action_net", self.n_outputs), ("value_net", "value_net", 1)):
            hidden = Row(f"mlp_extractor.{name}", shape, widths, has_tanh=True)
            found.append(Tower((), (hidden,), ((_head(head, hidden.width, width),),)))
        return found

    def _tower(self, prefix: str, heads: dict[str, int], actor: tuple[int, ...] = ()) -> Tower:
        layers = NETWORKS[self.network]
        rows = tuple(self._row(prefix, sensor) for sensor in self.sensors)
        joined: tuple[Row, ...] = ()
        if not self.is_alone:
            joined = (Row(f"{prefix}.middleware", (sum(row.width for row in rows),), Layers(dense=layers.dense)),)
        if actor:
            joined += (Row("actor.latent_pi", (layers.dense[-1],), Layers(dense=actor)),)
        answers = tuple((_head(name, layers.dense[-1], width),) for name, width in heads.items())
        return Tower(rows, joined, answers)

    def _row(self, prefix: str, sensor: Sensor) -> Row:
        if sensor.name in CAMERAS:
            layers = _camera_layers(self.network, sensor.name)
            if self.is_alone:
                return Row(f"{prefix}.layers", sensor.shape, layers)
            return Row(f"{prefix}.embedders.{sensor.name}.layers", sensor.shape, replace(layers, dense=()))
        widths = NETWORKS[self.network].lidar if sensor.name in LIDARS else _STATE_WIDTHS
        return Row(f"{prefix}.embedders.{sensor.name}", sensor.shape, Layers(dense=widths))


def _camera_layers(network: str, camera: str) -> Layers:
    layers = NETWORKS[network]
    if camera == STEREO and network in _STEREO_NETWORKS:
        return replace(layers, convolutions=_STEREO_CONVOLUTIONS, pointwise=())
    return layers


def _head(name: str, n_inputs: int, width: int) -> Row:
    return Row(name, (n_inputs,), Layers(dense=(width,)), is_head=True)


def _acting(tower: Tower, n_outputs: int) -> Tower:
    width = tower.joined[-1].width
    heads = tuple((_head(f"actor.{name}", width, n_outputs),) for name in ("mu", "log_std"))
    return replace(tower, answers=heads)


def _judging(tower: Tower, n_outputs: int, widths: tuple[int, ...], shape: tuple[int, ...] = ()) -> Tower:
    """Returns both critics; they see the action beside what the layers before them, or else the sensor, give."""
    last = [*tower.sensors, *tower.joined][-1:]
    width = (last[0].width if last else math.prod(shape)) + n_outputs
    heads = tuple((Row(f"critic.{name}", (width,), Layers(dense=widths), is_head=True),) for name in ("qf0", "qf1"))
    return replace(tower, answers=heads, takes_action=True)


def expected_shapes(form: Form) -> Shapes:
    """Returns the name and shape of every tensor of a checkpoint."""
    found = Shapes({"log_std": (form.n_outputs,)} if form.is_continuous and form.algorithm == PPO else {})
    for tower in form.towers():
        for row in tower.rows():
            for name, shape in row.parameters():
                found[f"{name}.weight"], found[f"{name}.bias"] = shape, shape[:1]
    return found | {copy: found[name] for copy, name in copies(found).items()}


def copies(names: Shapes) -> dict[str, str]:
    """Returns the tensors that a checkpoint has twice, each with the name of the other.

    The learner keeps PPO's policy under two names, and of SAC's critics a slow copy.
    """
    found = {}
    for name in names:
        for prefix, other in (("pi_features_extractor.", "features_extractor."), ("critic.", "critic_target.")):
            if name.startswith(prefix):
                found[other + name.removeprefix(prefix)] = name
    return found


def require_shapes(tensors: dict[str, Float32Array], expected: Shapes, file: str) -> None:
    """Raises RefusedError naming a tensor that is missing, too much, or of another shape."""
    for name in (*expected, *tensors):
        if name not in tensors:
            raise RefusedError(file, f"expected the tensor {name}, got none")
        if name not in expected:
            raise RefusedError(file, f"expected no tensor {name} in this network, got one")
        if tensors[name].shape != expected[name]:
            raise RefusedError(file, f"expected {name} of the shape {expected[name]}, got {tensors[name].shape}")
