"""What SAC remembers: the newest steps, their observations packed.

Each observation is packed once, when it is first seen, and the same bytes serve the step that ends and the step that
begins with it. A grey picture of 160 by 120 takes about a thousand bytes so, and a checkpoint holds the memory as
it is. What is packed never changes, so that the state between two updates is a list of references.
"""

from __future__ import annotations

import itertools
import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.type_aliases import DictReplayBufferSamples, ReplayBufferSamples

from deepracer_local.errors import RunDirectoryError
from deepracer_local.training._observations import Tensors, to_tensors

CAPACITY = 20_000
"""Steps that are remembered; with one camera about 20 MB."""
_LEVEL = 1


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """One step of one car.

    Attributes:
        before: the packed observation at which the action was chosen.
        after: the packed observation that followed, the last of its episode where that ended.
        action: float32 (n,), -1 to 1.
        reward: of the step.
        is_end: whether nothing follows: the episode ended by its rules, not by a time limit.
    """

    before: bytes
    after: bytes
    action: np.ndarray[Any, Any]
    reward: float
    is_end: bool


class Packing:
    """Packs observations of one space into bytes: pictures compressed without loss, numbers as they are."""

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._boxes: dict[str, Any] = dict(space.spaces) if isinstance(space, spaces.Dict) else {"": space}
        self._is_single = not isinstance(space, spaces.Dict)

    def pack_all(self, observations: Any, n: int) -> list[bytes]:
        """Returns each observation of a batch of ``n``."""
        arrays = {"": observations} if self._is_single else observations
        return [
            zlib.compress(b"".join(_bytes_of(arrays[name][i], box) for name, box in self._boxes.items()), _LEVEL)
            for i in range(n)
        ]

    def unpack_all(self, packed: Sequence[bytes]) -> Tensors:
        """Returns a batch of what ``pack_all`` packed."""
        raw = [zlib.decompress(one) for one in packed]
        arrays, start = {}, 0
        for name, box in self._boxes.items():
            size = int(np.prod(box.shape)) * box.dtype.itemsize
            parts = b"".join([one[start : start + size] for one in raw])
            arrays[name] = np.frombuffer(bytearray(parts), box.dtype).reshape(len(packed), *box.shape)
            start += size
        return to_tensors(arrays[""] if self._is_single else arrays)


def _bytes_of(array: Any, box: Any) -> bytes:
    content: bytes = np.ascontiguousarray(array, box.dtype).tobytes()
    return content


class ReplayMemory:
    """The newest ``capacity`` steps of all cars; takes the place of SB3's replay buffer."""

    def __init__(self, space: spaces.Space[Any], capacity: int = CAPACITY) -> None:
        self.packing = Packing(space)
        self._steps: deque[Transition] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, transition: Transition) -> None:
        """Remembers one step, and forgets the oldest where there is no more room."""
        self._steps.append(transition)

    def snapshot(self) -> tuple[Transition, ...]:
        """Returns all that is remembered, the oldest first; it never changes."""
        return tuple(self._steps)

    def restore(self, steps: Iterable[Transition]) -> None:
        """Remembers ``steps`` and nothing else."""
        self._steps.clear()
        self._steps.extend(steps)

    def sample(self, batch_size: int, env: Any = None) -> ReplayBufferSamples | DictReplayBufferSamples:
        """Returns steps drawn evenly, with repetition, by torch's generator; ``env`` is SB3's and not used."""
        chosen = [self._steps[i] for i in torch.randint(len(self._steps), (batch_size,)).tolist()]
        before = self.packing.unpack_all([step.before for step in chosen])
        after = self.packing.unpack_all([step.after for step in chosen])
        actions = torch.from_numpy(np.stack([step.action for step in chosen]))
        dones = torch.tensor([[float(step.is_end)] for step in chosen])
        rewards = torch.tensor([[step.reward] for step in chosen], dtype=torch.float32)
        if isinstance(before, dict):
            return DictReplayBufferSamples(before, actions, cast("dict[str, torch.Tensor]", after), dones, rewards)
        return ReplayBufferSamples(before, actions, cast("torch.Tensor", after), dones, rewards)


def steps_to_tensors(steps: Sequence[Transition]) -> dict[str, torch.Tensor]:
    """Returns remembered steps as tensors; an observation that two steps share is there once."""
    number_of: dict[int, int] = {}
    packed: list[bytes] = []
    for step in steps:
        for one in (step.before, step.after):
            if id(one) not in number_of:
                number_of[id(one)] = len(packed)
                packed.append(one)
    if not steps:
        return {}
    return {
        "bytes": torch.frombuffer(bytearray(b"".join(packed)), dtype=torch.uint8),
        "ends": torch.tensor(np.cumsum([len(one) for one in packed])),
        "before": torch.tensor([number_of[id(step.before)] for step in steps]),
        "after": torch.tensor([number_of[id(step.after)] for step in steps]),
        "actions": torch.from_numpy(np.stack([step.action for step in steps])),
        "rewards": torch.tensor([step.reward for step in steps], dtype=torch.float64),
        "is_end": torch.tensor([step.is_end for step in steps]),
    }


def steps_from_tensors(tensors: dict[str, torch.Tensor]) -> tuple[Transition, ...]:
    """Returns what ``steps_to_tensors`` was given.

    Raises:
        RunDirectoryError: the tensors do not fit together.
    """
    if not tensors:
        return ()
    try:
        whole, ends = tensors["bytes"].numpy().tobytes(), [0, *tensors["ends"].tolist()]
        packed = [whole[start:end] for start, end in itertools.pairwise(ends)]
        actions = tensors["actions"].numpy()
        rows = zip(
            tensors["before"].tolist(),
            tensors["after"].tolist(),
            tensors["rewards"].tolist(),
            tensors["is_end"].tolist(),
            strict=True,
        )
        return tuple(
            Transition(packed[before], packed[after], actions[i], reward, is_end)
            for i, (before, after, reward, is_end) in enumerate(rows)
        )
    except (KeyError, IndexError, ValueError) as err:
        raise RunDirectoryError(f"Expected the remembered steps of a checkpoint, got: {err}. It is damaged.") from err
