"""The rows of the database as frozen values: what a caller gives and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from deepracer_local.domain import Fault, JobKind, JobState, Wish


def _storable(text: str) -> str:
    """Returns ``text`` if both databases can hold it: no NUL (PostgreSQL), no half of a surrogate pair (both)."""
    if "\x00" in text:
        raise ValueError("Expected text without the character U+0000. Remove it.")
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise ValueError(f"Expected whole characters, got half a pair at {err.start}. Remove it.") from err
    return text


Text = Annotated[str, AfterValidator(_storable)]
"""A string that both databases can hold."""

Tag = Annotated[Text, Field(min_length=1, max_length=64)]

RowT = TypeVar("RowT")


class _Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelStatus(StrEnum):
    """What a model is doing; always follows from its jobs."""

    QUEUED = "QUEUED"
    TRAINING = "TRAINING"
    EVALUATING = "EVALUATING"
    STOPPING = "STOPPING"
    PAUSED = "PAUSED"
    READY = "READY"
    ERROR = "ERROR"


class ModelSort(StrEnum):
    """What a list of models is sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    STATUS = "STATUS"
    BEST_LAP_TIME = "BEST_LAP_TIME"


class NewModel(_Noun):
    """A model that is to be."""

    name: Text = Field(min_length=1, max_length=128)
    description: Text = Field(default="", max_length=4096)
    tags: tuple[Tag, ...] = Field(default=(), max_length=32)
    spec: dict[str, Any]
    """The training's specification as JSON."""
    reward_key: Text
    """Where the artifact store holds the reward function."""
    track: Text = ""
    """The name of the track, for lists: a specification is not read for every row."""
    parent_id: Text | None = None
    """The model that this one is a clone of."""
    parent_checkpoint: Text | None = None
    """The checkpoint of the parent whose weights it starts from."""


class ModelSummary(NamedTuple):
    """What a list tells of a model: a plain tuple, because lists are long and read often."""

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    status: ModelStatus
    created_at: datetime
    updated_at: datetime
    track: str
    parent_id: str | None
    parent_checkpoint: str | None
    best_checkpoint: str | None
    last_checkpoint: str | None
    best_lap_time_s: float | None


class Model(NewModel):
    """A model: a specification, a reward function and what training made of them."""

    id: str
    owner: str
    created_at: datetime
    updated_at: datetime
    status: ModelStatus
    best_checkpoint: str | None
    last_checkpoint: str | None
    best_lap_time_s: float | None


class ModelQuery(_Noun):
    """Which models a list shows, and in which order."""

    search: Text = Field(default="", max_length=256, description="part of the name, description or a tag, any case")
    status: ModelStatus | None = None
    tag: Text | None = None
    sort: ModelSort = ModelSort.CREATED_AT
    descending: bool = True
    after: str | None = Field(default=None, description="the page before's next_token")
    limit: int = Field(default=100, ge=1, le=1000)


class NewArtifact(_Noun):
    """A stored file that is to belong to a model."""

    name: Text
    key: Text
    size: int = Field(ge=0)
    sha256: Text
    kind: Text


class NewImport(_Noun):
    """A model that comes from elsewhere with what it brings."""

    model: NewModel
    spec: dict[str, Any]
    """The job's, as JSON: what a training or an evaluation of it takes up."""
    result: dict[str, Any]
    """What was taken over and what not."""
    artifacts: tuple[NewArtifact, ...] = ()
    best_checkpoint: Text | None = None
    last_checkpoint: Text | None = None


class NewJob(_Noun):
    """A job that is to be."""

    kind: JobKind
    model_id: Text
    spec: dict[str, Any]
    """What the job is to do, as JSON."""


class JobSummary(_Noun):
    """A job without its specification, which can be long: how far it has come."""

    kind: JobKind
    model_id: Text
    id: str
    owner: str
    created_at: datetime
    updated_at: datetime
    state: JobState
    wish: Wish
    """What somebody wants of it while it runs; NONE in every other state."""
    attempt: int
    """0 before it is first claimed; only ever grows."""
    worker_id: str | None
    """Who runs it, or ran it last."""
    lease_until: datetime | None
    """When it counts as abandoned; None unless it runs."""
    not_before: datetime | None
    """The earliest time of the next attempt; None for at once."""
    retries: Mapping[Fault, int]
    """How often it has been put back, by fault."""
    progress: dict[str, Any]
    """The last heartbeat's."""
    result: dict[str, Any] | None
    fault: Fault | None
    """Of the last attempt that failed."""
    message: str | None
    """What went wrong then."""
    detail: dict[str, Any] | None
    started_at: datetime | None
    """When it was first claimed."""
    finished_at: datetime | None
    """When it reached its final state."""


class Job(JobSummary):
    """A job: a wish to train or evaluate, and how far it has come."""

    spec: dict[str, Any]
    """What it is to do, as JSON."""


class QueueEntry(_Noun):
    """A queued job and its place."""

    job: Job
    position: int
    """1 for the job that is claimed next."""


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A queued job, as the outlook needs it."""

    id: str
    kind: JobKind
    not_before: datetime | None
    """The earliest time of its next attempt."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A running job, as the outlook needs it."""

    kind: JobKind
    spec: dict[str, Any]
    progress: dict[str, Any]
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who waits and runs at one moment, of all owners."""

    now: datetime
    waiting: tuple[WaitingJob, ...]
    """In the order in which they will be claimed."""
    running: tuple[RunningJob, ...]
    usual_s: Mapping[JobKind, float | None]
    """The median time that the last jobs of a kind took; None where none has succeeded yet."""


class EventName(StrEnum):
    """What an event tells: a transition (the names of ``JobEvent``), a submission, or a wish."""

    SUBMIT = "SUBMIT"
    CLAIM = "CLAIM"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"
    RETRY = "RETRY"
    LOSE_LEASE = "LOSE_LEASE"
    CANCEL = "CANCEL"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    WISH_CANCEL = "WISH_CANCEL"
    WISH_PAUSE = "WISH_PAUSE"


class Event(_Noun):
    """One thing that happened to a job."""

    id: int
    """1, 2, 3, ... over the whole database, without a gap, in the order in which they became visible."""
    owner: str
    job_id: str
    model_id: str
    attempt: int
    at: datetime
    event: EventName
    state: JobState
    """The job's state afterwards."""
    detail: dict[str, Any]


class LogLine(_Noun):
    """One line that a job has printed."""

    number: int
    """1, 2, 3, ... in each job, over all of its attempts."""
    attempt: int
    at: datetime
    """When the runner brought it, up to a second after it was printed."""
    text: str
    """As it was printed, without its end; control characters are still in it."""


class Artifact(_Noun):
    """A file in the artifact store that belongs to a model."""

    id: str
    owner: str
    model_id: str
    job_id: str | None
    attempt: int | None
    name: str
    key: str
    size: int
    """Bytes."""
    sha256: str
    kind: str
    created_at: datetime


class StoredTrack(_Noun):
    """A track that somebody has brought."""

    id: str
    owner: str
    name: str
    key: str
    fields: dict[str, Any]
    created_at: datetime


class Token(_Noun):
    """An access token, without its secret."""

    id: str
    owner: str
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class Page(_Noun, Generic[RowT]):
    """Some rows of a list, and where the next ones begin."""

    items: tuple[RowT, ...]
    next_token: str | None
    """What to give as ``after`` for the next page; None on the last."""
