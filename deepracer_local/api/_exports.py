"""Routes about files of a model for other programs: the physical car's archive, ONNX, TensorFlow Lite."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._fields import IdempotencyKey, Text, file_name
from deepracer_local.api._opponents import checkpoint_files
from deepracer_local.api._paths import API
from deepracer_local.api._progress import content_of, stored_file
from deepracer_local.api._queue_places import places_for
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._submission import submit_export
from deepracer_local.api._training_request import CreateExport
from deepracer_local.api._views import JobView, job_view
from deepracer_local.db import Artifact, Model
from deepracer_local.domain import ExportFormat, ExportReport, JobSpec, why_not_on_the_car
from deepracer_local.errors import ConflictError, SpecError

router = APIRouter(prefix=f"{API}/models/{{model_id}}", tags=["exports"])

_REPORT_SUFFIX = ".export.json"
_MAX_REPORT_BYTES = 100_000
Checkpoint = Annotated[Text, Query(max_length=20, description="best, last or a name")]


class ExportView(BaseModel):
    """A file that was made of a checkpoint, and what its test found."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="of the asset")
    report: ExportReport


class ExportList(BaseModel):
    """The files that were made of the model's checkpoints."""

    exports: list[ExportView]
    why_not_on_the_car: str | None = Field(description="why no archive for the physical car can be made; null: it can")


@router.post("/exports", status_code=202)
def export(
    identity: Writer, kit: Kit, model_id: str, body: CreateExport, idempotency_key: IdempotencyKey = None
) -> JobView:
    """Queues the writing of files of a checkpoint; each is tested on a drive before it is there."""
    model = kit.database.models.get(identity.owner, model_id)
    refusal = _refusal(model) if ExportFormat.CAR in body.formats else None
    if refusal is not None:
        raise SpecError(refusal, field="formats")
    job = submit_export(identity.owner, kit, model_id, body, idempotency_key)
    return job_view(job, places_for(kit, [job]))


@router.get("/exports")
def list_exports(identity: Reader, kit: Kit, model_id: str) -> ExportList:
    """Lists the files that were made of the model's checkpoints, the oldest checkpoint first."""
    model = kit.database.models.get(identity.owner, model_id)
    found = [_report(kit, one) for one in kit.database.artifacts.list(model_id, "export") if _is_report(one)]
    views = {f"exports/{report.checkpoint}/{report.file}": report for report in found}
    return ExportList(
        exports=[ExportView(name=name, report=views[name]) for name in sorted(views)],
        why_not_on_the_car=_refusal(model),
    )


@router.get("/assets/physical-car", response_class=StreamingResponse, responses=content_of("application/gzip"))
def physical_car(
    identity: Reader,
    kit: Kit,
    model_id: str,
    checkpoint: Checkpoint = "best",
    form: Annotated[
        ExportFormat, Query(alias="format", description="another program's file instead")
    ] = ExportFormat.CAR,
) -> StreamingResponse:
    """Returns the archive for the physical car, ready to be uploaded to it.

    It is there when a training has ended, of its best checkpoint; of others after ``POST exports``. The headers
    ``X-Self-Test-Agreement``, ``-Frames`` and ``-Largest-Difference`` say what its test found.
    """
    model = kit.database.models.get(identity.owner, model_id)
    name = checkpoint_files(kit, model, checkpoint).name
    refusal = _refusal(model) if form is ExportFormat.CAR else None
    if refusal is not None:
        raise ConflictError(refusal)
    report, stored = _made(kit, model, name, form)
    # The car calls a model by what comes before the first dot.
    called = file_name(model.name).replace(".", "_") + form.file_name.removeprefix("model")
    answer = stored_file(kit, stored, called, media_type=form.media_type)
    answer.headers["X-Self-Test-Agreement"] = f"{report.agreement:.6f}"
    answer.headers["X-Self-Test-Frames"] = f"{report.frames}"
    answer.headers["X-Self-Test-Largest-Difference"] = f"{report.largest_difference:.3e}"
    return answer


def _made(kit: Services, model: Model, checkpoint: str, form: ExportFormat) -> tuple[ExportReport, Artifact]:
    """Returns the file of a checkpoint and the report about it.

    Raises:
        ConflictError: it has not been made.
    """
    name = f"exports/{checkpoint}/{form.file_name}"
    weights = f"checkpoints/{checkpoint}/policy.safetensors"
    found = kit.database.artifacts.newest(model.id, [name, name + _REPORT_SUFFIX, weights])
    if name in found and name + _REPORT_SUFFIX in found:
        report = _report(kit, found[name + _REPORT_SUFFIX])
        # A checkpoint of this name may have been trained again since.
        if report.sha256 == found[name].sha256 and report.weights_sha256 == found[weights].sha256:
            return report, found[name]
    raise ConflictError(
        f"Expected {form.file_name} of checkpoint {checkpoint}, but it has not been made (yet). It is made when a "
        f"training ends, of the best checkpoint; ask for others with POST /api/v1/models/{model.id}/exports."
    )


def _refusal(model: Model) -> str | None:
    spec = JobSpec.model_validate(model.spec["job"]).train
    return why_not_on_the_car(spec.model_metadata, spec.hyperparameters.stack_size)


def _is_report(artifact: Artifact) -> bool:
    return artifact.name.endswith(_REPORT_SUFFIX)


def _report(kit: Services, artifact: Artifact) -> ExportReport:
    with kit.store.open(artifact.key) as file:
        content = file.read(_MAX_REPORT_BYTES)
    try:
        return ExportReport.model_validate_json(content)
    except ValidationError as err:
        raise ConflictError(
            f"Expected {artifact.name} to tell of a test, got a file that is damaged: {str(err)[:200]}. Export again."
        ) from err
