"""Lists of models: searched, filtered, sorted, page by page.

Every form of the query is put together once, with places for its values: that takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, bindparam, func, or_, select

from deepracer_local.db._nouns import ModelQuery, ModelSort, ModelStatus, ModelSummary, Page
from deepracer_local.db._rows import decode_token, encode_token
from deepracer_local.db._schema import MODEL_TAGS, MODELS
from deepracer_local.db._store import Store

SLOWER_THAN_ANY_LAP_S = 1e12
"""Where models without a lap stand in a list sorted by lap time."""

_COLUMNS = tuple(MODELS.c[name] for name in ModelSummary._fields if name != "tags")
_STATUSES = {status.value: status for status in ModelStatus}
_TAGS = (
    select(MODEL_TAGS.c.model_id, MODEL_TAGS.c.tag)
    .where(MODEL_TAGS.c.model_id.in_(bindparam("ids", expanding=True)))
    .order_by(MODEL_TAGS.c.place)
)


def read_page(store: Store, owner: str, query: ModelQuery) -> Page[ModelSummary]:
    """Returns a page of somebody's models.

    Raises:
        SpecError: ``after`` is not the ``next_token`` of a page before with the same sorting.
    """
    statement = _page_statement(
        query.sort,
        query.descending,
        bool(query.search),
        query.status is not None,
        query.tag is not None,
        query.after is not None,
    )
    with store.read() as connection:
        rows = connection.execute(statement, _values(owner, query)).all()
        page = rows[: query.limit]
        tags = tags_of(connection, [row.id for row in page])
    models = tuple(_summary(row, tags[row.id]) for row in page)
    more = encode_token(page[-1].sort_key, page[-1].number) if len(rows) > query.limit else None
    return Page(items=models, next_token=more)


def tags_of(connection: Connection, model_ids: Sequence[str]) -> dict[str, list[str]]:
    """Returns the tags of each of these models, in the order in which they were given."""
    tags: dict[str, list[str]] = {model_id: [] for model_id in model_ids}
    for model_id, tag in connection.execute(_TAGS, {"ids": list(tags)}):
        tags[model_id].append(tag)
    return tags


def _summary(row: Any, tags: Sequence[str]) -> ModelSummary:
    _number, _sort_key, id_, name, description, status, *others = row
    return ModelSummary(id_, name, description, tuple(tags), _STATUSES[status], *others)


def _values(owner: str, query: ModelQuery) -> dict[str, Any]:
    values: dict[str, Any] = {"owner": owner, "rows": query.limit + 1}
    if query.search:
        values["search"] = query.search.casefold().replace("/", "//").replace("%", "/%").replace("_", "/_")
    if query.status is not None:
        values["status"] = query.status.value
    if query.tag is not None:
        values["tag"] = query.tag
    if query.after is not None:
        is_text = query.sort in {ModelSort.NAME, ModelSort.STATUS}
        values["last_key"], values["last_number"] = decode_token(query.after, str if is_text else (int, float), int)
    return values


def _sort_key(sort: ModelSort, *, descending: bool) -> Any:
    if sort is ModelSort.NAME:
        return func.lower(MODELS.c.name)
    if sort is ModelSort.STATUS:
        return MODELS.c.status
    if sort is ModelSort.BEST_LAP_TIME:
        # Models without a lap come last, whichever way the list goes.
        return func.coalesce(MODELS.c.best_lap_time_s, -1.0 if descending else SLOWER_THAN_ANY_LAP_S)
    return MODELS.c.number


@cache
def _page_statement(
    sort: ModelSort,
    descending: bool,
    has_search: bool,
    has_status: bool,
    has_tag: bool,
    has_after: bool,
) -> Select[Any]:
    key: Column[Any] = _sort_key(sort, descending=descending)
    number = MODELS.c.number
    found = select(number, key.label("sort_key"), *_COLUMNS).where(MODELS.c.owner == bindparam("owner"))
    if has_search:
        found = found.where(MODELS.c.search_text.contains(bindparam("search"), escape="/"))
    if has_status:
        found = found.where(MODELS.c.status == bindparam("status"))
    if has_tag:
        tagged = select(MODEL_TAGS.c.model_id).where(MODEL_TAGS.c.tag == bindparam("tag"))
        found = found.where(MODELS.c.id.in_(tagged))
    if has_after:
        last_key, last_number = bindparam("last_key", type_=key.type), bindparam("last_number", type_=number.type)
        if descending:
            found = found.where(or_(key < last_key, and_(key == last_key, number < last_number)))
        else:
            found = found.where(or_(key > last_key, and_(key == last_key, number > last_number)))
    order = (key.desc(), number.desc()) if descending else (key, number)
    return found.order_by(*order).limit(bindparam("rows"))
