"""A model's track in a column of its own, so that lists need not read every specification."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the column and fills it from the specifications."""
    op.add_column("models", sa.Column("track", _PLAIN, nullable=False, server_default=""))
    connection = op.get_bind()
    tracks = [
        {"id": model_id, "track": str(json.loads(spec).get("train", {}).get("track", ""))}
        for model_id, spec in connection.execute(sa.text("SELECT id, spec FROM models"))
    ]
    if tracks:
        connection.execute(sa.text("UPDATE models SET track = :track WHERE id = :id"), tracks)
