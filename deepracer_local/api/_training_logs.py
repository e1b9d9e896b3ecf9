"""Routes that give logs and metrics in the original's formats, as an archive that is made while it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from deepracer_local.api._auth import Reader
from deepracer_local.api._fields import Text, file_name
from deepracer_local.api._jobs import evaluation_of
from deepracer_local.api._paths import API
from deepracer_local.api._progress import content_of
from deepracer_local.api._services import Kit, Services
from deepracer_local.db import Job, Model
from deepracer_local.domain import EpisodeSummary, JobKind, JobSpec, LapRecord
from deepracer_local.errors import NotFoundError, RunNotFoundError
from deepracer_local.simlog import EvaluationRecord, Layout, LogFile, TrainingRecord, evaluation_files, tar_gz
from deepracer_local.simlog import training_files as files_of_training

router = APIRouter(prefix=f"{API}/models/{{model_id}}/assets", tags=["logs"])

_ROWS_AT_ONCE = 1_000
_FILES_AT_ONCE = 250
_JOBS_AT_ONCE = 500
OfLayout = Annotated[
    Layout, Query(description="`console`: as AWS's console gave logs; `drfc`: as DeepRacer-for-Cloud leaves them")
]


@router.get("/training-logs", response_class=StreamingResponse, responses=content_of("application/gzip"))
def training_logs(
    identity: Reader,
    kit: Kit,
    model_id: str,
    *,
    layout: OfLayout = Layout.CONSOLE,
    evaluations: Annotated[bool, Query(description="also those of the evaluations that were asked for")] = False,
) -> StreamingResponse:
    """Returns traces, metrics and logs of a model's training in the original's formats, also while it runs."""
    model = kit.database.models.get(identity.owner, model_id)
    try:
        files = files_of_training(_training(kit, model), layout)
        if evaluations:
            asked_for = _evaluations(kit, identity.owner, model_id)
            files = chain(files, evaluation_files(asked_for, layout, with_model=False))
        return _answer(files, f"{model.name}-training-logs", model.name)
    except RunNotFoundError as err:
        raise NotFoundError("episode that has ended in the training of", model.name) from err


@router.get("/evaluation-logs", response_class=StreamingResponse, responses=content_of("application/gzip"))
def evaluation_logs(
    identity: Reader,
    kit: Kit,
    model_id: str,
    *,
    layout: OfLayout = Layout.CONSOLE,
    evaluation: Annotated[Text | None, Query(max_length=40, description="only this one's")] = None,
) -> StreamingResponse:
    """Returns traces, metrics and logs of the evaluations of a model in the original's formats."""
    model = kit.database.models.get(identity.owner, model_id)
    chosen = [evaluation_of(kit, identity.owner, model_id, evaluation)] if evaluation is not None else None
    records = list(_evaluations(kit, identity.owner, model_id, chosen))
    if not records:
        raise NotFoundError("evaluation that has driven a lap, of the model", model.name)
    return _answer(evaluation_files(records, layout), f"{model.name}-evaluation-logs", model.name)


def _answer(files: Iterable[LogFile], name: str, folder: str) -> StreamingResponse:
    pieces = tar_gz(files, file_name(folder))
    # Before the answer begins: most of what cannot be read is an error then, and not half a file.
    first = next(pieces)
    return StreamingResponse(
        chain([first], pieces),
        media_type="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="{file_name(name)}.tar.gz"'},
    )


def _training(kit: Services, model: Model) -> TrainingRecord:
    progress = kit.database.progress
    with kit.store.open(model.reward_key) as file:
        reward_function = file.read()

    def episodes() -> Iterator[EpisodeSummary]:
        return map(EpisodeSummary.model_validate, _all_rows(partial(progress.episodes, model.id), "number"))

    return TrainingRecord(
        id=model.id,
        spec=JobSpec.model_validate(model.spec["job"]).train,
        reward_function=reward_function,
        iterations=_traced_iterations(kit, model.id),
        metrics=lambda: _all_rows(partial(progress.metrics, model.id), "iteration"),
        episodes=episodes,
        evaluations=lambda: _all_rows(partial(progress.evaluations, model.id), "iteration"),
        open_trace=lambda iteration: _open_trace(kit, model.id, iteration),
        best_checkpoint=model.best_checkpoint,
        last_checkpoint=model.last_checkpoint,
    )


def _all_rows(page: Callable[[int, int], list[dict[str, Any]]], number: str) -> Iterator[dict[str, Any]]:
    """Yields all rows of a series, a page at a time."""
    last = -1
    while rows := page(last, _ROWS_AT_ONCE):
        yield from rows
        last = rows[-1][number]


def _traced_iterations(kit: Services, model_id: str) -> int:
    """Returns of how many iterations, from the first on, both rows and trace have been carried here."""
    updates = sum(1 for _ in _all_rows(partial(kit.database.progress.metrics, model_id), "iteration"))
    for start in range(0, updates, _FILES_AT_ONCE):
        names = [_trace_name(i) for i in range(start, min(start + _FILES_AT_ONCE, updates))]
        found = kit.database.artifacts.newest(model_id, names)
        for i, name in enumerate(names, start):
            if name not in found:
                return i
    return updates


def _open_trace(kit: Services, model_id: str, iteration: int) -> AbstractContextManager[BinaryIO]:
    [artifact] = kit.database.artifacts.newest(model_id, [_trace_name(iteration)]).values()
    return kit.store.open(artifact.key)


def _trace_name(iteration: int) -> str:
    return f"trace/training/{iteration}.csv"


def _evaluations(
    kit: Services, owner: str, model_id: str, jobs: Iterable[Job] | None = None
) -> Iterator[EvaluationRecord]:
    """Yields those evaluations that have driven a lap, the oldest first."""
    for job in jobs if jobs is not None else _evaluation_jobs(kit, owner, model_id):
        laps = tuple(LapRecord.model_validate(lap) for lap in (job.result or {}).get("laps", []))
        names = [f"evaluations/{number}/trace.csv" for number in range(job.attempt, 0, -1)]
        found = kit.database.artifacts.newest(model_id, names, job_id=job.id)
        keys = [found[name].key for name in names if name in found]
        spec = JobSpec.model_validate(job.spec)
        if laps and keys and spec.evaluate is not None:
            yield EvaluationRecord(
                id=job.id,
                spec=spec.train,
                track=spec.evaluate.track,
                laps=laps,
                open_trace=partial(kit.store.open, keys[0]),
            )


def _evaluation_jobs(kit: Services, owner: str, model_id: str) -> list[Job]:
    found: list[Job] = []
    token: str | None = None
    while True:
        page = kit.database.jobs.list(owner, kind=JobKind.EVALUATE, model_id=model_id, after=token, limit=_JOBS_AT_ONCE)
        found += page.items
        token = page.next_token
        if token is None:
            return found[::-1]
