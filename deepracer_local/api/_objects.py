"""The routes about what was on the road: of an evaluation, and of a training episode."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ValidationError

from deepracer_local.api._auth import Reader
from deepracer_local.api._jobs import evaluation_of
from deepracer_local.api._paths import API
from deepracer_local.api._progress import MAX_NUMBER
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._traces import Car, Kind, Number, evaluation_file, trace_keys
from deepracer_local.db import Artifact
from deepracer_local.errors import ConflictError

router = APIRouter(prefix=f"{API}/models/{{model_id}}", tags=["traces"])

_MAX_BYTES = 64_000_000
Episode = Annotated[int | None, Query(ge=0, le=MAX_NUMBER, description="only this episode, as in the trace's column")]


class RoadObjectView(BaseModel):
    """A box or another car, at one instant."""

    kind: Literal["box", "car"]
    x: float
    """Metres; the middle of its footprint."""
    y: float
    yaw: float
    """Degrees."""
    length: float
    """Metres along its heading."""
    width: float
    height: float
    speed: float
    """m/s; 0 for what stands."""


class ObjectsRow(BaseModel):
    """What is on the road from this step of an episode on, until the next row of the same episode."""

    episode: int
    """As in the trace's column."""
    steps: int
    """As in the trace's column."""
    objects: list[RoadObjectView]


class ObjectsAnswer(BaseModel):
    """Rows in the order in which they were driven; none for an empty road."""

    rows: list[ObjectsRow]


@router.get("/evaluations/{evaluation_id}/objects")
def evaluation_objects(
    identity: Reader, kit: Kit, model_id: str, evaluation_id: str, *, car: Car = "model", episode: Episode = None
) -> ObjectsAnswer:
    """Returns what was on the road while an evaluation drove; its trace has the same episodes and steps."""
    job = evaluation_of(kit, identity.owner, model_id, evaluation_id)
    name = "objects.jsonl" if car == "model" else "opponent.objects.jsonl"
    return _answer(kit, evaluation_file(kit, job, name), episode)


@router.get("/traces/{kind}/{number}/objects")
def trace_objects(
    identity: Reader, kit: Kit, model_id: str, kind: Kind, number: Number, episode: Episode = None
) -> ObjectsAnswer:
    """Returns what was on the road meanwhile, for the trace of the same address."""
    kit.database.models.get(identity.owner, model_id)
    trace_keys(kit, model_id, kind, number)  # there is such a trace
    name = f"trace/{kind}/{number}.objects.jsonl"
    return _answer(kit, kit.database.artifacts.newest(model_id, [name]).get(name), episode)


def _answer(kit: Services, file: Artifact | None, episode: int | None) -> ObjectsAnswer:
    """Returns the rows of a file; none where there is no file, which an empty road leaves."""
    if file is None:
        return ObjectsAnswer(rows=[])
    with kit.store.open(file.key) as opened:
        content = opened.read(_MAX_BYTES + 1)
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES:,} bytes")
        rows: list[dict[str, Any]] = [json.loads(line) for line in content.splitlines()]
        chosen = [row for row in rows if episode is None or row["episode"] == episode]
        return ObjectsAnswer.model_validate({"rows": chosen})
    except (ValueError, KeyError, TypeError, ValidationError) as err:
        raise ConflictError(
            f"Expected what was on the road, got a file that is damaged: {str(err)[:200]}. Drive again."
        ) from err
