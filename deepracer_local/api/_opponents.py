"""Checkpoints that drive: the model's own, and that of its opponent, which is copied for the evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepracer_local.api._services import Services
from deepracer_local.db import Model
from deepracer_local.domain import JobSpec, OpponentSpec, StoredFile, TrainSpec
from deepracer_local.errors import ConflictError

FOLDER = "opponent"
"""Where the runner puts its files in the run directory of the evaluation."""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint of a model in the artifact store."""

    name: str
    files: dict[str, str]
    """The key of each of its files, by the file's name."""

    def stored_files(self) -> list[StoredFile]:
        """Returns what drives, and where it belongs in a run directory."""
        return [
            StoredFile(path=f"checkpoints/{self.name}/{name}", key=self.files[name])
            for name in ("model.json", "policy.safetensors")
        ]


@dataclass(frozen=True, slots=True)
class StoredOpponent:
    """Another model with a checkpoint that can drive."""

    model: Model
    checkpoint: StoredCheckpoint

    @property
    def train(self) -> TrainSpec:
        """What it was trained with."""
        return JobSpec.model_validate(self.model.spec["job"]).train

    @property
    def spec(self) -> OpponentSpec:
        """What is written down of it."""
        return OpponentSpec(name=self.model.name, checkpoint=self.checkpoint.name, model_id=self.model.id)


def checkpoint_files(kit: Services, model: Model, checkpoint: str, *, field: str = "checkpoint") -> StoredCheckpoint:
    """Returns a checkpoint of a model.

    Args:
        kit: where the models are.
        model: whose it is.
        checkpoint: ``best``, ``last`` or a name.
        field: of the request, which asks for it.

    Raises:
        ConflictError: the model has no such checkpoint.
    """
    name = {"best": model.best_checkpoint, "last": model.last_checkpoint}.get(checkpoint, checkpoint)
    prefix = f"checkpoints/{name}/"
    artifacts = kit.database.artifacts.list(model.id, "checkpoint")
    stored = {a.name.removeprefix(prefix): a.key for a in artifacts if a.name.startswith(prefix)}
    if name is None or not {"model.json", "policy.safetensors"} <= stored.keys():
        whose = "this model" if field == "checkpoint" else f"the model {model.name!r}"
        raise ConflictError(
            f"{field}: expected one of {whose}, got {checkpoint!r}, which it does not have (yet). Train for "
            f"longer, or choose one that GET /api/v1/models/{model.id}/checkpoints lists."
        )
    return StoredCheckpoint(name, stored)


def as_race_of_two(given: Any) -> Any:
    """Returns the JSON of a request; where it names an opponent its race has the type ``HEAD_TO_MODEL``.

    Before the race is read: where a car stands on the grid belongs to no other type.
    """
    if isinstance(given, dict) and given.get("opponent") is not None and isinstance(given.get("race"), dict):
        return {**given, "race": {"race_type": "HEAD_TO_MODEL", **given["race"]}}
    return given


def find_opponent(owner: str, kit: Services, model_id: str | None, checkpoint: str) -> StoredOpponent | None:
    """Returns the opponent that is asked for; None where none is.

    Raises:
        NotFoundError: there is no such model, or it is somebody else's.
        ConflictError: it has no such checkpoint.
    """
    if model_id is None:
        return None
    model = kit.database.models.get(owner, model_id)
    return StoredOpponent(model, checkpoint_files(kit, model, checkpoint, field="opponent_checkpoint"))


def copy_opponent(opponent: StoredOpponent, prefix: str, kit: Services) -> list[StoredFile]:
    """Puts copies of what the opponent drives with below ``prefix``; returns where they belong in the run directory.

    Copies: the opponent may be deleted, or let its checkpoint go, before the evaluation starts.
    """
    contents = {"spec.json": opponent.train.model_dump_json().encode()}
    for file in opponent.checkpoint.stored_files():
        with kit.store.open(file.key) as source:
            contents[file.path] = source.read()
    files = []
    for name, content in contents.items():
        key = f"{prefix}/{FOLDER}/{name}"
        kit.store.put(key, content)
        files.append(StoredFile(path=f"{FOLDER}/{name}", key=key))
    return files
