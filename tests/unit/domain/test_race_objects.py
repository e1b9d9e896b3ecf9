"""What a race may ask for, and that old files go on to be read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from deepracer_local.domain import EvaluationResult, LapRecord, ObjectPosition, Outcome, RaceSpec, evaluation_race

BOXES = {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 2}


def test_a_race_reads_back_equal() -> None:
    spec = RaceSpec(race_type="OBJECT_AVOIDANCE", object_positions=("0.2,-1", "0.5, 7"), number_of_resets=3)

    assert RaceSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.positions == (ObjectPosition(0.2, -1), ObjectPosition(0.5, 1))
    assert (spec.n_objects, RaceSpec().n_objects, RaceSpec(race_type="HEAD_TO_BOT").n_objects) == (2, 0, 3)


@pytest.mark.parametrize(
    "fields",
    [
        {"object_positions": ["1.0,1"]},
        {"object_positions": ["0.5"]},
        {"object_positions": ["0.5,left"]},
        {"object_positions": ["0.1,1"] * 7},
        {"number_of_obstacles": 0},
        {"min_distance_between_obstacles": 0.1},
        {"off_track_penalty": 61.0},
        {"collision_penalty": -1.0},
        {"number_of_bot_cars": 2},
        {"bot_car_speed": 1.0},
    ],
    ids=str,
)
def test_what_is_out_of_bounds_or_of_another_race_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RaceSpec.model_validate({"race_type": "OBJECT_AVOIDANCE", **fields})


def test_an_evaluation_that_names_no_type_keeps_the_objects_of_the_training() -> None:
    own = RaceSpec.model_validate({**BOXES, "start_position": "random", "number_of_resets": 9})

    kept = evaluation_race(own, {"off_track_penalty": 4.0})
    other = evaluation_race(own, {"race_type": "TIME_TRIAL"})

    assert (kept.race_type, kept.number_of_obstacles) == ("OBJECT_AVOIDANCE", 2)
    assert (kept.off_track_penalty, kept.number_of_resets) == (4.0, 0)
    assert other.n_objects == 0


def test_laps_written_before_there_were_penalties_go_on_to_be_read() -> None:
    old = {"trial": 1, "time_s": 9.5, "progress": 100.0, "steps": 142, "outcome": "lap_complete"}

    lap = LapRecord.model_validate(old)

    assert (lap.off_tracks, lap.crashes, lap.resets, lap.penalty_s) == (0, 0, 0, 0.0)
    assert lap.is_clean


def test_a_complete_lap_with_penalties_counts_for_the_times_and_is_not_clean() -> None:
    clean = LapRecord(trial=1, time_s=12.0, progress=100.0, steps=180, outcome=Outcome.LAP_COMPLETE)
    dirty = clean.model_copy(update={"trial": 2, "time_s": 10.0, "resets": 1, "crashes": 1, "penalty_s": 2.0})

    result = EvaluationResult(laps=(clean, dirty), planned_laps=2)

    assert (result.best_lap_time_s, result.mean_lap_time_s, result.is_clean) == (10.0, 11.0, False)
    assert dirty.is_complete
    assert not dirty.is_clean
