"""The route that takes a model from elsewhere. It reads no archive itself: a process behind a wall does."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import ValidationError

from deepracer_local.api._auth import Writer
from deepracer_local.api._errors import ApiError
from deepracer_local.api._fields import IdempotencyKey, Name, Text, TrackName, track_named
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._submission import forget, hash_of, new_files
from deepracer_local.api._training_request import CreateModel, store_track
from deepracer_local.api._views import ImportReport, ModelDetail, NotTakenView, model_detail
from deepracer_local.artifacts import Manifest, StoredArtifact, keys, write_manifest
from deepracer_local.db import Job, Model, NewArtifact, NewImport, NewModel
from deepracer_local.domain import CAMERA_PROFILES, JobSpec, StoredFile, TrainSpec, first_error
from deepracer_local.errors import SpecError
from deepracer_local.interop import MAX_ARCHIVE_BYTES, ImportedCheckpoint, ImportedModel, plan_import, read_archive
from deepracer_local.track import Track

router = APIRouter(prefix=f"{API}/models", tags=["models"])

_LONGEST_MINUTES = 1_440.0


@router.post("/import", status_code=201)
def import_model(
    identity: Writer,
    kit: Kit,
    response: Response,
    file: Annotated[UploadFile, File(description="a tar, tar.gz or zip archive of a model")],
    name: Annotated[Name | None, Form(description="what to call it; without one its file's name")] = None,
    track: Annotated[TrackName | None, Form(description="drive on this track, whatever the archive says")] = None,
    description: Annotated[Text, Form(max_length=255)] = "",
    idempotency_key: IdempotencyKey = None,
) -> ModelDetail:
    """Takes a model from an archive: an export of this program, a model folder of the original, or a car's archive.

    The answer's ``imported`` says what was taken over and, with a reason each, what was not. The archive is read once,
    in a process behind a wall, and never unpacked; nothing in it is run.
    """
    kit.require_room()
    if file.size is None or file.size > MAX_ARCHIVE_BYTES:
        raise ApiError(
            413, f"file: expected at most {MAX_ARCHIVE_BYTES} bytes. Leave traces and films out.", field="file"
        )
    model, job = _import(identity.owner, kit, file, _Wish(name, track, description), idempotency_key)
    response.headers["Location"] = f"/api/v1/models/{model.id}"
    return ModelDetail(**model_detail(model, [job], kit))


class _Wish:
    """What is asked for beside the archive."""

    def __init__(self, name: str | None, track: str | None, description: str) -> None:
        self.name = name
        self.track = track
        self.description = description

    def named(self, file: str) -> str:
        """Returns what to call the model."""
        if self.name is not None:
            return self.name
        stem = Path(file.replace("\\", "/")).name.partition(".")[0]
        plain = "".join(c if c.isascii() and (c.isalnum() or c in " _-") else "-" for c in stem).strip(" _-")
        return plain[:64] or "imported"


def _import(owner: str, kit: Services, file: UploadFile, wish: _Wish, key: str | None) -> tuple[Model, Job]:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as archive:
        # A copy of its own: a small upload is in memory and has no descriptor to hand on.
        file.file.seek(0)
        shutil.copyfileobj(file.file, archive)
        archive.seek(0)
        sha256 = hashlib.file_digest(archive, "sha256").hexdigest()
        content = read_archive(archive, Path(folder), kit.sandbox)
        if wish.track is not None:
            track_named(wish.track, kit)
        with kit.parsing:
            found = plan_import(content, Path(folder), find_track=kit.tracks.get, track=wish.track)
        report = ImportReport(
            origin=found.origin,
            file=Path((file.filename or "archive").replace("\\", "/")).name[:200],
            sha256=sha256,
            taken=list(found.taken),
            not_taken=[NotTakenView(name=one.name, reason=one.reason) for one in found.not_taken],
            has_weights=bool(found.checkpoints),
        )
        name = wish.named(file.filename or "")
        body_hash = hash_of({"archive": sha256, "name": name, "track": wish.track, "description": wish.description})
        with new_files(kit) as prefix:
            new = _stored(kit, prefix, found, report, name=name, description=wish.description)
            model, job = kit.database.jobs.add_import(owner, new, idempotency_key=key, body_hash=body_hash)
            if model.reward_key != new.model.reward_key:  # this request came before
                forget(kit, prefix)
    return model, job


def _stored(
    kit: Services, prefix: str, found: ImportedModel, report: ImportReport, *, name: str, description: str
) -> NewImport:
    """Puts the files of a model into the artifact store; returns what is to be written down."""
    reward_key = f"{prefix}/reward_function.py"
    kit.store.put(reward_key, found.reward_text.encode(), content_type="text/x-python")
    files = [StoredFile(path="reward_function.py", key=reward_key), *store_track(found.track, prefix, kit)]
    spec = JobSpec(train=found.spec, files=tuple(files)).model_dump(mode="json")
    request = _request(found.spec, found.track, found.reward_text, name=name, description=description)
    return NewImport(
        model=NewModel(
            name=name,
            description=description,
            spec={
                "request": request.model_dump(mode="json"),
                "train": spec["train"],
                "job": spec,
                "imported": report.model_dump(mode="json"),
            },
            reward_key=reward_key,
            track=found.spec.track,
        ),
        spec=spec,
        result={"reason": f"imported from {report.file}, {report.origin}"},
        artifacts=tuple(one for checkpoint in found.checkpoints for one in _store_checkpoint(kit, prefix, checkpoint)),
        best_checkpoint=found.best,
        last_checkpoint=found.last,
    )


def _store_checkpoint(kit: Services, prefix: str, checkpoint: ImportedCheckpoint) -> list[NewArtifact]:
    folder = f"{prefix}/checkpoints/{checkpoint.name}"
    described = checkpoint.info.model_dump_json(indent=2).encode()
    stored: dict[str, StoredArtifact] = {
        "model.json": kit.store.put(f"{folder}/model.json", described, content_type="application/json"),
        "policy.safetensors": kit.store.put(f"{folder}/policy.safetensors", checkpoint.file),
    }
    write_manifest(kit.store, keys.manifest_of(folder), Manifest.of(stored))
    return [
        NewArtifact(
            name=f"checkpoints/{checkpoint.name}/{name}",
            key=one.key,
            size=one.size,
            sha256=one.sha256,
            kind="checkpoint",
        )
        for name, one in stored.items()
    ]


def _request(spec: TrainSpec, track: Track, reward_text: str, *, name: str, description: str) -> CreateModel:
    """Returns what would have to be asked for to train such a model here: clones and exports begin with it."""
    lenses = [profile for profile, lens in CAMERA_PROFILES.items() if lens == spec.camera]
    fields: dict[str, Any] = {
        "name": name,
        "description": description,
        "track": track.name,
        "reverse": spec.race.reverse_dir,
        "reward_function": reward_text,
        "model_metadata": spec.model_metadata.to_file_dict(),
        "hyperparameters": spec.hyperparameters.model_dump(mode="json", exclude_none=True),
        "sensor_settings": {
            sensor.value: settings.model_dump(mode="json") for sensor, settings in spec.sensor_settings.items()
        }
        or None,
        "camera": lenses[0] if lenses else "simulator",
        "seed": spec.seed,
        "cars": min(spec.n_envs, 64),
        "max_minutes": None if spec.stop.max_minutes is None else min(spec.stop.max_minutes, _LONGEST_MINUTES),
        "max_steps": spec.stop.max_steps,
        "max_episodes": spec.stop.max_episodes,
        "stop_after_clean_laps": spec.stop.clean_laps,
        "reward_error_floor": spec.reward_error_floor,
        "max_reward_errors": spec.max_reward_errors,
    }
    try:
        return CreateModel.model_validate(fields)
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(f"file: {message}", field=f"file.{field}") from err
