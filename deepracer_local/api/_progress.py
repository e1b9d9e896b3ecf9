"""Routes about what a model learnt and what it left behind: rows, checkpoints and files."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from deepracer_local.api._auth import Reader
from deepracer_local.api._fields import Text, file_name
from deepracer_local.api._opponents import checkpoint_files
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.db import Artifact
from deepracer_local.domain import BEST_RULE, JobSpec
from deepracer_local.errors import NotFoundError

router = APIRouter(prefix=f"{API}/models/{{model_id}}", tags=["progress"])

_CHUNK_BYTES = 65_536
MAX_NUMBER = 2**53
After = Annotated[int, Query(ge=-1, le=MAX_NUMBER, description="the last number already seen")]
Limit = Annotated[int, Query(ge=1, le=5_000)]


def content_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Returns what the API's description says of a route that answers with a file."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


class Rows(BaseModel):
    """Rows in order; ask again with the last one's number for more."""

    rows: list[dict[str, Any]]


class CheckpointView(BaseModel):
    """A checkpoint that can be evaluated, cloned and downloaded."""

    name: str
    is_best: bool
    is_last: bool
    size: int
    """Bytes of all its files."""


class CheckpointList(BaseModel):
    """All checkpoints that are kept, the oldest first, and the rule for the best."""

    checkpoints: list[CheckpointView]
    best_rule: str


class AssetView(BaseModel):
    """A file of a model."""

    name: str
    kind: str
    size: int
    sha256: str


class AssetList(BaseModel):
    """The files of a model."""

    assets: list[AssetView]


@router.get("/metrics")
def metrics(identity: Reader, kit: Kit, model_id: str, after: After = -1, limit: Limit = 1_000) -> Rows:
    """Returns a row per policy update: steps, rewards, losses."""
    kit.database.models.get(identity.owner, model_id)
    return Rows(rows=list(kit.database.progress.metrics(model_id, after, limit)))


@router.get("/episodes")
def episodes(identity: Reader, kit: Kit, model_id: str, after: After = -1, limit: Limit = 1_000) -> Rows:
    """Returns a row per finished training episode."""
    kit.database.models.get(identity.owner, model_id)
    return Rows(rows=list(kit.database.progress.episodes(model_id, after, limit)))


@router.get("/training-evaluations")
def training_evaluations(identity: Reader, kit: Kit, model_id: str, after: After = -1, limit: Limit = 1_000) -> Rows:
    """Returns a row per evaluation that training drove by itself."""
    kit.database.models.get(identity.owner, model_id)
    return Rows(rows=list(kit.database.progress.evaluations(model_id, after, limit)))


@router.get("/checkpoints")
def checkpoints(identity: Reader, kit: Kit, model_id: str) -> CheckpointList:
    """Lists the model's checkpoints."""
    model = kit.database.models.get(identity.owner, model_id)
    sizes: dict[str, int] = {}
    for artifact in kit.database.artifacts.list(model_id, "checkpoint"):
        name = artifact.name.split("/")[1]
        sizes[name] = sizes.get(name, 0) + artifact.size
    views = [
        CheckpointView(name=n, is_best=n == model.best_checkpoint, is_last=n == model.last_checkpoint, size=sizes[n])
        for n in sorted(sizes)
    ]
    return CheckpointList(checkpoints=views, best_rule=BEST_RULE)


@router.get("/assets")
def assets(identity: Reader, kit: Kit, model_id: str) -> AssetList:
    """Lists every file of the model; of files with one name the newest."""
    return AssetList(
        assets=[
            AssetView(name=a.name, kind=a.kind, size=a.size, sha256=a.sha256)
            for a in _newest(kit, identity.owner, model_id).values()
        ]
    )


@router.get("/assets/{name:path}", response_class=StreamingResponse, responses=content_of("application/octet-stream"))
def asset(identity: Reader, kit: Kit, model_id: str, name: str) -> StreamingResponse:
    """Returns one file as a stream, with the model's name in its own."""
    model = kit.database.models.get(identity.owner, model_id)
    found = _newest(kit, identity.owner, model_id).get(name)
    if found is None:
        raise NotFoundError("asset", name)
    safe = file_name(f"{model.name}-{name.replace('/', '-')}")
    return stored_file(kit, found, safe, media_type="application/octet-stream")


def stored_file(kit: Services, found: Artifact, called: str, *, media_type: str) -> StreamingResponse:
    """Returns a stored file as a stream, for the browser to save as ``called``."""
    return StreamingResponse(
        _stored(kit, found.key),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{called}"',
            "Content-Length": str(found.size),
            "ETag": f'"{found.sha256}"',
        },
    )


@router.get("/archive", response_class=StreamingResponse, responses=content_of("application/gzip"))
def archive(
    identity: Reader, kit: Kit, model_id: str, checkpoint: Annotated[Text, Query(max_length=20)] = "best"
) -> StreamingResponse:
    """Returns the model as a run directory in a tar.gz: unpacked, ``deepracer-local evaluate`` drives with it."""
    model = kit.database.models.get(identity.owner, model_id)
    stored = checkpoint_files(kit, model, checkpoint)
    name = stored.name
    job = JobSpec.model_validate(model.spec["job"])
    files = {file.path: file.key for file in job.files if not file.path.startswith("initial/")}
    files |= {f"checkpoints/{name}/{file}": stored.files[file] for file in ("model.json", "policy.safetensors")}
    texts = {
        "spec.json": json.dumps(model.spec["train"], indent=2),
        "checkpoints/index.json": json.dumps({"best": name, "last": name}),
    }
    return StreamingResponse(
        _archive(kit, model.name, files, texts),
        media_type="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="{file_name(model.name)}.tar.gz"'},
    )


@router.get("/reward-function", response_class=StreamingResponse, responses=content_of("text/plain"))
def reward_function(identity: Reader, kit: Kit, model_id: str) -> StreamingResponse:
    """Returns the model's reward function as it was handed in."""
    model = kit.database.models.get(identity.owner, model_id)
    return StreamingResponse(_stored(kit, model.reward_key), media_type="text/plain; charset=utf-8")


def _newest(kit: Services, owner: str, model_id: str) -> dict[str, Artifact]:
    kit.database.models.get(owner, model_id)
    return {artifact.name: artifact for artifact in kit.database.artifacts.list(model_id)}


def _archive(kit: Services, name: str, files: dict[str, str], texts: dict[str, str]) -> Iterator[bytes]:
    """Returns a tar.gz of a folder ``name``: plain files, no owners, no times, so that equal models give equal bytes.

    It is whole before the answer begins: what cannot be read is an error then, and not half a file.
    """
    with ExitStack() as opened:
        buffer = opened.enter_context(tempfile.TemporaryFile())
        with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
            for path in sorted(files | texts):
                if path in texts:
                    content = texts[path].encode()
                else:
                    with kit.store.open(files[path]) as source:
                        content = source.read()
                entry = tarfile.TarInfo(f"{file_name(name)}/{path}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        buffer.seek(0)
        return _chunks(buffer, opened.pop_all())


def _stored(kit: Services, key: str) -> Iterator[bytes]:
    """Returns a stored file in pieces; it is open when this returns."""
    opened = ExitStack()
    return _chunks(opened.enter_context(kit.store.open(key)), opened)


def _chunks(source: IO[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
