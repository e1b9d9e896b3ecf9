"""What was found in an archive: a model that is not stored yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepracer_local.domain import TrainSpec
from deepracer_local.interop._settings import NotTaken
from deepracer_local.runs import CheckpointInfo
from deepracer_local.track import Track


@dataclass(frozen=True, slots=True)
class ImportedCheckpoint:
    """Weights of an imported model.

    Attributes:
        name: here.
        info: what ``model.json`` is to say.
        file: the weights as safetensors, in the folder that the archive was read into.
    """

    name: str
    info: CheckpointInfo
    file: Path


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model that was found in an archive, nothing of which is stored yet.

    Attributes:
        origin: what kind of archive it was, a few words.
        spec: how it was, and would be, trained.
        track: in the direction of its file.
        reward_text: a reward function that can be parsed.
        checkpoints: none where no weights could be taken.
        best: the name of the best one.
        last: the name of the last one.
        taken: what was taken over, a few words each.
        not_taken: what was not, and why.
    """

    origin: str
    spec: TrainSpec
    track: Track
    reward_text: str
    checkpoints: tuple[ImportedCheckpoint, ...]
    best: str | None
    last: str | None
    taken: tuple[str, ...]
    not_taken: tuple[NotTaken, ...]
