"""Models and the other nouns, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from deepracer_local.db import (
    Database,
    Job,
    Model,
    ModelQuery,
    ModelSort,
    ModelStatus,
    NewArtifact,
    NewImport,
    NewJob,
    NewModel,
)
from deepracer_local.domain import Fault, JobKind, JobState
from deepracer_local.errors import ConflictError, InvalidInputError, NotFoundError, SpecError
from tests.contract.conftest import FakeClock

OWNER = "local"


def add(database: Database, name: str = "m", owner: str = OWNER, **fields: Any) -> Model:
    return database.models.add(owner, NewModel(**{"name": name, "spec": {}, "reward_key": "r", **fields}))


def start(database: Database, model: Model, kind: JobKind = JobKind.TRAIN) -> Job:
    database.jobs.add(model.owner, NewJob(kind=kind, model_id=model.id, spec={}))
    job = database.jobs.claim("worker", 15.0)
    assert job is not None
    return job


def names(database: Database, **query: Any) -> list[str]:
    return [model.name for model in database.models.list(OWNER, ModelQuery(**query)).items]


def test_a_model_reads_back_as_it_was_given(database: Database, clock: FakeClock) -> None:
    new = NewModel(
        name="Grüße 🏁",
        description="fast\nand 'quoted' \"%_\\",
        tags=("zebra", "apple", "Ünïcode"),
        spec={"track": "oval", "seed": 2**31, "rate": 3e-4, "deep": {"none": None, "list": [1, 2.5, True]}},
        reward_key="models/x/reward_function.py",
    )

    model = database.models.add(OWNER, new)

    assert database.models.get(OWNER, model.id) == model
    assert NewModel.model_validate(model.model_dump(include=set(NewModel.model_fields))) == new
    assert (model.created_at, model.updated_at, model.status) == (clock.now, clock.now, ModelStatus.READY)
    assert model.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"name": "x" * 129}, {"name": "\x00"}, {"name": "\ud800"}, {"tags": ("",)}, {"colour": "red"}],
    ids=["empty", "long", "nul", "half a character", "empty tag", "unknown field"],
)
def test_what_no_database_holds_is_refused_before_it_gets_there(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewModel(**{"name": "m", "spec": {}, "reward_key": "r", **fields})


def test_another_owners_model_does_not_exist(database: Database) -> None:
    model = add(database, owner="somebody")

    with pytest.raises(NotFoundError):
        database.models.get(OWNER, model.id)
    with pytest.raises(NotFoundError):
        database.models.update(OWNER, model.id, name="mine")
    with pytest.raises(NotFoundError):
        database.models.delete(OWNER, model.id)
    with pytest.raises(NotFoundError):
        add(database, parent_id=model.id)
    assert database.models.list(OWNER).items == ()


def test_an_update_changes_what_is_given_and_nothing_else(database: Database, clock: FakeClock) -> None:
    model = add(database, "old", description="kept", tags=("a",))
    clock.advance(5)

    renamed = database.models.update(OWNER, model.id, name="new")
    tagged = database.models.update(OWNER, model.id, tags=["c", "b", "c"])
    bare = database.models.update(OWNER, model.id, tags=[], description="")

    assert renamed == model.model_copy(update={"name": "new", "updated_at": clock.now})
    assert tagged.tags == ("c", "b")
    assert (bare.tags, bare.description, bare.name) == ((), "", "new")


def test_the_version_is_another_one_after_every_change_of_ones_own_models(database: Database, clock: FakeClock) -> None:
    versions = [database.models.version(OWNER)]
    model = add(database)
    versions.append(database.models.version(OWNER))
    clock.advance(1)
    database.models.update(OWNER, model.id, name="other")
    versions.append(database.models.version(OWNER))
    database.models.delete(OWNER, model.id)
    versions.append(database.models.version(OWNER))
    add(database, owner="somebody else")

    assert database.models.version(OWNER) == versions[-1] == versions[0]
    assert len(set(versions)) == 3


def test_an_update_out_of_bounds_is_refused_and_changes_nothing(database: Database) -> None:
    model = add(database, "old")

    with pytest.raises(ValidationError):
        database.models.update(OWNER, model.id, name="")

    assert database.models.get(OWNER, model.id) == model


def test_a_search_finds_any_part_in_any_case(database: Database) -> None:
    add(database, "Ärger in Monza")
    add(database, "b", description="drives like 100% STRASSE")
    add(database, "c", tags=("Night_run",))

    assert names(database, search="äRGER") == ["Ärger in Monza"]
    assert names(database, search="straße") == ["b"]
    assert names(database, search="100%") == ["b"]
    assert names(database, search="night_") == ["c"]
    assert names(database, search="%") == ["b"]
    assert names(database, search="\\") == []
    assert len(names(database, search="")) == 3


def test_a_search_follows_a_changed_name(database: Database) -> None:
    model = add(database, "before")

    database.models.update(OWNER, model.id, name="after")

    assert names(database, search="before") == []
    assert names(database, search="after") == ["after"]


def test_models_are_filtered_by_tag_and_status(database: Database) -> None:
    add(database, "a", tags=("x", "y"))
    busy = add(database, "b", tags=("y",))
    start(database, busy)

    assert names(database, tag="y") == ["b", "a"]
    assert names(database, tag="x") == ["a"]
    assert names(database, tag="z") == []
    assert names(database, status=ModelStatus.TRAINING) == ["b"]
    assert names(database, status=ModelStatus.READY, tag="y") == ["a"]
    assert database.models.tags(OWNER) == ["x", "y"]


@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
@pytest.mark.parametrize("sort", list(ModelSort))
def test_pages_show_every_model_once_in_the_order_of_the_whole_list(
    database: Database, sort: ModelSort, descending: bool
) -> None:
    for i in range(9):
        model = add(database, "BaAcb"[i % 5])
        if i % 3:
            job = start(database, model)
            database.models.set_result(job.id, 1, best_lap_time_s=20.0 + i % 2)
            database.jobs.succeed(job.id, 1, {})
    whole = database.models.list(OWNER, ModelQuery(sort=sort, descending=descending)).items

    paged: list[Model] = []
    token = None
    while not paged or token is not None:
        page = database.models.list(OWNER, ModelQuery(sort=sort, descending=descending, after=token, limit=2))
        paged += page.items
        token = page.next_token

    assert len(whole) == 9
    assert tuple(paged) == whole


def test_models_without_a_lap_come_last_both_ways(database: Database) -> None:
    for name, lap_s in (("slow", 30.0), ("none", None), ("fast", 20.0)):
        job = start(database, add(database, name))
        database.models.set_result(job.id, 1, best_lap_time_s=lap_s)

    assert names(database, sort=ModelSort.BEST_LAP_TIME, descending=False) == ["fast", "slow", "none"]
    assert names(database, sort=ModelSort.BEST_LAP_TIME, descending=True) == ["slow", "fast", "none"]


def test_names_sort_alike_in_any_case(database: Database) -> None:
    for name in ("b", "A", "a", "C", "_"):
        add(database, name)

    assert names(database, sort=ModelSort.NAME, descending=False) == ["_", "A", "a", "b", "C"]


def test_a_token_of_another_sorting_is_refused(database: Database) -> None:
    for name in "abc":
        add(database, name)
    token = database.models.list(OWNER, ModelQuery(limit=1)).next_token

    with pytest.raises(SpecError):
        database.models.list(OWNER, ModelQuery(sort=ModelSort.NAME, after=token))


def test_the_status_follows_the_jobs(database: Database) -> None:
    model = add(database)
    status = [model.status]

    def note() -> None:
        status.append(database.models.get(OWNER, model.id).status)

    first = database.jobs.add(OWNER, NewJob(kind=JobKind.TRAIN, model_id=model.id, spec={}))
    note()
    database.jobs.claim("worker", 15.0)
    note()
    database.jobs.request_pause(OWNER, first.id)
    note()
    database.jobs.paused(first.id, 1)
    note()
    database.jobs.request_cancel(OWNER, first.id)
    note()
    failed = start(database, model)
    database.jobs.fail(failed.id, 1, Fault.USER_ERROR, "line 3")
    note()
    evaluation = start(database, model, JobKind.EVALUATE)
    note()
    database.jobs.fail(evaluation.id, 1, Fault.USER_ERROR, "no checkpoint")
    note()
    again = start(database, model)
    database.jobs.succeed(again.id, 1, {})
    note()

    assert [s.value for s in status] == [
        "READY", "QUEUED", "TRAINING", "STOPPING", "PAUSED", "READY", "ERROR", "EVALUATING", "ERROR", "READY",
    ]  # fmt: skip


def test_a_model_with_work_is_not_deleted(database: Database) -> None:
    model = add(database)
    job = start(database, model)

    with pytest.raises(ConflictError):
        database.models.delete(OWNER, model.id)

    database.jobs.succeed(job.id, 1, {})
    database.models.delete(OWNER, model.id)
    with pytest.raises(NotFoundError):
        database.models.get(OWNER, model.id)


def test_a_deleted_model_takes_its_rows_along_and_leaves_its_clones(database: Database) -> None:
    model = add(database, tags=("a",))
    clone = add(database, "clone", parent_id=model.id, parent_checkpoint="512")
    job = start(database, model)
    database.progress.append_metrics(job.id, 1, [{"iteration": 1}])
    database.artifacts.record(job.id, 1, name="n", key="k", size=1, sha256="s", kind="MODEL")
    database.jobs.succeed(job.id, 1, {})

    database.models.delete(OWNER, model.id)

    assert database.progress.metrics(model.id) == []
    assert database.artifacts.list(model.id) == []
    assert database.events.after(0) == []
    assert database.events.last_id() == 3
    assert database.models.tags(OWNER) == []
    with pytest.raises(NotFoundError):
        database.jobs.get(OWNER, job.id)
    assert database.models.get(OWNER, clone.id).parent_id is None


def test_pointers_are_moved_one_by_one(database: Database) -> None:
    model = add(database)
    job = start(database, model)

    database.models.set_result(job.id, 1, last_checkpoint="100", best_lap_time_s=30.5)
    database.models.set_result(job.id, 1, best_checkpoint="200")

    found = database.models.get(OWNER, model.id)
    assert (found.best_checkpoint, found.last_checkpoint, found.best_lap_time_s) == ("200", "100", 30.5)


def test_text_that_the_database_does_not_hold_is_the_callers_fault(database: Database) -> None:
    with pytest.raises(InvalidInputError):
        database.tracks.add(OWNER, "\ud800", "k", {})


def brought(*keys: str) -> NewImport:
    artifacts = [
        NewArtifact(name=f"checkpoints/1/{key}", key=key, size=3, sha256="0", kind="checkpoint") for key in keys
    ]
    return NewImport(
        model=NewModel(name="from elsewhere", spec={"train": {}}, reward_key="r"),
        spec={"files": []},
        result={"reason": "imported"},
        artifacts=tuple(artifacts),
        best_checkpoint="1",
        last_checkpoint="1",
    )


def test_an_import_is_a_ready_model_with_its_files_and_a_job_that_is_over(database: Database) -> None:
    model, job = database.jobs.add_import(OWNER, brought("a", "b"), "key", "hash")

    assert (model.status, model.best_checkpoint, model.best_lap_time_s) == (ModelStatus.READY, "1", None)
    assert (job.kind, job.state, job.result) == (JobKind.IMPORT, JobState.SUCCEEDED, {"reason": "imported"})
    assert [artifact.key for artifact in database.artifacts.list(model.id)] == ["a", "b"]
    assert [event.event.value for event in database.events.after(0, job.id)] == ["SUBMIT", "SUCCEED"]
    assert database.jobs.claim("worker", 15.0, list(JobKind)) is None
    assert database.jobs.add_import(OWNER, brought("c"), "key", "hash")[1].id == job.id
    with pytest.raises(ConflictError):
        database.jobs.add_import(OWNER, brought("c"), "key", "another")
    assert database.models.count(OWNER) == 1


def test_an_import_that_fails_half_way_leaves_nothing(database: Database) -> None:
    twice = brought("a").model_copy(update={"artifacts": (*brought("a").artifacts, *brought("a").artifacts)})
    other = twice.artifacts[1].model_copy(update={"size": 4})

    with pytest.raises(ConflictError):
        database.jobs.add_import(OWNER, twice.model_copy(update={"artifacts": (twice.artifacts[0], other)}))

    assert database.models.count(OWNER) == 0
    assert database.jobs.list(OWNER).items == ()
