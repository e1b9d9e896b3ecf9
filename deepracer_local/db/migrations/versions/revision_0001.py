"""The first tables.

Written out in plain types, apart from ``_schema.py``: what a revision makes must not change when the program does.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_ID = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")
_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FINAL = "('SUCCEEDED', 'FAILED', 'CANCELLED')"

_BROKEN = f"""
    NEW.attempt < OLD.attempt
    OR (OLD.state IN {_FINAL} AND (NEW.state <> OLD.state OR NEW.attempt <> OLD.attempt))
"""
_SQLITE_TRIGGER = f"""
CREATE TRIGGER jobs_final BEFORE UPDATE ON jobs WHEN {_BROKEN}
BEGIN SELECT RAISE(ABORT, 'a final state is final, and attempts only grow'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_job_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a final state is final, and attempts only grow' USING ERRCODE = 'check_violation';
END $$
"""
_POSTGRESQL_TRIGGER = f"""
CREATE TRIGGER jobs_final BEFORE UPDATE ON jobs FOR EACH ROW WHEN ({_BROKEN}) EXECUTE FUNCTION refuse_job_update()
"""


def upgrade() -> None:
    """Makes all tables of an empty database."""
    _make_models()
    _make_jobs()
    _make_events_and_progress()
    _make_artifacts_and_tracks()
    _make_tokens_and_settings()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE_TRIGGER)
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL_TRIGGER)
    op.execute("INSERT INTO counters (name, value) VALUES ('job_events', 0)")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _PLAIN, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _ID, nullable=nullable)


def _owned(table: str, *columns: Any) -> None:
    """Makes a table whose rows have an owner, an id for the outside and a number for the order."""
    op.create_table(
        table,
        sa.Column("number", _COUNTED, nullable=False),
        _id("id"),
        _text("owner"),
        _time("created_at"),
        *columns,
        sa.PrimaryKeyConstraint("number", name=f"pk_{table}"),
        sa.UniqueConstraint("id", name=f"uq_{table}_id"),
        sqlite_autoincrement=True,
    )


def _refers(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _make_models() -> None:
    _owned(
        "models",
        _time("updated_at"),
        _text("name"),
        _text("description"),
        _text("search_text"),
        _json("spec"),
        _text("reward_key"),
        _id("parent_id", nullable=True),
        _text("parent_checkpoint", nullable=True),
        _text("status"),
        _text("best_checkpoint", nullable=True),
        _text("last_checkpoint", nullable=True),
        sa.Column("best_lap_time_s", sa.Double(), nullable=True),
        _refers("models", "parent_id", "models.id", "SET NULL"),
    )
    _index("models", "owner", "number")
    _index("models", "parent_id")
    op.create_table(
        "model_tags",
        _id("model_id"),
        _text("tag"),
        sa.Column("place", sa.Integer(), nullable=False),
        _refers("model_tags", "model_id", "models.id", "CASCADE"),
        sa.PrimaryKeyConstraint("model_id", "tag", name="pk_model_tags"),
    )
    _index("model_tags", "tag")


def _make_jobs() -> None:
    states = "('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED')"
    _owned(
        "jobs",
        _time("updated_at"),
        _text("kind"),
        _id("model_id"),
        _json("spec"),
        _text("idempotency_key", nullable=True),
        _text("body_hash", nullable=True),
        _text("state"),
        _text("wish"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _text("worker_id", nullable=True),
        _time("lease_until", nullable=True),
        _time("not_before", nullable=True),
        _json("retries"),
        _json("progress"),
        _json("result", nullable=True),
        _text("fault", nullable=True),
        _text("message", nullable=True),
        _json("detail", nullable=True),
        _time("started_at", nullable=True),
        _time("finished_at", nullable=True),
        _refers("jobs", "model_id", "models.id", "CASCADE"),
        sa.UniqueConstraint("owner", "idempotency_key", name="uq_jobs_owner_idempotency_key"),
        sa.CheckConstraint(f"state IN {states}", name="ck_jobs_state"),
        sa.CheckConstraint("(state = 'RUNNING') = (lease_until IS NOT NULL)", name="ck_jobs_lease_while_running"),
        sa.CheckConstraint(f"(state IN {_FINAL}) = (finished_at IS NOT NULL)", name="ck_jobs_finished_when_final"),
        sa.CheckConstraint("wish = 'NONE' OR state = 'RUNNING'", name="ck_jobs_wish_while_running"),
        sa.CheckConstraint("attempt >= 0", name="ck_jobs_attempt"),
    )
    _index("jobs", "owner", "number")
    _index("jobs", "model_id", "number")
    _index("jobs", "state", "number")


def _make_events_and_progress() -> None:
    op.create_table(
        "counters",
        _text("name"),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "job_events",
        sa.Column("id", _COUNTED, nullable=False, autoincrement=False),
        _text("owner"),
        _id("job_id"),
        _id("model_id"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _time("at"),
        _text("event"),
        _text("state"),
        _json("detail"),
        _refers("job_events", "job_id", "jobs.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job_events"),
    )
    _index("job_events", "job_id", "id")
    op.create_table(
        "progress",
        _id("job_id"),
        _text("series"),
        sa.Column("position", sa.BigInteger(), nullable=False, autoincrement=False),
        _id("model_id"),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        _json("body"),
        _refers("progress", "job_id", "jobs.id", "CASCADE"),
        _refers("progress", "model_id", "models.id", "CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "series", "position", name="pk_progress"),
    )
    _index("progress", "model_id", "series", "position")


def _make_artifacts_and_tracks() -> None:
    _owned(
        "artifacts",
        _id("model_id"),
        _id("job_id", nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        _text("name"),
        _text("key"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("sha256"),
        _text("kind"),
        _refers("artifacts", "model_id", "models.id", "CASCADE"),
        _refers("artifacts", "job_id", "jobs.id", "SET NULL"),
        sa.UniqueConstraint("model_id", "key", name="uq_artifacts_model_id_key"),
    )
    _index("artifacts", "job_id")
    _index("artifacts", "key")
    _index("artifacts", "model_id", "number")
    _index("artifacts", "owner")
    _owned(
        "tracks",
        _text("name"),
        _text("key"),
        _json("fields"),
        sa.UniqueConstraint("owner", "name", name="uq_tracks_owner_name"),
    )


def _make_tokens_and_settings() -> None:
    _owned(
        "tokens",
        _text("name"),
        _text("sha256"),
        _text("scope"),
        _time("expires_at", nullable=True),
        _time("last_used_at", nullable=True),
        _time("revoked_at", nullable=True),
        sa.UniqueConstraint("sha256", name="uq_tokens_sha256"),
    )
    _index("tokens", "owner")
    op.create_table(
        "settings",
        _text("key"),
        _json("value"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    )
