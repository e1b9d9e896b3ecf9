"""Jobs: their states, what moves them from one to the next, and how often a failed one is tried again.

    QUEUED ──claim──▶ RUNNING ──succeed──▶ SUCCEEDED
      ▲  │              │  │  └──fail────▶ FAILED      (or back to QUEUED while the fault's budget lasts)
      │  ├──cancel──────┼──┴──cancel────▶ CANCELLED
      │  └──pause──▶ PAUSED ◀──pause──┘
      │                 │
      ├──resume─────────┤
      └──lose lease── RUNNING

A wish to cancel or to pause a running job is not a state: it is written beside the state, the runner reads it with its
heartbeat and reports the transition when the trainer has stopped.
"""

from __future__ import annotations

from enum import StrEnum

from deepracer_local.errors import IllegalTransitionError


class JobKind(StrEnum):
    """What a job does."""

    TRAIN = "TRAIN"
    EVALUATE = "EVALUATE"
    EXPORT = "EXPORT"
    IMPORT = "IMPORT"
    """Brought a model in from elsewhere; over when it is written down, and never in the queue."""


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """True for a state that is never left."""
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


class JobEvent(StrEnum):
    """What happens to a job."""

    CLAIM = "CLAIM"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"
    RETRY = "RETRY"
    LOSE_LEASE = "LOSE_LEASE"
    CANCEL = "CANCEL"
    PAUSE = "PAUSE"
    RESUME = "RESUME"


class Wish(StrEnum):
    """What somebody wants of a running job."""

    NONE = "NONE"
    CANCEL = "CANCEL"
    PAUSE = "PAUSE"


class Fault(StrEnum):
    """Whose fault a failure is; each has a budget of its own."""

    USER_ERROR = "USER_ERROR"
    INFRASTRUCTURE = "INFRASTRUCTURE"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    HANG = "HANG"


RETRIES: dict[Fault, int] = {Fault.USER_ERROR: 0, Fault.INFRASTRUCTURE: 5, Fault.OUT_OF_MEMORY: 1, Fault.HANG: 3}
"""How often a job is put back after each kind of fault before it fails."""

_TRANSITIONS: dict[tuple[JobState, JobEvent], JobState] = {
    (JobState.QUEUED, JobEvent.CLAIM): JobState.RUNNING,
    (JobState.QUEUED, JobEvent.CANCEL): JobState.CANCELLED,
    (JobState.QUEUED, JobEvent.PAUSE): JobState.PAUSED,
    (JobState.RUNNING, JobEvent.SUCCEED): JobState.SUCCEEDED,
    (JobState.RUNNING, JobEvent.FAIL): JobState.FAILED,
    (JobState.RUNNING, JobEvent.RETRY): JobState.QUEUED,
    (JobState.RUNNING, JobEvent.LOSE_LEASE): JobState.QUEUED,
    (JobState.RUNNING, JobEvent.CANCEL): JobState.CANCELLED,
    (JobState.RUNNING, JobEvent.PAUSE): JobState.PAUSED,
    (JobState.PAUSED, JobEvent.RESUME): JobState.QUEUED,
    (JobState.PAUSED, JobEvent.CANCEL): JobState.CANCELLED,
}


def next_state(state: JobState, event: JobEvent) -> JobState:
    """Returns the state after ``event``.

    Raises:
        IllegalTransitionError: the event cannot happen in this state.
    """
    try:
        return _TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(state.value, event.value) from None


def retry_delay_s(n_retries: int) -> float:
    """Returns how long a job waits before its next attempt: 1, 2, 4, ... up to 60 seconds."""
    return float(min(60, 2 ** max(0, n_retries - 1)))
