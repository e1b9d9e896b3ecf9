"""Models: what is trained, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, delete, func, insert, or_, select, update

from deepracer_local.db._nouns import Model, ModelQuery, ModelSort, ModelStatus, NewModel, Page
from deepracer_local.db._rows import (
    Row,
    all_rows,
    check_id,
    decode_token,
    encode_token,
    new_id,
    row_or_none,
    to_page,
    without,
)
from deepracer_local.db._schema import JOBS, MODEL_TAGS, MODELS, OPEN_STATES
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt
from deepracer_local.errors import ConflictError, NotFoundError

SLOWER_THAN_ANY_LAP_S = 1e12
"""Where models without a lap stand in a list sorted by lap time."""


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

    def list(self, owner: str, query: ModelQuery | None = None) -> Page[Model]:
        """Returns somebody's models.

        Raises:
            SpecError: ``after`` is not the ``next_token`` of a page before with the same sorting.
        """
        query = query or ModelQuery()
        with self._store.read() as connection:
            rows = all_rows(connection.execute(_page_query(owner, query)))
            models = _with_tags(connection, rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(items=tuple(models), next_token=None)
        last = rows[query.limit - 1]
        return to_page([*models, models[-1]], query.limit, encode_token(last["sort_key"], last["number"]))

    def count(self, owner: str) -> int:
        """Returns how many models somebody has."""
        with self._store.read() as connection:
            return connection.execute(select(func.count()).where(MODELS.c.owner == owner)).scalar_one()

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
            lock_model(connection, owner, model_id)
            model = find_model(connection, owner, model_id)
            given = {"name": name, "description": description, "tags": None if tags is None else tuple(tags)}
            fields = {field: value for field, value in given.items() if value is not None}
            new = NewModel.model_validate({**model.model_dump(include=set(NewModel.model_fields)), **fields})
            connection.execute(
                update(MODELS)
                .where(MODELS.c.id == model_id)
                .values(
                    name=new.name,
                    description=new.description,
                    search_text=_search_text(new),
                    updated_at=self._store.now(connection),
                )
            )
            if tags is not None:
                connection.execute(delete(MODEL_TAGS).where(MODEL_TAGS.c.model_id == model_id))
                _insert_tags(connection, model_id, new.tags)
            return find_model(connection, owner, model_id)

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


def find_model(connection: Connection, owner: str, model_id: str) -> Model:
    """Returns a model.

    Raises:
        NotFoundError: it does not exist, or is another owner's.
    """
    check_id("model", model_id)
    query = select(MODELS).where(MODELS.c.id == model_id, MODELS.c.owner == owner)
    row = row_or_none(connection.execute(query))
    if row is None:
        raise NotFoundError("model", model_id)
    return _with_tags(connection, [row])[0]


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


def _with_tags(connection: Connection, rows: Sequence[Row]) -> list[Model]:
    tags: dict[str, list[str]] = {row["id"]: [] for row in rows}
    query = select(MODEL_TAGS.c.model_id, MODEL_TAGS.c.tag).where(MODEL_TAGS.c.model_id.in_(list(tags)))
    for model_id, tag in connection.execute(query.order_by(MODEL_TAGS.c.place)):
        tags[model_id].append(tag)
    private = ("number", "search_text", "sort_key")
    return [Model.model_validate({**without(row, *private), "tags": tuple(tags[row["id"]])}) for row in rows]


def _search_text(model: NewModel) -> str:
    return "\n".join([model.name, model.description, *model.tags]).casefold()


def _sort_key(query: ModelQuery) -> Any:
    if query.sort is ModelSort.NAME:
        return func.lower(MODELS.c.name)
    if query.sort is ModelSort.STATUS:
        return MODELS.c.status
    if query.sort is ModelSort.BEST_LAP_TIME:
        # Models without a lap come last, whichever way the list goes.
        return func.coalesce(MODELS.c.best_lap_time_s, -1.0 if query.descending else SLOWER_THAN_ANY_LAP_S)
    return MODELS.c.number


def _page_query(owner: str, query: ModelQuery) -> Select[Any]:
    key: Column[Any] = _sort_key(query)
    found = select(MODELS, key.label("sort_key")).where(MODELS.c.owner == owner)
    if query.search:
        found = found.where(MODELS.c.search_text.contains(query.search.casefold(), autoescape=True))
    if query.status is not None:
        found = found.where(MODELS.c.status == query.status.value)
    if query.tag is not None:
        tagged = select(MODEL_TAGS.c.model_id).where(MODEL_TAGS.c.tag == query.tag)
        found = found.where(MODELS.c.id.in_(tagged))
    if query.after is not None:
        is_text = query.sort in {ModelSort.NAME, ModelSort.STATUS}
        last_key, last_number = decode_token(query.after, str if is_text else (int, float), int)
        number = MODELS.c.number
        if query.descending:
            found = found.where(or_(key < last_key, and_(key == last_key, number < last_number)))
        else:
            found = found.where(or_(key > last_key, and_(key == last_key, number > last_number)))
    order = (key.desc(), MODELS.c.number.desc()) if query.descending else (key, MODELS.c.number)
    return found.order_by(*order).limit(query.limit + 1)
