"""The networks that can be read, as shapes and arithmetic. Loaded in the child: numpy and no torch.

The learner has its own description of them; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepracer_local.interop._refusal import RefusedError
from deepracer_local.interop._tensors import Float32Array, Shapes

HEIGHT_PX, WIDTH_PX = 120, 160
PREFIXES = ("features_extractor", "pi_features_extractor", "vf_features_extractor")
"""The learner keeps the policy's layers under the first two names, and the value's under the third."""
N_TRIED = 16
"""Pictures that a network must answer with finite numbers."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A network between a picture and its heads; fields as in the learner's own description."""

    convolutions: tuple[tuple[int, int, int], ...]
    pointwise: tuple[int, ...]
    dense: tuple[int, ...]
    pool: int = 1
    black: float = 0.0
    unit: float = 255.0
    is_shared: bool = False

    def shapes(self, channels: int) -> list[tuple[int, tuple[int, ...]]]:
        """Returns place and shape of each layer with weights, as torch keeps them."""
        found: list[tuple[int, tuple[int, ...]]] = []
        rows, columns, place = HEIGHT_PX // self.pool, WIDTH_PX // self.pool, 0
        kernels = [*self.convolutions, *((width, 1, 1) for width in self.pointwise)]
        for filters, kernel, stride in kernels:
            found.append((place, (filters, channels, kernel, kernel)))
            rows, columns, channels = (rows - kernel) // stride + 1, (columns - kernel) // stride + 1, filters
            place += 2
        place += 1
        n_inputs = rows * columns * channels
        for width in self.dense:
            found.append((place, (width, n_inputs)))
            n_inputs = width
            place += 2
        return found

    @property
    def strides(self) -> list[int]:
        """Of each convolution, the pointwise ones too."""
        return [stride for _, _, stride in self.convolutions] + [1] * len(self.pointwise)


NETWORKS: dict[str, Layers] = {
    "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": Layers(((32, 8, 4), (64, 4, 2), (64, 3, 1)), (), (512,)),
    "DEEP_CONVOLUTIONAL_NETWORK": Layers(((32, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)), (64,), (512,)),
    "DEEP_CONVOLUTIONAL_NETWORK_DEEP": Layers(((32, 8, 4), (32, 4, 2), (64, 4, 2), (64, 3, 1)), (512, 512), (256, 128)),
    "FAST_CONVOLUTIONAL_NETWORK": Layers(
        ((16, 5, 2), (32, 3, 2)), (), (128,), pool=4, black=96.0, unit=64.0, is_shared=True
    ),
}


def expected_shapes(network: str, *, channels: int, n_outputs: int, is_continuous: bool) -> Shapes:
    """Returns the name and shape of every tensor of a checkpoint."""
    layers = NETWORKS[network]
    found = Shapes({"log_std": (n_outputs,)} if is_continuous else {})
    for prefix in PREFIXES:
        for place, shape in layers.shapes(channels):
            found[f"{prefix}.layers.{place}.weight"] = shape
            found[f"{prefix}.layers.{place}.bias"] = shape[:1]
    for name, width in (("action_net", n_outputs), ("value_net", 1)):
        found[f"{name}.weight"] = (width, layers.dense[-1])
        found[f"{name}.bias"] = (width,)
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


def require_finite_answers(tensors: dict[str, Float32Array], network: str, channels: int, file: str) -> None:
    """Raises RefusedError where policy or value answer a picture with something else than numbers."""
    layers = NETWORKS[network]
    random = np.random.default_rng(0)
    for i in range(N_TRIED):
        picture = random.integers(0, 256, (HEIGHT_PX, WIDTH_PX, channels)).astype(np.float32)
        if i < 2:
            picture[:] = 255.0 * i
        with np.errstate(all="ignore"):
            for prefix, head in (("pi_features_extractor", "action_net"), ("vf_features_extractor", "value_net")):
                answer = answers(tensors, layers, picture, prefix=prefix, head=head)
                if not np.isfinite(answer).all():
                    raise RefusedError(file, f"expected finite answers of {head}, got NaN or infinity: huge weights")


def answers(
    tensors: dict[str, Float32Array], layers: Layers, picture: Float32Array, *, prefix: str, head: str
) -> Float32Array:
    """Returns what a head answers to one picture: float32 (n,).

    Args:
        tensors: of a checkpoint.
        layers: what they are.
        picture: float32 (height, width, channels), 0 to 255.
        prefix: policy or value.
        head: its last layer.
    """
    side = layers.pool
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    whole = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, -1)
    values: Float32Array = ((whole.mean((1, 3)) - layers.black) / layers.unit).astype(np.float32)
    strides = layers.strides
    for i, (place, shape) in enumerate(layers.shapes(picture.shape[2])):
        weights, bias = tensors[f"{prefix}.layers.{place}.weight"], tensors[f"{prefix}.layers.{place}.bias"]
        if len(shape) == 4:
            windows = np.lib.stride_tricks.sliding_window_view(values, shape[2:], axis=(0, 1))
            windows = windows[:: strides[i], :: strides[i]]
            patches = windows.reshape(windows.shape[0] * windows.shape[1], -1)
            values = (patches @ weights.reshape(shape[0], -1).T).reshape(*windows.shape[:2], -1)
        else:
            # torch flattens channels first.
            values = weights @ (values.transpose(2, 0, 1).reshape(-1) if values.ndim == 3 else values)
        values = np.maximum(values + bias, np.float32(0))
    answer: Float32Array = tensors[f"{head}.weight"] @ values + tensors[f"{head}.bias"]
    return answer
