"""The route about what a network made of each picture of an evaluated lap."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from deepracer_local.api._auth import Reader
from deepracer_local.api._jobs import evaluation_of
from deepracer_local.api._paths import API
from deepracer_local.api._progress import MAX_NUMBER
from deepracer_local.api._services import Kit, Services
from deepracer_local.db import Job
from deepracer_local.domain import LapInsight
from deepracer_local.errors import ConflictError, NotFoundError

router = APIRouter(prefix=f"{API}/models/{{model_id}}", tags=["traces"])

_MAX_BYTES = 32_000_000


@router.get("/evaluations/{evaluation_id}/insight", response_model=LapInsight)
def evaluation_insight(
    identity: Reader,
    kit: Kit,
    model_id: str,
    evaluation_id: str,
    lap: Annotated[int, Query(ge=1, le=MAX_NUMBER, description="which lap of it, the first is 1")] = 1,
) -> Response:
    """Returns what the network saw at each step of a lap, what it thought of it and where it looked."""
    job = evaluation_of(kit, identity.owner, model_id, evaluation_id)
    with kit.store.open(_key(kit, job, lap)) as file:
        content = file.read(_MAX_BYTES + 1)
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES:,} bytes")
        LapInsight.model_validate_json(content)
    except (ValueError, ValidationError) as err:
        raise ConflictError(
            f"Expected what the network made of lap {lap}, got a file that is damaged: {str(err)[:200]}. "
            "Evaluate the model again."
        ) from err
    # As it lies in the store: writing it again would take as long as reading it.
    return Response(content, media_type="application/json")


def _key(kit: Services, job: Job, lap: int) -> str:
    """Returns where the file of a lap is, that of the last attempt."""
    names = [f"evaluations/{number}/insight-{lap}.json" for number in range(job.attempt, 0, -1)]
    found = kit.database.artifacts.newest(job.model_id, names, job_id=job.id)
    for name in names:
        if name in found:
            return found[name].key
    raise NotFoundError(f"insight into lap {lap} of the evaluation", job.id)
