"""What the API says about models and jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from deepracer_local.api._services import Services
from deepracer_local.db import Job, Model, ModelStatus
from deepracer_local.domain import JobKind, JobSpec, JobState, LapRecord, Wish

_JOB_STATUS = {
    JobState.QUEUED: "QUEUED",
    JobState.RUNNING: "IN_PROGRESS",
    JobState.PAUSED: "PAUSED",
    JobState.SUCCEEDED: "COMPLETED",
    JobState.FAILED: "FAILED",
    JobState.CANCELLED: "CANCELED",
}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class JobView(_View):
    """A job as clients see it; statuses are those of DeepRacer on AWS."""

    id: str
    kind: JobKind
    model_id: str
    status: str
    """QUEUED, INITIALIZING, IN_PROGRESS, STOPPING, PAUSED, COMPLETED, FAILED or CANCELED."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int
    queue_position: int | None
    """1 for the one that starts next; None unless it waits."""
    waiting_for: str | None
    """A sentence; None unless it waits."""
    progress: dict[str, Any]
    message: str | None
    """What went wrong last."""
    fault: str | None
    detail: dict[str, Any] | None
    result: dict[str, Any] | None


class ModelView(_View):
    """A model as clients see it."""

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    status: ModelStatus
    created_at: datetime
    updated_at: datetime
    track: str
    parent_id: str | None
    parent_checkpoint: str | None
    best_checkpoint: str | None
    last_checkpoint: str | None
    best_lap_time_s: float | None


class ModelDetail(ModelView):
    """A model with its specification and its jobs, the newest first."""

    spec: dict[str, Any]
    jobs: list[JobView]


class ModelPage(_View):
    """Some models, and where the next ones begin."""

    models: list[ModelView]
    next_token: str | None


class EvaluationView(JobView):
    """An evaluation: a job, and its laps when they have been driven."""

    track: str
    checkpoint: str
    trials: int
    laps: list[LapRecord]


def model_view(model: Model) -> ModelView:
    """Returns what a list shows of a model."""
    return ModelView(**_model_fields(model))


def model_detail(model: Model, jobs: list[Job], services: Services) -> ModelDetail:
    """Returns all there is to say about a model."""
    positions = queue_positions(services)
    return ModelDetail(**_model_fields(model), spec=model.spec["train"], jobs=[job_view(j, positions) for j in jobs])


def job_view(job: Job, positions: dict[str, int]) -> JobView:
    """Returns what is shown of a job; ``positions`` as ``queue_positions`` returns them."""
    return JobView(**_job_fields(job, positions))


def evaluation_view(job: Job, positions: dict[str, int]) -> EvaluationView:
    """Returns an evaluation with its laps."""
    spec = JobSpec.model_validate(job.spec)
    assert spec.evaluate is not None
    return EvaluationView(
        **_job_fields(job, positions),
        track=spec.evaluate.track,
        checkpoint=spec.evaluate.checkpoint,
        trials=spec.evaluate.trials,
        laps=(job.result or {}).get("laps", []),
    )


def queue_positions(services: Services) -> dict[str, int]:
    """Returns the place in the queue of every waiting job, by its id."""
    return services.database.jobs.positions()


def _model_fields(model: Model) -> dict[str, Any]:
    fields = model.model_dump(exclude={"spec", "reward_key", "owner"})
    return fields | {"track": model.spec["train"]["track"]}


def _job_fields(job: Job, positions: dict[str, int]) -> dict[str, Any]:
    position = positions.get(job.id)
    return {
        "id": job.id,
        "kind": job.kind,
        "model_id": job.model_id,
        "status": _status(job),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "attempt": job.attempt,
        "queue_position": position,
        "waiting_for": _waiting_for(job, position),
        "progress": job.progress,
        "message": job.message,
        "fault": job.fault.value if job.fault else None,
        "detail": job.detail,
        "result": job.result,
    }


def _status(job: Job) -> str:
    if job.state is JobState.RUNNING and job.wish is not Wish.NONE:
        return "STOPPING"
    if job.state is JobState.RUNNING and not job.progress:
        return "INITIALIZING"
    return _JOB_STATUS[job.state]


def _waiting_for(job: Job, position: int | None) -> str | None:
    if job.state is not JobState.QUEUED:
        return None
    if job.not_before is not None and job.retries:
        return f"another attempt after: {job.message}"
    return "a free slot" if position == 1 else f"{(position or 1) - 1} jobs before it"
