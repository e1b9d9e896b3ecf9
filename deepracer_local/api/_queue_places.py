"""Where a waiting job stands: its place in the queue and when it is expected to start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deepracer_local.api._services import Services
from deepracer_local.db import SLOTS_SETTING, JobSummary, Outlook
from deepracer_local.domain import USUAL_SECONDS, JobKind, JobSpec, JobState, expected_starts, remaining_seconds


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue."""

    position: int
    """1 for the job that starts next."""
    expected_start_at: datetime


Places = Mapping[str, Place]
"""The place of every waiting job, by the job's id."""


def places_for(services: Services, jobs: Iterable[JobSummary]) -> Places:
    """Returns the places of all waiting jobs; nothing, and no look at the queue, where none of ``jobs`` waits."""
    if not any(job.state is JobState.QUEUED for job in jobs):
        return {}
    return _places(services.database.jobs.outlook(), services.database.settings.get(SLOTS_SETTING))


def _places(outlook: Outlook, slots: int | None) -> Places:
    usual_s = {kind: outlook.usual_s[kind] or USUAL_SECONDS[kind] for kind in JobKind}
    remaining_s = []
    for running in outlook.running:
        elapsed_s = max(0.0, (outlook.now - running.started_at).total_seconds())
        if running.kind is JobKind.TRAIN:
            rules = JobSpec.model_validate(running.spec).train.stop
            remaining_s.append(remaining_seconds(rules, running.progress, elapsed_s, usual_s[running.kind]))
        else:
            remaining_s.append(max(0.0, usual_s[running.kind] - elapsed_s))
    # Where no setting says how many run side by side, those that run while others wait tell it.
    n_slots = max(slots or 1, len(outlook.running))
    waiting_s = [usual_s[job.kind] for job in outlook.waiting]
    starts = expected_starts(remaining_s, waiting_s, n_slots)
    places = {}
    for position, (job, start_s) in enumerate(zip(outlook.waiting, starts, strict=True), start=1):
        start_at = outlook.now + timedelta(seconds=round(start_s))
        places[job.id] = Place(position, max(start_at, job.not_before) if job.not_before else start_at)
    return places
