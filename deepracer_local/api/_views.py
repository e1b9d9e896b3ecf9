"""What the API says about models and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from deepracer_local.api._queue_places import Place, Places, places_for
from deepracer_local.api._services import Services
from deepracer_local.db import Job, JobSummary, Model, ModelStatus, ModelSummary, Page
from deepracer_local.domain import EvaluationRace, JobKind, JobSpec, JobState, LapRecord, Verdict, Wish, evaluation_race

JOBS_SHOWN = 20
"""How many of its newest jobs come with a model."""

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
    expected_start_at: datetime | None
    """By what those before it usually take and their limits leave; None unless it waits."""
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


class NotTakenView(_View):
    """Something that an import did not take over."""

    name: str
    reason: str


class ImportReport(_View):
    """What an import made of an archive. What an archive says of laps is no part of it: that proves nothing."""

    origin: str
    """What kind of archive it was."""
    file: str
    """What it was called."""
    sha256: str
    """Of the archive."""
    taken: list[str]
    not_taken: list[NotTakenView]
    has_weights: bool
    """Without weights the model can be cloned, which begins with new ones, and not be evaluated."""


class ModelDetail(ModelView):
    """A model with its specification and its jobs, the newest first."""

    spec: dict[str, Any]
    jobs: list[JobView]
    imported: ImportReport | None = None
    """Where an imported model comes from; null for one that was trained here."""


class ModelPage(_View):
    """Some models, and where the next ones begin."""

    models: list[ModelView]
    next_token: str | None


class OpponentView(_View):
    """Whom an evaluation races against, and its laps when they have been driven."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str | None
    """The model may have been deleted since."""
    name: str
    """As the model was called when the evaluation was asked for."""
    checkpoint: str
    laps: list[LapRecord]


class EvaluationView(JobView):
    """An evaluation: a job, and its laps when they have been driven."""

    track: str
    checkpoint: str
    trials: int
    laps: list[LapRecord]
    race: EvaluationRace
    """The objects on the road and what a fault costs; what was left out is the training's."""
    reverse: bool
    seed: int
    opponent: OpponentView | None = None
    """Of a race of two models."""
    verdict: Verdict | None = None
    """Who has won it, when it has been driven."""


def model_view(model: Model) -> ModelView:
    """Returns what is shown of a model."""
    return ModelView(**_model_fields(model))


def model_page(page: Page[ModelSummary]) -> Response:
    """Returns a ``ModelPage``."""
    return written({"models": [model._asdict() for model in page.items], "next_token": page.next_token})


def model_detail(model: Model, jobs: Sequence[JobSummary], services: Services) -> dict[str, Any]:
    """Returns the fields of a ``ModelDetail``."""
    places = places_for(services, jobs)
    return {
        **_model_fields(model),
        "spec": model.spec["train"],
        "jobs": [job_fields(j, places) for j in jobs],
        "imported": model.spec.get("imported"),
    }


def written(fields: dict[str, Any]) -> Response:
    """Returns an answer written straight from its fields: those that are asked for most, at half the cost."""
    return Response(to_json(fields), media_type="application/json")


def job_view(job: JobSummary, places: Places) -> JobView:
    """Returns what is shown of a job; ``places`` as ``places_for`` returns them."""
    return JobView(**job_fields(job, places))


def evaluation_view(job: Job, places: Places) -> EvaluationView:
    """Returns an evaluation with its laps."""
    spec = JobSpec.model_validate(job.spec)
    wish, own = spec.evaluate, spec.train.race
    assert wish is not None
    result = job.result or {}
    opponent = None
    if wish.opponent is not None:
        opponent = OpponentView(**wish.opponent.model_dump(), laps=result.get("opponent", {}).get("laps", []))
    return EvaluationView(
        **job_fields(job, places),
        track=wish.track,
        checkpoint=wish.checkpoint,
        trials=wish.trials,
        laps=result.get("laps", []),
        race=wish.race or evaluation_race(own, {"start_position_offset": own.start_position_offset}),
        reverse=own.reverse_dir if wish.reverse is None else wish.reverse,
        seed=wish.seed,
        opponent=opponent,
        verdict=result.get("verdict"),
    )


def _model_fields(model: Model) -> dict[str, Any]:
    return {name: getattr(model, name) for name in ModelView.model_fields}


def job_fields(job: JobSummary, places: Places) -> dict[str, Any]:
    """Returns the fields of a ``JobView``."""
    place = places.get(job.id)
    return {
        "id": job.id,
        "kind": job.kind,
        "model_id": job.model_id,
        "status": _status(job),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "attempt": job.attempt,
        "queue_position": place.position if place else None,
        "expected_start_at": place.expected_start_at if place else None,
        "waiting_for": _waiting_for(job, place),
        "progress": job.progress,
        "message": job.message,
        "fault": job.fault.value if job.fault else None,
        "detail": job.detail,
        "result": job.result,
    }


def _status(job: JobSummary) -> str:
    if job.state is JobState.RUNNING and job.wish is not Wish.NONE:
        return "STOPPING"
    if job.state is JobState.RUNNING and not job.progress:
        return "INITIALIZING"
    return _JOB_STATUS[job.state]


def _waiting_for(job: JobSummary, place: Place | None) -> str | None:
    if job.state is not JobState.QUEUED:
        return None
    if job.not_before is not None and job.retries:
        return f"another attempt after: {job.message}"
    before = place.position - 1 if place else 0
    return "a free slot" if before == 0 else f"{before} job{'s' if before > 1 else ''} before it"
