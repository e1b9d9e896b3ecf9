"""The runner with real trainer processes: success, wishes, faults, crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepracer_local.db import SLOTS_SETTING
from deepracer_local.db._logs import FIRST_LINES_KEPT, NEWEST_LINES_KEPT
from deepracer_local.domain import Fault, JobState, StopRules
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.workers._process import TrainerProcess
from tests.integration.jobs import GOOD_REWARD, Workshop
from tests.integration.service import wait_until

LONG = StopRules(max_steps=1_000_000)


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.database.close()


def is_over(job: object) -> bool:
    return job.state.is_final  # type: ignore[attr-defined]


def has_learnt(job: object) -> bool:
    return job.progress.get("iterations", 0) >= 1  # type: ignore[attr-defined]


def trainer_pids() -> list[int]:
    """Returns the processes that this one has started to train or evaluate."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text().split()]
    return [pid for pid in pids if b"deepracer_local.workers" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def weights(workshop: Workshop, job_id: str) -> bytes:
    checkpoints = Checkpoints(workshop.folder / "jobs" / job_id / "checkpoints")
    return (checkpoints.find("last") / "policy.safetensors").read_bytes()


def test_a_training_succeeds_and_leaves_rows_and_artifacts(workshop: Workshop) -> None:
    job = workshop.submit(stop=StopRules(max_steps=1024))

    with workshop.runner():
        done = workshop.wait(job.id, is_over)

    assert done.state is JobState.SUCCEEDED, done.message
    assert done.result is not None
    assert done.result["total_steps"] == 1024
    model = workshop.database.models.get("local", job.model_id)
    names = {artifact.name for artifact in workshop.database.artifacts.list(job.model_id)}
    assert f"checkpoints/{model.best_checkpoint}/policy.safetensors" in names
    assert {"result.json", "trainer.log", "trace/training/0.csv", "trace/evaluation/1.csv"} <= names
    assert f"exports/{model.best_checkpoint}/model.tar.gz" in names
    assert [row["iteration"] for row in workshop.database.progress.metrics(job.model_id)] == [1, 2]
    episodes = workshop.database.progress.episodes(job.model_id)
    assert episodes == RunDirectory(workshop.folder / "jobs" / job.id).read_rows("episodes.jsonl")
    trace = (workshop.folder / "jobs" / job.id / "trace" / "training" / "0.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in trace[1:5]] == [[str(i), "1"] for i in range(4)]
    assert all(",prepare," in line for line in trace[1:5])
    for artifact in workshop.database.artifacts.list(job.model_id):
        assert workshop.store.stat(artifact.key).sha256 == artifact.sha256


def test_a_users_mistake_fails_at_once_with_its_line(workshop: Workshop) -> None:
    job = workshop.submit(reward="def reward_function(params):\n    return params['tarck_width']\n")

    with workshop.runner():
        done = workshop.wait(job.id, is_over)

    assert done.state is JobState.FAILED
    assert done.fault is Fault.USER_ERROR
    assert done.attempt == 1
    assert "track_width" in (done.message or "")
    assert (done.detail or {})["line"] == 2


def test_what_is_printed_is_read_while_the_training_runs(workshop: Workshop) -> None:
    job = workshop.submit(
        reward="print('begin')\n" + GOOD_REWARD.replace("    return", "    print('step')\n    return")
    )

    with workshop.runner():
        workshop.wait(job.id, lambda _: any(line.text == "step" for line in workshop.database.logs.lines(job.id)))
        assert workshop.job(job.id).state is JobState.RUNNING
        done = workshop.wait(job.id, is_over)

    assert done.state is JobState.SUCCEEDED, done.message
    assert workshop.database.logs.lines(job.id)[0].text == "begin"


def test_a_flood_of_lines_ends_the_job_and_fills_neither_database_nor_disk(workshop: Workshop) -> None:
    flood = "def reward_function(params):\n    for n in range(200):\n        print('x' * 300)\n    return 1.0\n"
    job = workshop.submit(reward=flood, stop=StopRules(max_steps=2_048))

    with workshop.runner():
        done = workshop.wait(job.id, is_over)

    assert (done.state, done.fault) == (JobState.FAILED, Fault.USER_ERROR)
    assert "64 KB in one episode" in (done.message or "")
    lines = workshop.database.logs.lines(job.id, limit=1_000_000)
    assert 200 < len(lines) <= FIRST_LINES_KEPT + NEWEST_LINES_KEPT + 1
    assert (workshop.folder / "jobs" / job.id / "trainer.log").stat().st_size < 1_000_000


def test_the_last_words_of_a_mistake_are_read(workshop: Workshop) -> None:
    mistake = "def reward_function(params):\n    for n in range(5_000):\n        print(n)\n    return 1 / 0\n"
    job = workshop.submit(reward=mistake)

    with workshop.runner():
        workshop.wait(job.id, is_over)

    lines = [line.text for line in workshop.database.logs.lines(job.id)]
    assert any("division by zero" in line for line in lines[-5:]), lines[-5:]


def test_the_next_attempt_goes_on_with_the_numbers(workshop: Workshop) -> None:
    job = workshop.submit(reward="print('begin')\n" + GOOD_REWARD, stop=LONG)

    with workshop.runner():
        workshop.wait(job.id, has_learnt)
    with workshop.runner():
        workshop.wait(job.id, lambda _: workshop.database.logs.lines(job.id)[-1].attempt == 2)

    lines = workshop.database.logs.lines(job.id)
    attempts = [line.attempt for line in lines if line.text == "begin"]
    assert attempts == sorted(attempts)
    assert {1, 2} == set(attempts)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def test_a_running_training_is_cancelled_within_seconds_with_a_checkpoint(workshop: Workshop) -> None:
    job = workshop.submit(stop=LONG)

    with workshop.runner():
        workshop.wait(job.id, has_learnt)
        asked_at = time.monotonic()
        workshop.database.jobs.request_cancel("local", job.id)
        done = workshop.wait(job.id, is_over)
        seconds = time.monotonic() - asked_at

    assert done.state is JobState.CANCELLED
    assert seconds < 5
    assert workshop.database.models.get("local", job.model_id).last_checkpoint is not None
    assert trainer_pids() == []


def test_a_paused_training_resumes_to_the_same_weights(workshop: Workshop) -> None:
    whole = workshop.submit(stop=StopRules(max_steps=8_192))
    parts = workshop.submit(stop=StopRules(max_steps=8_192))

    with workshop.runner():
        workshop.wait(parts.id, has_learnt)
        workshop.database.jobs.request_pause("local", parts.id)
        paused = workshop.wait(parts.id, lambda job: job.state is not JobState.RUNNING)
        workshop.database.jobs.resume("local", parts.id)
        done = workshop.wait(parts.id, is_over)
        workshop.wait(whole.id, is_over)

    assert paused.state is JobState.PAUSED
    assert done.state is JobState.SUCCEEDED, done.message
    assert done.attempt == 2
    assert weights(workshop, parts.id) == weights(workshop, whole.id)
    metrics = workshop.database.progress.metrics
    assert [row["policy_loss"] for row in metrics(parts.model_id)] == [
        row["policy_loss"] for row in metrics(whole.model_id)
    ]


def test_a_killed_trainer_is_tried_again_from_its_checkpoint(workshop: Workshop) -> None:
    job = workshop.submit(stop=StopRules(max_steps=12_288))

    with workshop.runner():
        workshop.wait(job.id, lambda found: found.progress.get("best_progress") is not None)
        (pid,) = trainer_pids()
        os.kill(pid, signal.SIGKILL)
        done = workshop.wait(job.id, is_over)

    assert done.state is JobState.SUCCEEDED, done.message
    assert done.attempt == 2
    assert done.retries == {Fault.OUT_OF_MEMORY: 1}
    iterations = [row["iteration"] for row in workshop.database.progress.metrics(job.model_id)]
    assert iterations == list(range(1, 25))


def test_a_runner_that_stops_gives_its_jobs_back(workshop: Workshop) -> None:
    job = workshop.submit(stop=StopRules(max_steps=12_288))

    with workshop.runner():
        workshop.wait(job.id, has_learnt)
    between = workshop.job(job.id)
    with workshop.runner():
        done = workshop.wait(job.id, is_over)

    assert between.state is JobState.QUEUED
    assert dict(between.retries) == {}
    assert done.state is JobState.SUCCEEDED
    assert done.attempt == 2


def test_the_trainer_has_no_secret_of_ours(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPRACER_LOCAL_S3_SECRET_KEY", "canary")
    job = workshop.submit(
        reward="import os\nprint(sorted(os.environ.items()))\ndef reward_function(params):\n    return 1.0\n"
    )

    with workshop.runner():
        workshop.wait(job.id, is_over)

    printed = RunDirectory(workshop.folder / "jobs" / job.id).log_path.read_text()
    assert printed.startswith("[]\n")
    assert "canary" not in printed


GROUPS = Path("/proc/self/autogroup")


@pytest.mark.skipif(not GROUPS.exists(), reason="Linux groups no processes by session here")
def test_a_training_stands_back_behind_processes_of_other_sessions(workshop: Workshop) -> None:
    job = workshop.submit(stop=LONG)

    with workshop.runner():
        workshop.wait(job.id, has_learnt)
        groups = [Path(f"/proc/{pid}/autogroup").read_text() for pid in trainer_pids()]
        workshop.database.jobs.request_cancel("local", job.id)
        workshop.wait(job.id, is_over)

    assert [group.split()[-2:] for group in groups] == [["nice", "10"]]


def test_time_without_a_processor_does_not_count_as_hanging() -> None:
    cpu = min(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nprint(flush=True)\nwhile True: pass"
    busy = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert busy.stdout is not None
        busy.stdout.readline()
        with TrainerProcess(nice=19) as process:
            os.sched_setaffinity(process._process.pid, {cpu})
            wait_until(lambda: process.waited_s() > 0.5, "the trainer to wait for the busy processor")
            process.kill()
    finally:
        busy.kill()
        busy.communicate()


def test_slots_can_be_changed_while_the_service_runs(workshop: Workshop) -> None:
    workshop.database.settings.set(SLOTS_SETTING, 1)  # the runner is started with two
    first, second = workshop.submit(), workshop.submit()

    with workshop.runner():
        second = workshop.wait(second.id, is_over)
    first = workshop.job(first.id)

    assert (first.state, second.state) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
    assert first.finished_at is not None
    assert second.started_at is not None
    assert second.started_at >= first.finished_at
