"""Routes about models: create, list, look at, change, clone, stop, resume, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._fields import IdempotencyKey, Name, Tag, Text, naming
from deepracer_local.api._forms import create_model_from
from deepracer_local.api._paths import API
from deepracer_local.api._queue_places import places_for
from deepracer_local.api._run_file import to_yaml
from deepracer_local.api._services import Kit
from deepracer_local.api._submission import CloneModel, clone, delete_model, job_of, submit
from deepracer_local.api._views import (
    JOBS_SHOWN,
    JobView,
    ModelDetail,
    ModelPage,
    ModelView,
    job_view,
    model_detail,
    model_page,
    model_view,
    written,
)
from deepracer_local.db import ModelQuery, ModelSort, ModelStatus

router = APIRouter(prefix=f"{API}/models", tags=["models"])


class UpdateModel(BaseModel):
    """What may be changed of a model."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: Text | None = Field(default=None, max_length=255)
    tags: list[Tag] | None = Field(default=None, max_length=20)


_FORMS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/CreateModel"}},
            "application/yaml": {"schema": {"$ref": "#/components/schemas/CreateModel"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "request": {"type": "string", "description": "CreateModel as JSON"},
                        "reward_function": {"type": "string", "format": "binary"},
                        "model_metadata": {"type": "string", "format": "binary"},
                        "hyperparameters": {"type": "string", "format": "binary"},
                        "sensor_settings": {"type": "string", "format": "binary"},
                        "curriculum": {"type": "string", "format": "binary"},
                    },
                }
            },
        },
    }
}


@router.post("", status_code=202, openapi_extra=_FORMS)
async def create(
    identity: Writer, kit: Kit, request: Request, response: Response, idempotency_key: IdempotencyKey = None
) -> ModelDetail:
    """Creates a model and queues its training.

    Takes JSON, YAML as ``export`` gives it, or a form: the files ``reward_function``, ``model_metadata``,
    ``hyperparameters``, ``sensor_settings`` and ``curriculum`` unchanged, and the rest as JSON in ``request``.
    """
    wish = await create_model_from(request)
    model, job = await run_in_threadpool(submit, identity.owner, kit, wish, idempotency_key)
    response.headers["Location"] = f"/api/v1/models/{model.id}"
    return await run_in_threadpool(lambda: ModelDetail(**model_detail(model, [job], kit)))


@router.get("", response_model=ModelPage)
async def list_all(  # noqa: PLR0913, PLR0917  # the parameters of the query
    identity: Reader,
    kit: Kit,
    search: Annotated[Text, Query(max_length=100)] = "",
    status: ModelStatus | None = None,
    tag: Annotated[Text | None, Query(max_length=32)] = None,
    sort: ModelSort = ModelSort.CREATED_AT,
    descending: bool = True,
    token: Annotated[Text | None, Query(max_length=400, description="next_token of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Lists models, the newest first unless asked otherwise."""
    query = ModelQuery(
        search=search, status=status, tag=tag, sort=sort, descending=descending, after=token, limit=limit
    )

    def read() -> Response:
        with naming("token"):
            return model_page(kit.database.models.list(identity.owner, query))

    return await kit.look(read)


@router.get("/{model_id}", response_model=ModelDetail)
async def get(identity: Reader, kit: Kit, model_id: str) -> Response:
    """Returns one model with its specification and its jobs."""

    def read() -> Response:
        model = kit.database.models.get(identity.owner, model_id)
        return written(model_detail(model, kit.database.jobs.recent(identity.owner, model_id, JOBS_SHOWN), kit))

    return await kit.look(read)


@router.get(
    "/{model_id}/export",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {"schema": {"$ref": "#/components/schemas/CreateModel"}}}}},
)
def export(identity: Reader, kit: Kit, model_id: str) -> Response:
    """Returns everything that this model was asked for as one YAML file; ``POST /models`` takes it back."""
    request = kit.database.models.get(identity.owner, model_id).spec["request"]
    return Response(to_yaml(request, kit.version), media_type="application/yaml")


@router.patch("/{model_id}")
def update(identity: Writer, kit: Kit, model_id: str, body: UpdateModel) -> ModelView:
    """Renames, describes or tags a model."""
    changes = body.model_dump(exclude_unset=True)
    return model_view(kit.database.models.update(identity.owner, model_id, **changes))


@router.delete("/{model_id}", status_code=204)
def delete(identity: Writer, kit: Kit, model_id: str) -> None:
    """Deletes a model with everything that belongs to it; refused while one of its jobs is not over."""
    delete_model(identity.owner, kit, model_id)


@router.post("/{model_id}/clone", status_code=202)
def clone_model(
    identity: Writer, kit: Kit, model_id: str, body: CloneModel, idempotency_key: IdempotencyKey = None
) -> ModelDetail:
    """Creates a model that begins with the weights of this one; what is left out is taken from it."""
    model, job = clone(identity.owner, kit, model_id, body, idempotency_key)
    return ModelDetail(**model_detail(model, [job], kit))


@router.post("/{model_id}/stop")
def stop(identity: Writer, kit: Kit, model_id: str) -> JobView:
    """Stops the model's running or waiting job; a training keeps its last checkpoint."""
    return _changed(kit, kit.database.jobs.request_cancel(identity.owner, job_of(kit, identity.owner, model_id).id))


@router.post("/{model_id}/pause")
def pause(identity: Writer, kit: Kit, model_id: str) -> JobView:
    """Pauses the model's job; resume goes on from the same step."""
    return _changed(kit, kit.database.jobs.request_pause(identity.owner, job_of(kit, identity.owner, model_id).id))


@router.post("/{model_id}/resume")
def resume(identity: Writer, kit: Kit, model_id: str) -> JobView:
    """Puts the model's paused job back into the queue."""
    return _changed(kit, kit.database.jobs.resume(identity.owner, job_of(kit, identity.owner, model_id).id))


def _changed(kit: Kit, job: Any) -> JobView:
    return job_view(job, places_for(kit, [job]))
