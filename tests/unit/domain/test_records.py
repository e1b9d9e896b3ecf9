from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import EvaluationResult, LapRecord, Outcome

LAWS = settings(max_examples=150, deadline=None, derandomize=True)


def _clean(time_s: float) -> LapRecord:
    return LapRecord(trial=1, time_s=time_s, progress=100.0, steps=250, outcome=Outcome.LAP_COMPLETE)


def _failed(progress: float) -> LapRecord:
    return LapRecord(trial=1, time_s=3.0, progress=progress, steps=45, outcome=Outcome.OFF_TRACK)


def _result(*laps: LapRecord) -> EvaluationResult:
    return EvaluationResult(laps=laps, planned_laps=max(1, len(laps)))


_laps = st.lists(st.builds(_clean, st.floats(1, 100)) | st.builds(_failed, st.floats(0, 99)), max_size=3)
_results = st.builds(
    lambda laps, untried: EvaluationResult(laps=tuple(laps), planned_laps=max(1, len(laps) + untried)),
    _laps,
    st.integers(0, 2),
)

LABELS = {
    Outcome.PREPARE: "Prepare",
    Outcome.IN_PROGRESS: "In progress",
    Outcome.LAP_COMPLETE: "Lap complete",
    Outcome.OFF_TRACK: "Off track",
    Outcome.CRASHED: "Crashed",
    Outcome.REVERSED: "Reversed",
    Outcome.IMMOBILIZED: "Immobilized",
    Outcome.TIME_UP: "Time Up",
    Outcome.PAUSE: "Pause",
}


@pytest.mark.parametrize("outcome", list(Outcome), ids=str)
def test_outcomes_are_labelled_as_in_the_originals_metrics_files(outcome: Outcome) -> None:
    assert outcome.label == LABELS[outcome]


@pytest.mark.parametrize("outcome", list(Outcome), ids=str)
def test_only_before_the_start_on_the_way_and_set_back_does_an_episode_go_on(outcome: Outcome) -> None:
    assert outcome.ends_episode == (outcome not in {Outcome.PREPARE, Outcome.IN_PROGRESS, Outcome.PAUSE})


def test_anything_is_better_than_nothing() -> None:
    assert _result(_failed(1.0)).is_better_than(None)


def test_more_completion_beats_a_faster_lap() -> None:
    slow_but_complete = _result(_clean(30.0), _clean(30.0))
    fast_but_once = _result(_clean(10.0), _failed(90.0))

    assert slow_but_complete.is_better_than(fast_but_once)
    assert not fast_but_once.is_better_than(slow_but_complete)


def test_at_equal_completion_the_faster_mean_wins() -> None:
    assert _result(_clean(17.0), _clean(17.5)).is_better_than(_result(_clean(16.0), _clean(20.0)))


def test_a_tie_goes_to_the_newer() -> None:
    assert _result(_clean(17.0)).is_better_than(_result(_clean(17.0)))
    assert _result(_failed(40.0)).is_better_than(_result(_failed(40.0)))


@LAWS
@given(_results, _results)
def test_of_two_results_at_least_one_is_better(one: EvaluationResult, other: EvaluationResult) -> None:
    assert one.is_better_than(other) or other.is_better_than(one)


@LAWS
@given(_results, _results, _results)
def test_better_than_can_be_chained(a: EvaluationResult, b: EvaluationResult, c: EvaluationResult) -> None:
    if a.is_better_than(b) and b.is_better_than(c):
        assert a.is_better_than(c)


def test_lap_times_count_complete_laps_only() -> None:
    result = _result(_clean(17.0), _failed(50.0), _clean(18.0))

    assert result.best_lap_time_s == 17.0
    assert result.mean_lap_time_s == pytest.approx(17.5)
    assert result.mean_progress == pytest.approx(250 / 3)
    assert not result.is_clean


def test_a_lap_that_was_never_tried_counts_as_nothing_driven() -> None:
    result = EvaluationResult(laps=(_clean(17.0), _failed(50.0)), planned_laps=3)

    assert result.mean_progress == pytest.approx(50.0)
    assert not result.is_clean
    assert not EvaluationResult(laps=(_clean(17.0),), planned_laps=2).is_clean


def test_no_lap_at_all_is_neither_clean_nor_timed() -> None:
    result = _result()

    assert not result.is_clean
    assert result.mean_progress == 0.0
    assert result.mean_lap_time_s is None
    assert result.best_lap_time_s is None


@LAWS
@given(_results)
def test_a_result_written_as_json_reads_back_equal(result: EvaluationResult) -> None:
    assert EvaluationResult.model_validate_json(result.model_dump_json()) == result
