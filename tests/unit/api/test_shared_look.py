"""What many watchers of a training look at: read once, told to all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deepracer_local.api._shared_look import SharedLook
from deepracer_local.db import Database, Job, open_database
from deepracer_local.runs import RunDirectory

JOB = Job.model_construct(id="job", model_id="model")
N_WATCHERS = 50


class CountingLook(SharedLook):
    """Counts how often the run directory is gone to."""

    n_reads = 0

    def run_of(self, job_id: str) -> RunDirectory:
        self.n_reads += 1
        return super().run_of(job_id)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """Returns the directory of a job whose cars have told something once."""
    path = tmp_path / "jobs" / "job"
    path.mkdir(parents=True)
    run = RunDirectory(path)
    run.write_live({"number": 1, "cars": []})
    return run


@pytest.fixture
def look(tmp_path: Path) -> CountingLook:
    database: Database = open_database(f"sqlite:///{tmp_path / 'd.sqlite'}")
    return CountingLook(database, tmp_path)


def test_all_watchers_are_woken_by_what_is_new_and_get_one_message(look: CountingLook, run: RunDirectory) -> None:
    async def watch() -> list[tuple[int, object]]:
        assert look.telemetry(JOB)[0] == 1
        waiting = [asyncio.create_task(look.news()) for _ in range(N_WATCHERS)]
        await asyncio.sleep(0)
        run.write_live({"number": 2, "cars": []})
        await asyncio.gather(*waiting)
        return [look.telemetry(JOB) for _ in range(N_WATCHERS)]

    told = asyncio.run(watch())

    assert {number for number, _ in told} == {2}
    assert len({id(message) for _, message in told}) == 1
    assert look.n_reads < N_WATCHERS


def test_a_wait_in_which_nothing_is_told_ends(look: CountingLook, run: RunDirectory) -> None:
    async def watch() -> int:
        look.telemetry(JOB)
        await asyncio.wait_for(look.news(), timeout=30)
        return look.telemetry(JOB)[0]

    assert asyncio.run(watch()) == 1


def test_one_who_goes_leaves_the_wait_to_the_others(look: CountingLook, run: RunDirectory) -> None:
    async def watch() -> int:
        look.telemetry(JOB)
        first, second = (asyncio.create_task(look.news()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        run.write_live({"number": 2, "cars": []})
        await second
        return look.telemetry(JOB)[0]

    assert asyncio.run(watch()) == 2
