"""Step traces of a model that never drove: files and rows as a training and an evaluation leave them."""

from __future__ import annotations

from typing import Any

from deepracer_local.api import Services
from deepracer_local.db import Job
from deepracer_local.domain import JobKind, Outcome, StepRecord
from deepracer_local.runs import TRACE_HEADER, trace_row
from tests.unit.api.insights import insight_of


def lines_of(episode: int, steps: range, *, length: int = 7) -> list[str]:
    """Returns trace rows of one episode, of which step 1 is its start and step ``length`` its end."""
    return [
        trace_row(
            StepRecord(
                steps=i,
                x_m=i / 10,
                y_m=-1.5,
                yaw_deg=179.5,
                steering_angle_deg=-15.0,
                speed_mps=1.5,
                action="8",
                reward=0.25,
                done=i == length,
                all_wheels_on_track=i != length,
                progress=i * 2.0,
                closest_waypoint=i + 3,
                track_length_m=17.7,
                time_s=(i - 1) / 15,
                outcome=Outcome.PREPARE if i == 1 else Outcome.OFF_TRACK if i == length else Outcome.IN_PROGRESS,
                measured_speed_mps=1.4,
            ),
            episode=episode,
            wall_clock_s=1.7e9,
        )
        for i in steps
    ]


def csv_of(lines: list[str]) -> str:
    return "\n".join([TRACE_HEADER, *lines, ""])


def claim(services: Services) -> Job:
    job = services.database.jobs.claim("worker", 60.0, list(JobKind))
    assert job is not None
    return job


def store(services: Services, job: Job, name: str, content: str | bytes, *, kind: str = "trace") -> None:
    """Puts a file of a job where the runner would put it."""
    key = f"jobs/{job.id}/{job.attempt}/{len(services.store.list(f'jobs/{job.id}'))}/{name}"
    stored = services.store.put(key, content if isinstance(content, bytes) else content.encode())
    services.database.artifacts.record(
        job.id, job.attempt, name=name, key=key, size=stored.size, sha256=stored.sha256, kind=kind
    )


EPISODE_0, EPISODE_1 = lines_of(0, range(1, 8)), lines_of(1, range(1, 8))
ITERATIONS = [
    [*EPISODE_0[:4], *EPISODE_1[:2]],
    [EPISODE_1[2], EPISODE_1[3]],
    [*EPISODE_1[4:], *EPISODE_0[4:], *lines_of(10, range(1, 3))],
]
"""Two cars and three iterations: both episodes begin in the first and end in the last; episode 0 rests between."""


ENDED: dict[str, Any] = {
    "phase": "training",
    "total_steps": 13,
    "reward": 1.5,
    "progress": 14.0,
    "time_s": 0.4,
    "outcome": "off_track",
    "start_ndist": 0.0,
    "is_reversed": False,
}


def drive(services: Services) -> Job:
    """Lets the next job, a training, leave three iterations, one evaluation and what belongs to them; it runs on."""
    job = claim(services)
    progress = services.database.progress
    totals = [4, 6, 13]
    metrics: list[dict[str, Any]] = [
        {"iteration": i + 1, "total_steps": total, "episodes": 0 if i < 2 else 2} for i, total in enumerate(totals)
    ]
    progress.append_metrics(job.id, job.attempt, metrics)
    progress.append_episodes(
        job.id, job.attempt, [{**ENDED, "number": i, "episode": 1 - i, "iteration": 2, "steps": 6} for i in range(2)]
    )
    laps = [{"trial": 1, "steps": 7, "time_s": 0.4, "progress": 14.0, "outcome": "off_track"}]
    progress.append_evaluations(job.id, job.attempt, [{"iteration": 2, "laps": laps}])
    for i, lines in enumerate(ITERATIONS):
        store(services, job, f"trace/training/{i}.csv", csv_of(lines))
    store(services, job, "trace/evaluation/2.csv", csv_of(EPISODE_0))
    return job


def finish_evaluation(services: Services) -> Job:
    """Lets the next job, an evaluation, drive a lap of three steps, look into it, drive one of four, and succeed."""
    job = claim(services)
    store(services, job, f"evaluations/{job.attempt}/trace.csv", csv_of(EPISODE_0), kind="evaluation")
    store(
        services, job, f"evaluations/{job.attempt}/insight-1.json", insight_of(1).model_dump_json(), kind="evaluation"
    )
    fields = {"time_s": 1.0, "progress": 100.0, "outcome": "lap_complete"}
    laps = [{"trial": i + 1, "steps": steps, **fields} for i, steps in enumerate((3, 4))]
    services.database.logs.append(job.id, job.attempt, ["lap 1"])
    services.database.jobs.succeed(job.id, job.attempt, {"state": "SUCCEEDED", "laps": laps})
    return job
