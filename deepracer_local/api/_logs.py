"""Routes about what jobs print."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from deepracer_local.api._auth import Reader
from deepracer_local.api._fields import Text
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit
from deepracer_local.db import LogLine
from deepracer_local.domain import JobKind
from deepracer_local.errors import NotFoundError

router = APIRouter(prefix=API, tags=["logs"])

_MAX_NUMBER = 2**53
After = Annotated[int, Query(ge=0, le=_MAX_NUMBER, description="the number of the last line already seen")]
Limit = Annotated[int, Query(ge=1, le=5_000)]
Search = Annotated[Text, Query(max_length=200, description="a part of the line, any case of A to Z")]


class LogPage(BaseModel):
    """Lines in order; ask again with the last one's number for more."""

    job_id: str
    lines: list[LogLine]


@router.get("/jobs/{job_id}/logs")
def job_logs(
    identity: Reader, kit: Kit, job_id: str, after: After = 0, limit: Limit = 1_000, search: Search = ""
) -> LogPage:
    """Returns what a job has printed, while it runs and afterwards."""
    job = kit.database.jobs.get(identity.owner, job_id)
    return LogPage(job_id=job.id, lines=kit.database.logs.lines(job.id, after, limit, search))


@router.get("/models/{model_id}/logs")
def model_logs(
    identity: Reader, kit: Kit, model_id: str, after: After = 0, limit: Limit = 1_000, search: Search = ""
) -> LogPage:
    """Returns what the model's training has printed, its reward function included."""
    model = kit.database.models.get(identity.owner, model_id)
    found = kit.database.jobs.list(identity.owner, kind=JobKind.TRAIN, model_id=model.id, limit=1).items
    if not found:
        raise NotFoundError("training", model_id)
    return LogPage(job_id=found[0].id, lines=kit.database.logs.lines(found[0].id, after, limit, search))
