"""Models: what is trained, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from deepracer_local.db._model_list import read_page, tags_of
from deepracer_local.db._nouns import Model, ModelQuery, ModelStatus, ModelSummary, NewModel, Page
from deepracer_local.db._rows import (
    check_id,
    new_id,
    row_or_none,
    without,
)
from deepracer_local.db._schema import JOBS, MODEL_TAGS, MODELS, OPEN_STATES
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt
from deepracer_local.errors import ConflictError, NotFoundError

# Put together once: that takes longer than running it.
_ONE = select(MODELS).where(MODELS.c.id == bindparam("id"), MODELS.c.owner == bindparam("owner"))
_ONE_TO_CHANGE = _ONE.with_for_update()
_CHANGE = update(MODELS).where(MODELS.c.id == bindparam("which"))


class Models:
    """The models of all owners."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, owner: str, model: NewModel) -> Model:
        """Returns the new model.

        Raises:
            NotFoundError: its parent does not exist, or is another owner's.
        """
        with self._store.write() as connection:
            model_id = insert_model(connection, owner, model, self._store.now(connection))
            return find_model(connection, owner, model_id)

    def get(self, owner: str, model_id: str) -> Model:
        """Returns a model.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        with self._store.read() as connection:
            return find_model(connection, owner, model_id)

    def list(self, owner: str, query: ModelQuery | None = None) -> Page[ModelSummary]:
        """Returns somebody's models.

        Raises:
            SpecError: ``after`` is not the ``next_token`` of a page before with the same sorting.
        """
        return read_page(self._store, owner, query or ModelQuery())

    def count(self, owner: str) -> int:
        """Returns how many models somebody has."""
        with self._store.read() as connection:
            return connection.execute(select(func.count()).where(MODELS.c.owner == owner)).scalar_one()

    def version(self, owner: str) -> str:
        """Returns a text that is another one after any of somebody's models has been made, changed or deleted."""
        query = select(func.count(), func.max(MODELS.c.number), func.max(MODELS.c.updated_at))
        with self._store.read() as connection:
            count, newest, changed = connection.execute(query.where(MODELS.c.owner == owner)).one()
        return f"{count}-{newest}-{changed}"

    def tags(self, owner: str) -> Sequence[str]:
        """Returns the tags that somebody's models bear, sorted."""
        query = select(MODEL_TAGS.c.tag).distinct().join(MODELS, MODELS.c.id == MODEL_TAGS.c.model_id)
        with self._store.read() as connection:
            return connection.execute(query.where(MODELS.c.owner == owner).order_by(MODEL_TAGS.c.tag)).scalars().all()

    def update(
        self,
        owner: str,
        model_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Model:
        """Renames, describes or tags a model and returns it; None leaves a field as it is.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
        """
        with self._store.write() as connection:
            model = find_model(connection, owner, model_id, for_update=True)
            given = {"name": name, "description": description, "tags": None if tags is None else tuple(tags)}
            fields = {field: value for field, value in given.items() if value is not None}
            new = NewModel.model_validate({**model.model_dump(include=set(NewModel.model_fields)), **fields})
            now = self._store.now(connection)
            values = {"name": new.name, "description": new.description, "updated_at": now}
            connection.execute(_CHANGE, {**values, "which": model_id, "search_text": _search_text(new)})
            if tags is not None:
                connection.execute(delete(MODEL_TAGS).where(MODEL_TAGS.c.model_id == model_id))
                _insert_tags(connection, model_id, new.tags)
            return model.model_copy(update={**values, "tags": tuple(dict.fromkeys(new.tags))})

    def delete(self, owner: str, model_id: str) -> None:
        """Deletes a model with its jobs, events, progress and artifact rows; the artifacts themselves stay.

        Raises:
            NotFoundError: it does not exist, or is another owner's.
            ConflictError: a job of it is not over.
        """
        with self._store.write() as connection:
            lock_model(connection, owner, model_id)
            busy = select(JOBS.c.id).where(JOBS.c.model_id == model_id, JOBS.c.state.in_(OPEN_STATES)).limit(1)
            job_id = connection.execute(busy).scalar_one_or_none()
            if job_id is not None:
                raise ConflictError(
                    f"Expected a model without work, but job {job_id} of {model_id} is not over. Cancel it first."
                )
            connection.execute(delete(MODELS).where(MODELS.c.id == model_id))

    def set_result(
        self,
        job_id: str,
        attempt: int,
        *,
        best_checkpoint: str | None = None,
        last_checkpoint: str | None = None,
        best_lap_time_s: float | None = None,
    ) -> None:
        """Points a job's model to its checkpoints; None leaves a pointer as it is.

        Raises:
            StaleAttemptError: the attempt is not the running one.
        """
        given = {
            "best_checkpoint": best_checkpoint,
            "last_checkpoint": last_checkpoint,
            "best_lap_time_s": best_lap_time_s,
        }
        with self._store.write() as connection:
            model_id = lock_attempt(connection, job_id, attempt)["model_id"]
            values = {name: value for name, value in given.items() if value is not None}
            now = self._store.now(connection)
            connection.execute(update(MODELS).where(MODELS.c.id == model_id).values(updated_at=now, **values))


def insert_model(connection: Connection, owner: str, model: NewModel, now: datetime) -> str:
    """Writes a new model and returns its id.

    Raises:
        NotFoundError: its parent does not exist, or is another owner's.
    """
    if model.parent_id is not None:
        lock_model(connection, owner, model.parent_id)
    model_id = new_id()
    connection.execute(
        insert(MODELS).values(
            id=model_id,
            owner=owner,
            created_at=now,
            updated_at=now,
            search_text=_search_text(model),
            status=ModelStatus.READY.value,
            **model.model_dump(exclude={"tags"}),
        )
    )
    _insert_tags(connection, model_id, model.tags)
    return model_id


def find_model(connection: Connection, owner: str, model_id: str, *, for_update: bool = False) -> Model:
    """Returns a model, which ``for_update`` keeps from being deleted or changed until commit.

    Raises:
        NotFoundError: it does not exist, or is another owner's.
    """
    check_id("model", model_id)
    row = row_or_none(connection.execute(_ONE_TO_CHANGE if for_update else _ONE, {"id": model_id, "owner": owner}))
    if row is None:
        raise NotFoundError("model", model_id)
    tags = tags_of(connection, [model_id])[model_id]
    return Model.model_validate({**without(row, "number", "search_text"), "tags": tags})


def lock_model(connection: Connection, owner: str, model_id: str) -> None:
    """Keeps a model from being deleted or changed until commit.

    Raises:
        NotFoundError: it does not exist, or is another owner's.
    """
    check_id("model", model_id)
    query = select(MODELS.c.number).where(MODELS.c.id == model_id, MODELS.c.owner == owner)
    if connection.execute(query.with_for_update()).first() is None:
        raise NotFoundError("model", model_id)


def _insert_tags(connection: Connection, model_id: str, tags: Sequence[str]) -> None:
    rows = [{"model_id": model_id, "tag": tag, "place": place} for place, tag in enumerate(dict.fromkeys(tags))]
    if rows:
        connection.execute(insert(MODEL_TAGS), rows)


def _search_text(model: NewModel) -> str:
    return "\n".join([model.name, model.description, *model.tags]).casefold()
