"""Progress, artifacts, tracks, tokens and settings, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deepracer_local.db import Database
from deepracer_local.errors import ConflictError, NotFoundError
from tests.contract.conftest import FakeClock
from tests.contract.test_database_models import OWNER, add, start


def test_progress_is_read_in_order_from_any_place(database: Database) -> None:
    model = add(database)
    job = start(database, model)
    rows = [{"iteration": i, "reward": i / 3} for i in range(1, 6)]
    episodes = [{"number": i, "iteration": i // 2, "progress": 99.9} for i in range(8)]

    database.progress.append_metrics(job.id, 1, rows[:3])
    database.progress.append_metrics(job.id, 1, rows[3:])
    database.progress.append_episodes(job.id, 1, episodes)
    database.progress.append_evaluations(job.id, 1, [{"iteration": 4, "laps": []}])
    database.progress.append_metrics(job.id, 1, [])

    assert database.progress.metrics(model.id) == rows
    assert database.progress.metrics(model.id, after_iteration=2, limit=2) == rows[2:4]
    assert database.progress.episodes(model.id, after_episode=5) == episodes[6:]
    assert database.progress.evaluations(model.id) == [{"iteration": 4, "laps": []}]


def test_rows_that_are_sent_twice_stand_once(database: Database) -> None:
    model = add(database)
    job = start(database, model)

    for reward in (1, 2):
        database.progress.append_metrics(job.id, 1, [{"iteration": i, "reward": reward} for i in range(3)])

    assert [row["reward"] for row in database.progress.metrics(model.id)] == [2, 2, 2]


def test_a_roll_back_keeps_what_the_checkpoint_covers(database: Database) -> None:
    model = add(database)
    job = start(database, model)
    # An episode that ends while the second update's steps are collected has one update before it.
    database.progress.append_episodes(job.id, 1, [{"number": i, "iteration": i} for i in range(4)])
    database.progress.append_metrics(job.id, 1, [{"iteration": i} for i in range(1, 5)])
    database.progress.append_evaluations(job.id, 1, [{"iteration": i} for i in range(1, 5)])

    database.progress.roll_back(job.id, 1, 2)

    assert [row["iteration"] for row in database.progress.metrics(model.id)] == [1, 2]
    assert [row["iteration"] for row in database.progress.evaluations(model.id)] == [1, 2]
    assert [row["number"] for row in database.progress.episodes(model.id)] == [0, 1]


def test_artifacts_are_listed_and_added_up_by_kind(database: Database) -> None:
    model = add(database)
    job = start(database, model)
    upload = database.artifacts.add(
        OWNER, model.id, name="reward_function.py", key="a", size=5, sha256="1", kind="CODE"
    )
    weights = database.artifacts.record(job.id, 1, name="w", key="b", size=2**40, sha256="2", kind="MODEL")
    database.artifacts.record(job.id, 1, name="w", key="c", size=7, sha256="3", kind="MODEL")

    assert database.artifacts.list(model.id)[:2] == [upload, weights]
    assert [found.key for found in database.artifacts.list(model.id, "MODEL")] == ["b", "c"]
    newest = database.artifacts.newest(model.id, ["w", upload.name, "x", *(f"{i}" for i in range(1200))])
    assert {name: found.key for name, found in newest.items()} == {"w": "c", upload.name: "a"}
    assert set(database.artifacts.newest(model.id, ["w", upload.name], job_id=job.id)) == {"w"}
    assert database.artifacts.newest(model.id, ["w"], job_id="z" * 15) == {}
    assert (weights.job_id, weights.attempt, upload.job_id) == (job.id, 1, None)
    assert database.artifacts.usage(OWNER) == {"CODE": 5, "MODEL": 2**40 + 7}
    assert database.artifacts.usage("somebody") == {}
    assert database.artifacts.known(["a", "c", "x"]) == {"a", "c"}
    database.artifacts.remove(model.id, ["a", "x"])
    assert database.artifacts.known([f"{i}" for i in range(1200)] + ["a", "b"]) == {"b"}


def test_the_same_artifact_twice_is_one_and_other_bytes_are_refused(database: Database) -> None:
    job = start(database, add(database))
    fields: dict[str, Any] = {"name": "w", "key": "k", "size": 5, "kind": "MODEL"}

    first = database.artifacts.record(job.id, 1, sha256="1", **fields)

    assert database.artifacts.record(job.id, 1, sha256="1", **fields) == first
    with pytest.raises(ConflictError):
        database.artifacts.record(job.id, 1, sha256="2", **fields)


def test_tracks_have_one_name_for_each_owner(database: Database) -> None:
    track = database.tracks.add(OWNER, "oval", "tracks/1", {"length_m": 12.5})
    database.tracks.add("somebody", "oval", "tracks/2", {})
    database.tracks.add(OWNER, "bowtie", "tracks/3", {})

    with pytest.raises(ConflictError):
        database.tracks.add(OWNER, "oval", "tracks/4", {})

    assert database.tracks.get(OWNER, track.id) == track
    assert [found.name for found in database.tracks.list(OWNER)] == ["bowtie", "oval"]
    with pytest.raises(NotFoundError):
        database.tracks.delete("somebody", track.id)
    database.tracks.delete(OWNER, track.id)
    with pytest.raises(NotFoundError):
        database.tracks.get(OWNER, track.id)


def test_a_token_is_found_until_it_is_over_or_revoked(database: Database, clock: FakeClock) -> None:
    short = database.tokens.add(
        OWNER, name="link", sha256="1", scope="write", expires_at=clock.now + timedelta(seconds=60)
    )
    long = database.tokens.add(OWNER, name="script", sha256="2", scope="read")

    assert database.tokens.find("1") == short
    assert database.tokens.find("3") is None
    clock.advance(61)
    database.tokens.touch(long.id)
    assert database.tokens.find("1") is None
    found = database.tokens.find("2")
    assert found is not None
    assert found.last_used_at == clock.now
    with pytest.raises(NotFoundError):
        database.tokens.revoke("somebody", long.id)
    for _ in range(2):
        database.tokens.revoke(OWNER, long.id)
    assert database.tokens.find("2") is None
    assert [token.revoked_at for token in database.tokens.list(OWNER)] == [None, clock.now]


def test_one_digest_belongs_to_one_token(database: Database) -> None:
    database.tokens.add(OWNER, name="a", sha256="1", scope="read")

    with pytest.raises(ConflictError):
        database.tokens.add(OWNER, name="b", sha256="1", scope="read")


def test_a_setting_keeps_its_last_value(database: Database) -> None:
    assert database.settings.get("slots") is None

    database.settings.set("slots", 2)
    database.settings.set("slots", {"train": 3})
    database.settings.set("gone", False)
    assert database.settings.all() == {"gone": False, "slots": {"train": 3}}
    database.settings.set("gone", None)

    assert database.settings.get("slots") == {"train": 3}
    assert database.settings.all() == {"slots": {"train": 3}}
