"""Writing down a model that comes from elsewhere."""

from __future__ import annotations

from sqlalchemy import Connection, insert, update

from deepracer_local.db._artifacts import insert_artifact
from deepracer_local.db._events import append_event
from deepracer_local.db._models import insert_model
from deepracer_local.db._nouns import EventName, Job, NewImport
from deepracer_local.db._rows import new_id, one_row
from deepracer_local.db._schema import JOBS, MODELS
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import refresh_status, to_job
from deepracer_local.domain import JobKind, JobState, Wish


def insert_import(
    connection: Connection, store: Store, owner: str, new: NewImport, key: str | None, body_hash: str | None
) -> Job:
    """Writes the model, its artifacts and its job, which is over; returns the job."""
    now = store.now(connection)
    model_id = insert_model(connection, owner, new.model, now)
    row = one_row(
        connection.execute(
            insert(JOBS)
            .values(
                id=new_id(),
                owner=owner,
                created_at=now,
                updated_at=now,
                kind=JobKind.IMPORT.value,
                model_id=model_id,
                spec=new.spec,
                idempotency_key=key,
                body_hash=body_hash,
                state=JobState.SUCCEEDED.value,
                wish=Wish.NONE.value,
                attempt=0,
                retries={},
                progress={},
                result=new.result,
                started_at=now,
                finished_at=now,
            )
            .returning(JOBS)
        )
    )
    for artifact in new.artifacts:
        insert_artifact(connection, store, owner, model_id, row["id"], artifact)
    pointers = {"best_checkpoint": new.best_checkpoint, "last_checkpoint": new.last_checkpoint}
    connection.execute(update(MODELS).where(MODELS.c.id == model_id).values(pointers))
    refresh_status(connection, model_id, now)
    append_event(connection, row, EventName.SUBMIT, now, {})
    append_event(connection, row, EventName.SUCCEED, now, {})
    return to_job(row)
