"""Checkpoints as folders: which are kept, and how one is written whole. The tensors are the learner's business."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from deepracer_local.domain import BEST_RULE, EvaluationResult, ModelMetadata, Network
from deepracer_local.errors import RunDirectoryError, RunNotFoundError, UnknownNameError
from deepracer_local.runs._files import read_json, remove_tree, write_json

MODEL_FILE = "model.json"
INDEX_FILE = "index.json"
POLICY_FILE = "policy.safetensors"
TRAINER_FILES = ("trainer.safetensors", "trainer.json")
"""What only resuming needs; they are removed when a newer checkpoint can be resumed from."""


class SensorShape(BaseModel):
    """What one of several sensors gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: tuple[int, ...]
    dtype: Literal["uint8", "float32"]


class CheckpointInfo(BaseModel):
    """What ``model.json`` says beside the weights: all that is needed to build the network again."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format_version: Literal[1] = 1
    network: Network
    observation_shape: tuple[int, ...] | None = None
    """Of the one array that is observed; None for several sensors."""
    observation_dtype: Literal["uint8", "float32"] | None = None
    sensors: dict[str, SensorShape] | None = None
    """What each sensor gives, by its name, where several are observed."""
    n_actions: int | None
    """Of a discrete action space; None for a continuous one."""
    action_dimensions: int | None
    """Of a continuous action space, each in [-1, 1]; None for a discrete one."""
    model_metadata: ModelMetadata
    total_steps: int
    iterations: int
    evaluation: EvaluationResult | None
    stage: int | None = None
    """The stage of the curriculum in which it was learnt, 1-based; None without one."""
    best_rule: str = BEST_RULE

    @model_validator(mode="after")
    def _is_one_or_several(self) -> CheckpointInfo:
        is_one = self.observation_shape is not None and self.observation_dtype is not None
        if is_one == bool(self.sensors):
            raise ValueError("expected either observation_shape and observation_dtype, or sensors")
        return self


class CheckpointIndex(BaseModel):
    """The two names that point to a checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    best: str | None = None
    last: str | None = None


class Checkpoints:
    """The ``checkpoints`` folder of a run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def index(self) -> CheckpointIndex:
        """Returns the best and the last one; both None in a run that has none yet."""
        path = self.directory / INDEX_FILE
        return CheckpointIndex.model_validate(read_json(path)) if path.exists() else CheckpointIndex()

    def names(self) -> list[str]:
        """Returns the names of all checkpoints, oldest first."""
        return sorted(path.parent.name for path in self.directory.glob(f"[0-9]*/{MODEL_FILE}"))

    def find(self, name: str = "best") -> Path:
        """Returns the folder of the checkpoint ``best``, ``last``, or of that name.

        Raises:
            RunNotFoundError: the run has no checkpoint.
            UnknownNameError: no checkpoint has that name.
        """
        index = self.index()
        resolved = {"best": index.best, "last": index.last}.get(name, name)
        if resolved is None:
            raise RunNotFoundError(f"Expected a checkpoint in {self.directory}, found none. Train for longer.")
        if resolved not in self.names():
            raise UnknownNameError("checkpoint", resolved, ["best", "last", *self.names()])
        return self.directory / resolved

    def resume_point(self) -> tuple[dict[str, int], int]:
        """Returns the sizes of the run's appended files and the policy updates at the last checkpoint.

        Raises:
            RunNotFoundError: the run has no checkpoint.
            RunDirectoryError: it is damaged.
        """
        counters = read_json(self.find("last") / TRAINER_FILES[1]).get("counters", {})
        return counters.get("file_sizes", {}), counters.get("iterations", 0)

    def publish(
        self, info: CheckpointInfo, write_tensors: Callable[[Path], None], *, is_best: bool, keep_every: int
    ) -> str:
        """Writes a checkpoint and makes it the last one, and where asked the best one.

        A crash at any point leaves the former checkpoints loadable: the folder gets its name when it is complete, the
        index changes after that, and what is no longer needed is removed last.

        Args:
            info: goes into ``model.json``.
            write_tensors: writes the weights, and what resuming needs, into the folder it is given.
            is_best: whether the index's ``best`` shall point to it.
            keep_every: checkpoints of every so many iterations stay for good.

        Returns:
            The checkpoint's name.
        """
        name = f"{info.total_steps:09d}"
        target = self.directory / name
        draft = self.directory / f".{name}.tmp"
        remove_tree(draft)
        draft.mkdir(parents=True)
        write_tensors(draft)
        write_json(draft / MODEL_FILE, info.model_dump(mode="json"))
        remove_tree(target)  # the same steps written again, after resuming from an older checkpoint
        draft.rename(target)
        before = self.index()
        after = CheckpointIndex(best=name if is_best else before.best or name, last=name)
        write_json(self.directory / INDEX_FILE, after.model_dump())
        self._tidy(before, after, keep_every)
        return name

    def _tidy(self, before: CheckpointIndex, after: CheckpointIndex, keep_every: int) -> None:
        for name in {before.best, before.last} - {None, after.best, after.last}:
            folder = self.directory / str(name)
            if folder.exists() and read_info(folder).iterations % keep_every:
                remove_tree(folder)
        if before.last not in {None, after.last}:
            for file in TRAINER_FILES:
                (self.directory / str(before.last) / file).unlink(missing_ok=True)


def read_info(folder: Path) -> CheckpointInfo:
    """Returns what ``model.json`` of a checkpoint says.

    Raises:
        RunDirectoryError: it is missing or damaged.
    """
    try:
        return CheckpointInfo.model_validate(read_json(folder / MODEL_FILE))
    except ValidationError as err:
        raise RunDirectoryError(f"Expected {folder / MODEL_FILE} to describe a model, got: {err}.") from err
