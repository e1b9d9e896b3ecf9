"""A file of a model for another program, as a worker leaves it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import ExportFormat, ExportReport
from tests.unit.api.service import finish_training

ARCHIVE = b"the archive"


def store_export(services: Services, job_id: str, *, content: bytes = ARCHIVE, **changes: Any) -> ExportReport:
    """Leaves an archive of checkpoint 000001 and the report about it, as a worker does."""
    report = ExportReport(
        format=ExportFormat.CAR,
        checkpoint="000001",
        weights_sha256=hashlib.sha256(f"policy.safetensors of {job_id}".encode()).hexdigest(),
        file="model.tar.gz",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        network="FAST_CONVOLUTIONAL_NETWORK",
        sensors=("FRONT_FACING_CAMERA",),
        action_space_type="discrete",
        inputs=("in",),
        output="out",
        frames=200,
        agreement=0.995,
        largest_difference=1.5e-4,
        seconds=0.1,
    ).model_copy(update=changes)
    files = {"model.tar.gz": content, "model.tar.gz.export.json": report.model_dump_json().encode()}
    for name, kept in files.items():
        sha256 = hashlib.sha256(kept).hexdigest()
        key = f"jobs/{job_id}/1/{sha256[:12]}/{name}"
        stored = services.store.put(key, kept)
        services.database.artifacts.record(
            job_id, 1, name=f"exports/000001/{name}", key=key, size=stored.size, sha256=stored.sha256, kind="export"
        )
    return report


def finish_with_export(services: Services, **changes: Any) -> ExportReport:
    """Ends the waiting training with a checkpoint; its archive was stored while it ran."""
    made: list[ExportReport] = []
    succeed = services.database.jobs.succeed

    def store_first(job_id: str, attempt: int, result: Any) -> Any:
        made.append(store_export(services, job_id, **changes))
        return succeed(job_id, attempt, result)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services.database.jobs, "succeed", store_first)
        finish_training(services)
    return made[0]
