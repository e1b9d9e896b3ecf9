"""Every error that this package raises on purpose.

    DeepRacerError
    ├── InvalidInputError        you asked wrongly; exit code 2
    │   ├── UnknownNameError     a name that does not exist; suggests the nearest one
    │   ├── TrackError           a track file that is not a track; names the row
    │   ├── MetadataError        model_metadata.json; names the field
    │   ├── HyperparameterError  hyperparameters.json; names the field
    │   ├── SpecError            any other setting of a run; names the field
    │   ├── RewardError          reward_function.py; names line, parameters and the kind of fault
    │   ├── ArchiveError         an archive that is no model, or not safe to read; names the file in it
    │   ├── RunNotFoundError     a folder that is no run, or a run without a checkpoint yet
    │   ├── NotFoundError        an id that does not exist, or belongs to somebody else
    │   └── ConflictError        what is asked for does not fit the present state
    │       └── IllegalTransitionError   an event that cannot happen to a job in its state
    └── WorldError               files or processes failed; exit code 1
        ├── RunDirectoryError    a run directory that is damaged
        ├── ReplayError          a drive that does not come out as it was recorded
        ├── StaleAttemptError    a worker wrote for an attempt that is no longer its own
        ├── SandboxError         the wall around reward functions cannot be put up, or its process not be started
        ├── StorageError         the artifact store or the database cannot be reached
        │   └── DiskFullError    its disk has no room
        ├── CarError             a physical car cannot be reached, or did not do what was asked
        ├── ExportError          a file of a network does not do what the network does
        └── TrainerDiedError     the trainer process ended without a result

A message has three parts: what was expected, what came, what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class DeepRacerError(Exception):
    """The root of all errors raised on purpose."""


class InvalidInputError(DeepRacerError):
    """The user asked for something that cannot be done as asked."""


class UnknownNameError(InvalidInputError):
    """A name was looked up that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        near = difflib.get_close_matches(name, self.known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listing = ", ".join(self.known) or "none"
        super().__init__(f"There is no {kind} named {name!r}.{hint} Known: {listing}.")


class TrackError(InvalidInputError):
    """A track file does not describe a drivable track.

    Attributes:
        row: the 0-based row of the file at fault, or None where no single row is.
    """

    def __init__(self, message: str, *, row: int | None = None) -> None:
        self.row = row
        super().__init__(message)


class FieldError(InvalidInputError):
    """One field of a file or setting is wrong.

    Attributes:
        field: the dotted path of the field, for example ``action_space.3.speed``.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class MetadataError(FieldError):
    """``model_metadata.json`` is not usable."""


class HyperparameterError(FieldError):
    """``hyperparameters.json`` is not usable."""


class SpecError(FieldError):
    """A setting of a run is not usable."""


class RewardFault(StrEnum):
    """In what way a reward function failed."""

    SYNTAX = "syntax"
    """The text cannot be read as a reward function; nothing of it was run."""
    IMPORT = "import"
    """Its module failed while it was executed."""
    EXCEPTION = "exception"
    """A call raised, or returned what is no reward."""
    TIMEOUT = "timeout"
    """Import or call took too long."""
    MEMORY = "memory"
    OUTPUT = "output"
    """It printed too much."""
    PROTOCOL = "protocol"
    """Something other than rewards came from its process."""
    DEATH = "death"
    """It ended its process."""

    @property
    def is_fatal(self) -> bool:
        """True where no further call is possible."""
        return self is not RewardFault.EXCEPTION


class RewardError(InvalidInputError):
    """The user's reward function cannot be used or failed.

    Attributes:
        line: 1-based line in the user's file, or None where no line is known.
        params: the reward parameters of the failing step, or None.
        fault: in what way.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        params: Mapping[str, Any] | None = None,
        fault: RewardFault = RewardFault.EXCEPTION,
    ) -> None:
        self.line = line
        self.params = dict(params) if params is not None else None
        self.fault = fault
        super().__init__(message)


class ArchiveError(InvalidInputError):
    """An archive holds no model, or is not safe to read.

    Attributes:
        file: the name of the file in it that is at fault; empty where it is the whole.
    """

    def __init__(self, message: str, *, file: str = "") -> None:
        self.file = file
        super().__init__(message)


class RunNotFoundError(InvalidInputError):
    """What should be a run is none, or has nothing yet of what is asked for."""


class NotFoundError(InvalidInputError):
    """There is no such thing, or it is somebody else's: the answer is the same."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"There is no {kind} {identifier!r}. Look at the list of what there is.")


class ConflictError(InvalidInputError):
    """What is asked for does not fit the present state."""


class IllegalTransitionError(ConflictError):
    """An event that cannot happen to a job in its state."""

    def __init__(self, state: str, event: str) -> None:
        self.state = state
        self.event = event
        super().__init__(f"A job that is {state} cannot {event}. Look at its state first.")


class WorldError(DeepRacerError):
    """Something outside the program failed: a disk, a process, a file."""


class RunDirectoryError(WorldError):
    """A run directory is damaged, or was written by another version."""


class ReplayError(WorldError):
    """A drive that was driven again differs from what was recorded.

    Attributes:
        episode: as in the trace's column.
        steps: the first step that differs, as in the trace's column.
    """

    def __init__(self, message: str, *, episode: int, steps: int) -> None:
        super().__init__(message)
        self.episode = episode
        self.steps = steps


class StaleAttemptError(WorldError):
    """A worker wrote for an attempt that has been given to somebody else, or is over."""

    def __init__(self, job_id: str, attempt: int) -> None:
        self.job_id = job_id
        self.attempt = attempt
        super().__init__(f"Attempt {attempt} of job {job_id} is not the running one; stop its trainer.")


class SandboxError(WorldError):
    """Somebody's reward function cannot be run safely on this machine, or not at all."""


class StorageError(WorldError):
    """The artifact store or the database cannot be reached, or answers wrongly."""


class DiskFullError(StorageError):
    """A disk that the artifact store, the spool or the database writes to has no room."""


class CarError(WorldError):
    """A physical car cannot be reached, or did not do what it was asked."""


class ExportError(WorldError):
    """A file that was made of a network does not do what the network does; it is not handed out."""


class TrainerDiedError(WorldError):
    """The trainer process ended without writing its result."""
