"""At most one training of a model is not over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_UNFINISHED_TRAINING = "kind = 'TRAIN' AND state IN ('QUEUED', 'RUNNING', 'PAUSED')"


def upgrade() -> None:
    """Makes the index that refuses a second one."""
    op.create_index(
        "uq_jobs_unfinished_training",
        "jobs",
        ["model_id"],
        unique=True,
        sqlite_where=sa.text(_UNFINISHED_TRAINING),
        postgresql_where=sa.text(_UNFINISHED_TRAINING),
    )
