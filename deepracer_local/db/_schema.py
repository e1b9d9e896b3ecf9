"""The tables. Both databases hold the same ones; what differs is how a column's type is spelt.

Every owned row has a ``number``, which the database counts up and which says who came first, and an ``id`` that the
outside sees. Times are UTC; JSON is text, so that both databases keep it as it was written.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from deepracer_local.domain import JobKind, JobState

FINAL_STATES = tuple(state.value for state in JobState if state.is_final)
OPEN_STATES = tuple(state.value for state in JobState if not state.is_final)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, in UTC. SQLite stores it without its zone, PostgreSQL as ``timestamptz``."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Returns what the driver is given."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Returns the aware time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value as text; NaN and infinity are refused, since JSON has none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Returns the text."""
        return None if value is None else json.dumps(value, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Returns the value."""
        if value is None:
            return None
        try:
            return from_json(value)  # three times as fast, for lists of hundreds of specifications
        except ValueError:
            return json.loads(value)  # reads half a surrogate pair too


# Bytewise order in both databases, whatever the server's locale: the order of pages must not depend on it.
PLAIN_TEXT: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
ID: TypeEngine[str] = String(15).with_variant(String(15, collation="C"), "postgresql")
COUNTED: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only what is spelt INTEGER."""


class ModelColumns(TypedColumns):
    """Columns of ``models``."""

    number: Named[int] = Column(COUNTED, primary_key=True)
    id: Named[str] = Column(ID, unique=True)
    owner: Named[str] = Column(PLAIN_TEXT)
    created_at: Named[datetime] = Column(UtcTime)
    updated_at: Named[datetime] = Column(UtcTime)
    name: Named[str] = Column(PLAIN_TEXT)
    description: Named[str] = Column(PLAIN_TEXT)
    search_text: Named[str] = Column(PLAIN_TEXT)
    """Name, description and tags in folded case: the databases fold only ASCII, and each in its own way."""
    spec: Named[Any] = Column(Json)
    reward_key: Named[str] = Column(PLAIN_TEXT)
    track: Named[str] = Column(PLAIN_TEXT, server_default="")
    parent_id: Named[str | None] = Column(ID, ForeignKey("models.id", ondelete="SET NULL"), nullable=True, index=True)
    parent_checkpoint: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    status: Named[str] = Column(PLAIN_TEXT)
    best_checkpoint: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    last_checkpoint: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    best_lap_time_s: Named[float | None] = Column(Double, nullable=True)


MODELS = Table("models", METADATA, ModelColumns, Index(None, "owner", "number"), sqlite_autoincrement=True)


class TagColumns(TypedColumns):
    """Columns of ``model_tags``."""

    model_id: Named[str] = Column(ID, ForeignKey("models.id", ondelete="CASCADE"), primary_key=True)
    tag: Named[str] = Column(PLAIN_TEXT, primary_key=True)
    place: Named[int] = Column(Integer)
    """Tags keep the order in which they were given."""


MODEL_TAGS = Table("model_tags", METADATA, TagColumns, Index(None, "tag"))


class JobColumns(TypedColumns):
    """Columns of ``jobs``."""

    number: Named[int] = Column(COUNTED, primary_key=True)
    id: Named[str] = Column(ID, unique=True)
    owner: Named[str] = Column(PLAIN_TEXT)
    created_at: Named[datetime] = Column(UtcTime)
    updated_at: Named[datetime] = Column(UtcTime)
    kind: Named[str] = Column(PLAIN_TEXT)
    model_id: Named[str] = Column(ID, ForeignKey("models.id", ondelete="CASCADE"))
    spec: Named[Any] = Column(Json)
    idempotency_key: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    body_hash: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    state: Named[str] = Column(PLAIN_TEXT)
    wish: Named[str] = Column(PLAIN_TEXT)
    attempt: Named[int] = Column(Integer)
    worker_id: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    lease_until: Named[datetime | None] = Column(UtcTime, nullable=True)
    not_before: Named[datetime | None] = Column(UtcTime, nullable=True)
    retries: Named[Any] = Column(Json)
    progress: Named[Any] = Column(Json)
    result: Named[Any] = Column(Json, nullable=True)
    fault: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    message: Named[str | None] = Column(PLAIN_TEXT, nullable=True)
    detail: Named[Any] = Column(Json, nullable=True)
    started_at: Named[datetime | None] = Column(UtcTime, nullable=True)
    finished_at: Named[datetime | None] = Column(UtcTime, nullable=True)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_UNFINISHED_TRAINING = text(f"kind = '{JobKind.TRAIN.value}' AND state IN ({_listed(OPEN_STATES)})")

JOBS = Table(
    "jobs",
    METADATA,
    JobColumns,
    CheckConstraint(f"state IN ({_listed(tuple(state.value for state in JobState))})", name="state"),
    CheckConstraint("(state = 'RUNNING') = (lease_until IS NOT NULL)", name="lease_while_running"),
    CheckConstraint(f"(state IN ({_listed(FINAL_STATES)})) = (finished_at IS NOT NULL)", name="finished_when_final"),
    CheckConstraint("wish = 'NONE' OR state = 'RUNNING'", name="wish_while_running"),
    CheckConstraint("attempt >= 0", name="attempt"),
    UniqueConstraint("owner", "idempotency_key"),
    Index(None, "owner", "number"),
    Index(None, "model_id", "number"),
    # Claims and leases look at the few jobs in one state, however many have finished.
    Index(None, "state", "number"),
    # Two trainings of one model would write over each other's checkpoints; evaluations only read them.
    Index(
        "uq_jobs_unfinished_training",
        "model_id",
        unique=True,
        sqlite_where=_UNFINISHED_TRAINING,
        postgresql_where=_UNFINISHED_TRAINING,
    ),
    sqlite_autoincrement=True,
)


class EventColumns(TypedColumns):
    """Columns of ``job_events``."""

    id: Named[int] = Column(COUNTED, primary_key=True, autoincrement=False)
    owner: Named[str] = Column(PLAIN_TEXT)
    job_id: Named[str] = Column(ID, ForeignKey("jobs.id", ondelete="CASCADE"))
    model_id: Named[str] = Column(ID)
    attempt: Named[int] = Column(Integer)
    at: Named[datetime] = Column(UtcTime)
    event: Named[str] = Column(PLAIN_TEXT)
    state: Named[str] = Column(PLAIN_TEXT)
    detail: Named[Any] = Column(Json)


EVENTS = Table("job_events", METADATA, EventColumns, Index(None, "job_id", "id"))


class CounterColumns(TypedColumns):
    """Columns of ``counters``."""

    name: Named[str] = Column(PLAIN_TEXT, primary_key=True)
    value: Named[int] = Column(BigInteger)


COUNTERS = Table("counters", METADATA, CounterColumns)
"""Numbers that are given out in the order in which transactions commit, which a sequence does not promise."""


class ProgressColumns(TypedColumns):
    """Columns of ``progress``."""

    job_id: Named[str] = Column(ID, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    series: Named[str] = Column(PLAIN_TEXT, primary_key=True)
    position: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    """The iteration of a metrics or evaluation row, the number of an episode."""
    model_id: Named[str] = Column(ID, ForeignKey("models.id", ondelete="CASCADE"))
    iteration: Named[int] = Column(BigInteger)
    """The policy update that the row is part of: a checkpoint after it covers the row."""
    body: Named[Any] = Column(Json)


PROGRESS = Table("progress", METADATA, ProgressColumns, Index(None, "model_id", "series", "position"))


class LogColumns(TypedColumns):
    """Columns of ``log_lines``."""

    job_id: Named[str] = Column(ID, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3, ... in each job, over all of its attempts."""
    attempt: Named[int] = Column(Integer)
    at: Named[datetime] = Column(UtcTime)
    """When the runner brought it, up to a second after it was printed."""
    text: Named[str] = Column(PLAIN_TEXT)


LOG_LINES = Table("log_lines", METADATA, LogColumns)


class ArtifactColumns(TypedColumns):
    """Columns of ``artifacts``."""

    number: Named[int] = Column(COUNTED, primary_key=True)
    id: Named[str] = Column(ID, unique=True)
    owner: Named[str] = Column(PLAIN_TEXT, index=True)
    model_id: Named[str] = Column(ID, ForeignKey("models.id", ondelete="CASCADE"))
    job_id: Named[str | None] = Column(ID, ForeignKey("jobs.id", ondelete="SET NULL"), nullable=True, index=True)
    attempt: Named[int | None] = Column(Integer, nullable=True)
    name: Named[str] = Column(PLAIN_TEXT)
    key: Named[str] = Column(PLAIN_TEXT, index=True)
    size: Named[int] = Column(BigInteger)
    sha256: Named[str] = Column(PLAIN_TEXT)
    kind: Named[str] = Column(PLAIN_TEXT)
    created_at: Named[datetime] = Column(UtcTime)


ARTIFACTS = Table(
    "artifacts",
    METADATA,
    ArtifactColumns,
    UniqueConstraint("model_id", "key"),
    Index(None, "model_id", "number"),
    sqlite_autoincrement=True,
)


class TrackColumns(TypedColumns):
    """Columns of ``tracks``."""

    number: Named[int] = Column(COUNTED, primary_key=True)
    id: Named[str] = Column(ID, unique=True)
    owner: Named[str] = Column(PLAIN_TEXT)
    name: Named[str] = Column(PLAIN_TEXT)
    key: Named[str] = Column(PLAIN_TEXT)
    fields: Named[Any] = Column(Json)
    created_at: Named[datetime] = Column(UtcTime)


TRACKS = Table("tracks", METADATA, TrackColumns, UniqueConstraint("owner", "name"), sqlite_autoincrement=True)


class TokenColumns(TypedColumns):
    """Columns of ``tokens``."""

    number: Named[int] = Column(COUNTED, primary_key=True)
    id: Named[str] = Column(ID, unique=True)
    owner: Named[str] = Column(PLAIN_TEXT, index=True)
    name: Named[str] = Column(PLAIN_TEXT)
    sha256: Named[str] = Column(PLAIN_TEXT, unique=True)
    scope: Named[str] = Column(PLAIN_TEXT)
    created_at: Named[datetime] = Column(UtcTime)
    expires_at: Named[datetime | None] = Column(UtcTime, nullable=True)
    last_used_at: Named[datetime | None] = Column(UtcTime, nullable=True)
    revoked_at: Named[datetime | None] = Column(UtcTime, nullable=True)


TOKENS = Table("tokens", METADATA, TokenColumns, sqlite_autoincrement=True)


class SettingColumns(TypedColumns):
    """Columns of ``settings``."""

    key: Named[str] = Column(PLAIN_TEXT, primary_key=True)
    value: Named[Any] = Column(Json)
    updated_at: Named[datetime] = Column(UtcTime)


SETTINGS = Table("settings", METADATA, SettingColumns)
