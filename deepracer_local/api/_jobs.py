"""Routes about jobs, the queue and evaluations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._fields import IdempotencyKey, Text, naming
from deepracer_local.api._paths import API
from deepracer_local.api._queue_places import places_for
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._submission import submit_evaluation
from deepracer_local.api._training_request import CreateEvaluation
from deepracer_local.api._views import EvaluationView, JobView, evaluation_view, job_fields, job_view, written
from deepracer_local.db import Event, Job
from deepracer_local.domain import JobKind, JobState
from deepracer_local.errors import NotFoundError

jobs_router = APIRouter(prefix=f"{API}/jobs", tags=["jobs"])
evaluations_router = APIRouter(prefix=f"{API}/models/{{model_id}}/evaluations", tags=["evaluations"])


class JobPage(BaseModel):
    """Some jobs, and where the next ones begin."""

    jobs: list[JobView]
    next_token: str | None


class JobDetail(JobView):
    """A job with everything that happened to it, oldest first."""

    events: list[Event]


class EvaluationPage(BaseModel):
    """The evaluations of a model, the newest first."""

    evaluations: list[EvaluationView]
    next_token: str | None


@jobs_router.get("")
def list_jobs(
    identity: Reader,
    kit: Kit,
    state: JobState | None = None,
    token: Annotated[Text | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JobPage:
    """Lists jobs, the newest first."""
    states = [state] if state is not None else None
    with naming("token"):
        page = kit.database.jobs.list(identity.owner, states=states, after=token, limit=limit)
    places = places_for(kit, page.items)
    return JobPage(jobs=[job_view(job, places) for job in page.items], next_token=page.next_token)


@jobs_router.get("/queue", response_model=JobPage)
async def queue(identity: Reader, kit: Kit) -> Response:
    """Lists the waiting jobs in the order in which they start."""

    def read() -> Response:
        jobs = [entry.job for entry in kit.database.jobs.queue() if entry.job.owner == identity.owner]
        places = places_for(kit, jobs)
        return written({"jobs": [job_fields(job, places) for job in jobs], "next_token": None})

    return await kit.look(read)


@jobs_router.get("/{job_id}", response_model=JobDetail)
async def get_job(identity: Reader, kit: Kit, job_id: str) -> Response:
    """Returns one job with its history."""

    def read() -> Response:
        job = kit.database.jobs.get(identity.owner, job_id)
        events = kit.database.events.after(0, job_id=job_id, limit=500)
        return written({**job_fields(job, places_for(kit, [job])), "events": events})

    return await kit.look(read)


@jobs_router.post("/{job_id}/cancel")
def cancel(identity: Writer, kit: Kit, job_id: str) -> JobView:
    """Cancels a job in any state; a running training writes a last checkpoint first."""
    return _view(kit, kit.database.jobs.request_cancel(identity.owner, job_id))


@jobs_router.post("/{job_id}/pause")
def pause(identity: Writer, kit: Kit, job_id: str) -> JobView:
    """Pauses a waiting or running job."""
    return _view(kit, kit.database.jobs.request_pause(identity.owner, job_id))


@jobs_router.post("/{job_id}/resume")
def resume(identity: Writer, kit: Kit, job_id: str) -> JobView:
    """Puts a paused job back into the queue; a training goes on from its last checkpoint."""
    return _view(kit, kit.database.jobs.resume(identity.owner, job_id))


@evaluations_router.post("", status_code=202)
def evaluate(
    identity: Writer,
    kit: Kit,
    model_id: str,
    body: CreateEvaluation,
    idempotency_key: IdempotencyKey = None,
) -> EvaluationView:
    """Queues laps with a checkpoint of the model; none of its user's code runs."""
    job = submit_evaluation(identity.owner, kit, model_id, body, idempotency_key)
    return evaluation_view(job, places_for(kit, [job]))


@evaluations_router.get("")
def list_evaluations(
    identity: Reader,
    kit: Kit,
    model_id: str,
    token: Annotated[Text | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> EvaluationPage:
    """Lists the evaluations of a model."""
    kit.database.models.get(identity.owner, model_id)
    with naming("token"):
        page = kit.database.jobs.list(
            identity.owner, kind=JobKind.EVALUATE, model_id=model_id, after=token, limit=limit
        )
    places = places_for(kit, page.items)
    return EvaluationPage(evaluations=[evaluation_view(job, places) for job in page.items], next_token=page.next_token)


@evaluations_router.get("/{evaluation_id}")
def get_evaluation(identity: Reader, kit: Kit, model_id: str, evaluation_id: str) -> EvaluationView:
    """Returns one evaluation; its laps appear when they have been driven."""
    job = evaluation_of(kit, identity.owner, model_id, evaluation_id)
    return evaluation_view(job, places_for(kit, [job]))


def evaluation_of(kit: Services, owner: str, model_id: str, evaluation_id: str) -> Job:
    """Returns the evaluation of this model.

    Raises:
        NotFoundError: there is none, or it is another model's or another owner's.
    """
    job = kit.database.jobs.get(owner, evaluation_id)
    if job.model_id != model_id or job.kind is not JobKind.EVALUATE:
        raise NotFoundError("evaluation", evaluation_id)
    return job


def _view(kit: Services, job: Job) -> JobView:
    return job_view(job, places_for(kit, [job]))
