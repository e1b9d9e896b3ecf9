"""The forecast of the queue: slots fill in order, limits bound what is left, the usual time fills the gaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepracer_local.domain import StopRules, expected_starts, remaining_seconds

SECONDS = st.lists(st.floats(0, 1e4), max_size=12)


def test_each_waiting_job_takes_the_slot_that_is_free_first() -> None:
    assert expected_starts([30.0, 10.0], [100.0, 5.0, 5.0], slots=2) == [10.0, 30.0, 35.0]


def test_a_free_slot_starts_a_job_at_once() -> None:
    assert expected_starts([30.0], [5.0, 5.0], slots=2) == [0.0, 5.0]


def test_jobs_beyond_the_slots_must_end_before_one_that_waits_starts() -> None:
    assert expected_starts([10.0, 20.0, 30.0], [1.0], slots=1) == [30.0]


@given(SECONDS, SECONDS, st.integers(1, 8))
def test_nobody_starts_before_whoever_is_ahead(remaining: list[float], waiting: list[float], slots: int) -> None:
    starts = expected_starts(remaining, waiting, slots)

    assert starts == sorted(starts)
    assert len(starts) == len(waiting)


@given(SECONDS, st.lists(st.floats(0, 1e4), min_size=1, max_size=12), st.integers(1, 8))
def test_one_slot_more_delays_nobody(remaining: list[float], waiting: list[float], slots: int) -> None:
    fewer, more = (expected_starts(remaining, waiting, n) for n in (slots, slots + 1))

    assert all(late >= early for early, late in zip(more, fewer, strict=True))


@pytest.mark.parametrize(
    ("rules", "expected_s"),
    [
        (StopRules(max_minutes=2), 90.0),
        (StopRules(max_steps=4_000), 90.0),
        (StopRules(max_minutes=2, max_steps=2_000), 30.0),
        (StopRules(max_minutes=2, clean_laps=3), 60.0),
        (StopRules(max_episodes=500), 60.0),
        (StopRules(), 60.0),
    ],
)
def test_what_is_left_is_bound_by_the_limits_and_where_laps_end_it_by_the_usual_time(
    rules: StopRules, expected_s: float
) -> None:
    progress = {"total_steps": 1_000, "training_seconds": 30.0}

    assert remaining_seconds(rules, progress, elapsed_s=40.0, usual_s=100.0) == expected_s


def test_a_training_without_its_first_step_takes_the_usual_time() -> None:
    assert remaining_seconds(StopRules(max_steps=4_000), {}, elapsed_s=5.0, usual_s=100.0) == 95.0


def test_a_job_that_is_past_its_time_is_about_to_end() -> None:
    assert remaining_seconds(StopRules(clean_laps=3), {}, elapsed_s=500.0, usual_s=100.0) == 0.0
