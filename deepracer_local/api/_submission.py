"""Putting models and jobs into the database: each once, whatever the network does to the answer."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field, ValidationError

from deepracer_local.api._fields import Text, below
from deepracer_local.api._opponents import checkpoint_files, find_opponent
from deepracer_local.api._services import Services
from deepracer_local.api._training_request import (
    CreateEvaluation,
    CreateExport,
    CreateModel,
    TrainingPlan,
    evaluation_job,
    export_job,
    plan_training,
    training_job,
)
from deepracer_local.artifacts import keys
from deepracer_local.db import Job, Model, NewJob, NewModel
from deepracer_local.domain import JobKind, JobSpec, JobState, TrainSpec, first_error, require_same_shape
from deepracer_local.errors import ConflictError, SpecError, StorageError
from deepracer_local.race import require_room

log = logging.getLogger(__name__)


class CloneModel(CreateModel):
    """A new model that begins with the weights of another; what is left out is taken from it."""

    checkpoint: Text = Field(default="best", max_length=20, description="best, last or a name")


@dataclass(frozen=True, slots=True)
class _Parent:
    model: Model
    checkpoint: str | None
    """None, and no weights, of one that was imported without any: a clone of it begins with new ones."""
    weights_key: str | None


def submit(owner: str, kit: Services, wish: CreateModel, key: str | None) -> tuple[Model, Job]:
    """Creates a model and queues its training; with a key that came before, returns what that made.

    Raises:
        InvalidInputError: something in the wish is not usable.
        ConflictError: the key came before with another wish.
        DiskFullError: nothing can be taken in.
    """
    return _submit(owner, kit, wish, key, parent=None)


def clone(owner: str, kit: Services, parent_id: str, wish: CloneModel, key: str | None) -> tuple[Model, Job]:
    """Creates a model that begins with a checkpoint of another one.

    Raises:
        NotFoundError: there is no such parent.
        ConflictError: the parent has no such checkpoint.
        InvalidInputError: algorithm, network, sensors, stack or number of actions are not the parent's.
    """
    parent = kit.database.models.get(owner, parent_id)
    merged = parent.spec["request"] | wish.model_dump(mode="json", exclude_unset=True, exclude={"checkpoint"})
    if wish.reward_function is not None and wish.example is None:
        merged["example"] = None
    if "track" in wish.model_fields_set and wish.tracks is None:
        merged["tracks"] = None
    if wish.curriculum is None and wish.model_fields_set & {"track", "tracks"}:
        merged["curriculum"] = None
    if wish.example is not None and wish.reward_function is None:
        merged["reward_function"] = None
    try:
        request = CreateModel.model_validate(merged)
    except ValidationError as err:
        field, message = first_error(err)
        raise SpecError(message, field=field) from err
    if _has_no_weights(parent):
        return _submit(owner, kit, request, key, parent=_Parent(parent, None, None))
    stored = checkpoint_files(kit, parent, wish.checkpoint)
    return _submit(owner, kit, request, key, parent=_Parent(parent, stored.name, stored.files["policy.safetensors"]))


def submit_evaluation(owner: str, kit: Services, model_id: str, wish: CreateEvaluation, key: str | None) -> Job:
    """Queues an evaluation of a model.

    Raises:
        NotFoundError: there is no such model, or no such opponent.
        ConflictError: it has no such checkpoint, or the opponent has not.
    """
    model = kit.database.models.get(owner, model_id)
    opponent = find_opponent(owner, kit, wish.opponent, wish.opponent_checkpoint)
    kit.require_room()
    stored = checkpoint_files(kit, model, wish.checkpoint)
    with new_files(kit) as prefix:
        spec = evaluation_job(wish, JobSpec.model_validate(model.spec["job"]), stored, prefix, kit, opponent=opponent)
        new = NewJob(kind=JobKind.EVALUATE, model_id=model.id, spec=spec.model_dump(mode="json"))
        body_hash = hash_of({"model": model.id, **wish.model_dump(mode="json")})
        job = kit.database.jobs.add(owner, new, idempotency_key=key, body_hash=body_hash)
        if job.spec != new.spec:
            forget(kit, prefix)
    return job


def submit_export(owner: str, kit: Services, model_id: str, wish: CreateExport, key: str | None) -> Job:
    """Queues the writing of files of a model's checkpoint.

    Raises:
        NotFoundError: there is no such model.
        ConflictError: it has no such checkpoint.
    """
    model = kit.database.models.get(owner, model_id)
    kit.require_room()
    stored = checkpoint_files(kit, model, wish.checkpoint)
    spec = export_job(wish, JobSpec.model_validate(model.spec["job"]), stored)
    new = NewJob(kind=JobKind.EXPORT, model_id=model.id, spec=spec.model_dump(mode="json"))
    body_hash = hash_of({"export": model.id, **wish.model_dump(mode="json")})
    return kit.database.jobs.add(owner, new, idempotency_key=key, body_hash=body_hash)


def delete_model(owner: str, kit: Services, model_id: str) -> None:
    """Deletes a model with all its files.

    Raises:
        NotFoundError: there is no such model.
        ConflictError: one of its jobs is not over.
    """
    kit.database.models.get(owner, model_id)
    doomed = {artifact.key for artifact in kit.database.artifacts.list(model_id)}
    checkpoints = kit.database.artifacts.list(model_id, "checkpoint")
    doomed.update(keys.manifest_of(artifact.key.rpartition("/")[0]) for artifact in checkpoints)
    token: str | None = None
    while True:
        page = kit.database.jobs.list(owner, model_id=model_id, after=token, limit=500)
        doomed.update(file["key"] for job in page.items for file in job.spec["files"])
        token = page.next_token
        if token is None:
            break
    kit.database.models.delete(owner, model_id)
    for key in sorted(doomed):
        try:
            kit.store.delete(key)
        except StorageError as err:  # the model is gone; what is left of it takes room, and nobody finds it
            log.warning("artifact.left_behind", extra={"key": key, "error": str(err)})


def job_of(kit: Services, owner: str, model_id: str) -> Job:
    """Returns the newest job of a model that is not over.

    Raises:
        NotFoundError: there is no such model.
        ConflictError: all its jobs are over.
    """
    kit.database.models.get(owner, model_id)
    unfinished = [state for state in JobState if not state.is_final]
    for job in kit.database.jobs.list(owner, model_id=model_id, states=unfinished, limit=1).items:
        return job
    raise ConflictError("Expected a model with a running, waiting or paused job, but all of its jobs are over.")


def _submit(
    owner: str,
    kit: Services,
    wish: CreateModel,
    key: str | None,
    *,
    parent: _Parent | None,
) -> tuple[Model, Job]:
    kit.require_room()
    request = wish.model_dump(mode="json")
    body_hash = hash_of(request | {"parent": [parent.model.id, parent.checkpoint] if parent else None})
    plan = plan_training(wish, kit)
    if parent is not None:
        plan = _keeping_rules(plan, wish, parent.model)
        if parent.weights_key is not None:
            require_same_shape(JobSpec.model_validate(parent.model.spec["job"]).train, plan.spec)
    with new_files(kit) as prefix:
        spec = training_job(plan, prefix, kit, weights_key=parent.weights_key if parent else None)
        job_spec = spec.model_dump(mode="json")
        new = NewModel(
            name=wish.name,
            description=wish.description,
            tags=tuple(wish.tags),
            spec={"request": request, "train": job_spec["train"], "job": job_spec},
            reward_key=spec.files[0].key,
            track=spec.train.track,
            parent_id=parent.model.id if parent else None,
            parent_checkpoint=parent.checkpoint if parent else None,
        )
        model, job = kit.database.jobs.add_with_model(
            owner, new, JobKind.TRAIN, job_spec, idempotency_key=key, body_hash=body_hash
        )
        if model.reward_key != new.reward_key:  # this request came before
            forget(kit, prefix)
    return model, job


@contextmanager
def new_files(kit: Services) -> Iterator[str]:
    """Gives a prefix for the files of a new job; they are removed again where it does not come to be."""
    prefix = keys.input_folder(uuid.uuid4().hex)
    try:
        yield prefix
    except Exception:
        forget(kit, prefix)
        raise


def forget(kit: Services, prefix: str) -> None:
    """Removes what was stored under a prefix; what cannot be removed is left to a clean-up."""
    try:
        for stored in kit.store.list(f"{prefix}/"):
            kit.store.delete(stored.key)
    except StorageError as err:
        log.warning("artifact.left_behind", extra={"prefix": prefix, "error": str(err)})


def _has_no_weights(model: Model) -> bool:
    report = model.spec.get("imported")
    return report is not None and not report["has_weights"]


def _keeping_rules(plan: TrainingPlan, wish: CreateModel, parent: Model) -> TrainingPlan:
    """Returns the plan with the rules of an imported parent, unless the request says others.

    Raises:
        SpecError: the objects of its race have no room on the track.
    """
    if "imported" not in parent.spec or wish.race is not None or wish.curriculum is not None:
        return plan
    theirs = TrainSpec.model_validate(parent.spec["train"])
    race = theirs.race.model_copy(update={"reverse_dir": plan.spec.race.reverse_dir})
    with below("race"):
        for track in plan.tracks:
            require_room(race, track)
    laps = plan.spec.stop.clean_laps or theirs.evaluation_laps
    return replace(plan, spec=plan.spec.model_copy(update={"race": race, "evaluation_laps": laps}))


def hash_of(value: Any) -> str:
    """Returns what tells one request from another."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
