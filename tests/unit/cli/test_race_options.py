"""How options become a race."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.cli._lap_table import lap_rows
from deepracer_local.cli._race import race_fields
from deepracer_local.cli._race_rules import UNLIMITED_RESETS, rule_fields
from deepracer_local.domain import LapRecord, Outcome
from deepracer_local.errors import SpecError, UnknownNameError

NO_RULES: dict[str, Any] = {
    "off_track_penalty": None,
    "collision_penalty": None,
    "resets": None,
    "stop_between_laps": False,
    "start_offset": None,
}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {}),
        ({"obstacles": 3}, {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 3}),
        ({"obstacle": ["0.2,-1"]}, {"race_type": "OBJECT_AVOIDANCE", "object_positions": ["0.2,-1"]}),
        (
            {"obstacles": 2, "random_places": True},
            {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 2, "randomize_obstacle_locations": True},
        ),
        (
            {"bots": 2, "bot_speed": 0.5, "lane_changes": True, "random_places": True},
            {
                "race_type": "HEAD_TO_BOT",
                "number_of_bot_cars": 2,
                "bot_car_speed": 0.5,
                "is_lane_change": True,
                "randomize_bot_car_locations": True,
            },
        ),
    ],
    ids=["none", "boxes", "fixed", "drawn", "cars"],
)
def test_options_tell_the_type_of_the_race(options: dict[str, Any], fields: dict[str, Any]) -> None:
    assert race_fields(None, None, **options) == fields


def test_a_type_may_be_named_as_people_write_it() -> None:
    assert race_fields(None, "head-to-bot") == {"race_type": "HEAD_TO_BOT"}
    with pytest.raises(UnknownNameError, match="TIME_TRIAL"):
        race_fields(None, "time_trail")


def test_options_overrule_the_file(tmp_path: Path) -> None:
    file = tmp_path / "race.json"
    file.write_text(json.dumps({"race_type": "HEAD_TO_BOT", "bot_car_speed": 1.0, "number_of_bot_cars": 4}))

    fields = race_fields(file, None, bots=1, random_places=True)

    assert fields == {
        "race_type": "HEAD_TO_BOT",
        "bot_car_speed": 1.0,
        "number_of_bot_cars": 1,
        "randomize_bot_car_locations": True,
    }


@pytest.mark.parametrize("text", ["{", "[]", None], ids=["not-json", "no-object", "no-file"])
def test_a_file_that_says_no_race_is_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "race.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(SpecError) as caught:
        race_fields(file, None)

    assert caught.value.field == "race"


def test_places_cannot_be_drawn_without_objects() -> None:
    with pytest.raises(SpecError, match="--obstacles or --bots"):
        race_fields(None, None, random_places=True)


@pytest.mark.parametrize(
    ("off_track", "options", "fields"),
    [
        (None, {}, {}),
        ("end", {}, {"number_of_resets": 0}),
        ("continue", {}, {"number_of_resets": UNLIMITED_RESETS}),
        ("continue", {"resets": 3}, {"number_of_resets": 3}),
        (None, {"resets": 3}, {"number_of_resets": 3}),
        (None, {"off_track_penalty": 4.0}, {"number_of_resets": UNLIMITED_RESETS, "off_track_penalty": 4.0}),
        ("end", {"collision_penalty": 4.0}, {"number_of_resets": 0, "collision_penalty": 4.0}),
        (None, {"stop_between_laps": True}, {"is_continuous": False}),
        (None, {"start_offset": 0.0}, {"start_position_offset": 0.0}),
    ],
)
def test_a_penalty_without_a_rule_means_to_continue(
    off_track: str | None, options: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert rule_fields(off_track, **NO_RULES | options) == fields


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="continue"):
        rule_fields("contine", **NO_RULES)


def test_faults_have_columns_where_a_car_was_set_back() -> None:
    clean = LapRecord(trial=1, time_s=9.5, progress=100.0, steps=142, outcome=Outcome.LAP_COMPLETE)
    dirty = clean.model_copy(update={"trial": 2, "off_tracks": 2, "crashes": 1, "resets": 3, "penalty_s": 9.0})

    plain, _ = lap_rows([clean.model_dump(mode="json")])
    columns, rows = lap_rows([lap.model_dump(mode="json") for lap in (clean, dirty)])

    assert plain == ["lap", "time s", "progress %", "steps", "status"]
    assert columns == ["lap", "time s", "progress %", "steps", "off", "crashes", "resets", "status"]
    assert rows[1] == [2, "9.500", "100.0", 142, 2, 1, 3, "Lap complete"]
