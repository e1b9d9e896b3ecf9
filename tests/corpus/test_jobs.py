"""Some of the corpus as jobs of the service: queue, runner, trainer's process, learner, sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deepracer_local.db import Job
from deepracer_local.domain import Fault, JobState, StopRules
from tests.corpus.cases import load_cases
from tests.corpus.watch import Watch
from tests.integration.jobs import Workshop

NAMES = ("F51_endless_loop", "F72_system", "F111a_more_answers")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.database.close()


@pytest.mark.slow
def test_every_job_ends_as_its_function_deserves_and_the_next_one_succeeds(workshop: Workshop, watch: Watch) -> None:
    cases = [case for case in load_cases("hostile", "odd") if case.name in NAMES]
    stop = StopRules(max_steps=256)
    texts = [case.text(canary_file=watch.canary_file, writable=watch.guarded) for case in cases]

    with workshop.runner():
        jobs = [workshop.submit(reward=text, stop=stop) for text in texts]
        jobs.append(workshop.submit(stop=stop))
        over = [workshop.wait(job.id, lambda it: it.state.is_final) for job in jobs]

    *ended, sound = over
    assert sound.state is JobState.SUCCEEDED, sound.message
    for case, job in zip(cases, ended, strict=True):
        if case.failure is None:
            assert job.state is JobState.SUCCEEDED, (case.name, job.message)
        else:
            assert (job.state, job.fault) == (JobState.FAILED, Fault.USER_ERROR), (case.name, job.message)
            assert job.attempt == 1
            assert case.failure.fits("", "", (job.detail or {})["line"], job.message or ""), (case.name, job.message)
    watch.require_no_process()
    watch.require_untouched()
    watch.require_no_secret(over, *logs(workshop, over))


def logs(workshop: Workshop, jobs: list[Job]) -> list[str]:
    found = [workshop.folder / "jobs" / job.id / "trainer.log" for job in jobs]
    return [path.read_text(errors="replace") for path in found if path.exists()]
