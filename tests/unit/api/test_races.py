"""What a model and an evaluation may ask of a race, and where its objects are told of."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobSpec, RaceSpec
from tests.unit.api.service import NOWHERE, OWNER, Caller, assert_error, create_model, finish_training
from tests.unit.api.traces import claim, csv_of, lines_of, store

URL = "/api/v1/models"
BOXES = {"race_type": "OBJECT_AVOIDANCE", "object_positions": ["0.2,-1", "0.6,1"]}
BOX = {"kind": "box", "x": 1.0, "y": 2.0, "yaw": 90.0, "length": 0.4, "width": 0.3, "height": 0.25, "speed": 0.0}


def job_spec(services: Services, job_id: str) -> JobSpec:
    return JobSpec.model_validate(services.database.jobs.get(OWNER, job_id).spec)


def test_a_model_keeps_the_race_that_it_was_asked_for(client: Caller, services: Services) -> None:
    race = {**BOXES, "start_position": "random", "alternate_driving_direction": True}

    model = client.post(URL, json={"name": "boxes", "track": "oval", "reverse": True, "race": race}).json()

    expected = RaceSpec.model_validate({**race, "reverse_dir": True})
    assert RaceSpec.model_validate(model["spec"]["race"]) == expected
    assert job_spec(services, model["jobs"][0]["id"]).train.race == expected
    # A clone asks for the same unless told otherwise.
    finish_training(services)
    clone = client.post(f"{URL}/{model['id']}/clone", json={"name": "clone"}).json()
    assert RaceSpec.model_validate(clone["spec"]["race"]) == expected


@pytest.mark.parametrize(
    ("race", "field"),
    [
        ({"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 7}, "race.number_of_obstacles"),
        ({"race_type": "OBJECT_AVOIDANCE", "object_positions": ["0.5"]}, "race.object_positions"),
        ({"race_type": "OBJECT_AVOIDANCE", "min_distance_between_obstacles": 9.0}, "race.number_of_obstacles"),
        ({"race_type": "HEAD_TO_BOT", "bot_car_speed": 5.0}, "race.bot_car_speed"),
        ({"race_type": "HEAD_TO_BOT", "is_lane_change": True, "lower_lane_change_time": 9.0}, "race"),
        ({"number_of_obstacles": 3}, "race"),
        ({"number_of_resets": 3}, "race.number_of_resets"),
        ({"race_type": "RACE"}, "race.race_type"),
    ],
    ids=["too-many", "no-lane", "no-room", "too-fast", "times", "other-type", "not-in-training", "unknown"],
)
def test_a_race_that_cannot_be_is_refused_at_its_field(client: Caller, race: dict[str, Any], field: str) -> None:
    answer = client.post(URL, json={"name": "a", "track": "oval", "race": race})

    assert_error(answer, 422, field=field)


def test_an_evaluation_keeps_the_objects_of_the_training_unless_it_names_a_type(
    client: Caller, services: Services
) -> None:
    model = create_model(client, track="oval", race=BOXES)
    finish_training(services)
    address = f"{URL}/{model['id']}/evaluations"

    plain = client.post(address, json={}).json()
    rules = client.post(address, json={"race": {"number_of_resets": 5, "off_track_penalty": 3.5}}).json()
    other = client.post(
        address,
        json={"race": {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 2}, "reverse": True, "seed": 9},
    ).json()

    assert plain["race"] | BOXES | {"number_of_resets": 0} == plain["race"]
    assert (plain["reverse"], plain["seed"]) == (False, 0)
    assert rules["race"] | BOXES | {"number_of_resets": 5, "off_track_penalty": 3.5} == rules["race"]
    assert (other["race"]["race_type"], other["race"]["object_positions"]) == ("HEAD_TO_BOT", [])
    assert (other["reverse"], other["seed"]) == (True, 9)
    wish = job_spec(services, other["id"]).evaluate
    assert wish is not None
    assert (wish.reverse, wish.seed, wish.race.number_of_bot_cars if wish.race else None) == (True, 9, 2)
    assert job_spec(services, plain["id"]).evaluate.race is None  # type: ignore[union-attr]


@pytest.mark.parametrize("track", [None, "chicane"])
def test_an_evaluation_whose_objects_have_no_room_is_refused(
    client: Caller, services: Services, track: str | None
) -> None:
    model = create_model(client, track="oval")
    finish_training(services)
    race = {"race_type": "OBJECT_AVOIDANCE", "min_distance_between_obstacles": 20.0}

    answer = client.post(f"{URL}/{model['id']}/evaluations", json={"race": race, "track": track})

    assert_error(answer, 422, field="race.number_of_obstacles")


def test_objects_are_told_of_by_the_episodes_and_steps_of_the_trace(client: Caller, services: Services) -> None:
    model = create_model(client, track="oval", race=BOXES)
    finish_training(services)
    rows = [{"episode": i, "steps": 1, "objects": [BOX | {"x": float(i)}]} for i in range(2)]
    evaluation = client.post(f"{URL}/{model['id']}/evaluations", json={}).json()
    address = f"{URL}/{model['id']}/evaluations/{evaluation['id']}/objects"
    empty = client.get(address).json()
    job = claim(services)
    lines = "".join(f"{row}\n".replace("'", '"') for row in rows)
    store(services, job, "evaluations/1/objects.jsonl", lines, kind="evaluation")
    store(services, job, "trace/training/3.csv", csv_of(lines_of(0, range(1, 8))))
    store(services, job, "trace/training/3.objects.jsonl", lines, kind="trace-objects")

    assert empty == {"rows": []}
    assert client.get(address).json() == {"rows": rows}
    assert client.get(address, params={"episode": 1}).json() == {"rows": rows[1:]}
    assert client.get(f"{URL}/{model['id']}/traces/training/3/objects").json() == {"rows": rows}
    assert_error(client.get(f"{URL}/{model['id']}/traces/training/4/objects"), 404)
    assert_error(client.get(f"{URL}/{model['id']}/evaluations/{NOWHERE}/objects"), 404)


def test_a_damaged_file_of_objects_is_said_to_be_damaged(client: Caller, services: Services) -> None:
    model = create_model(client, track="oval")
    finish_training(services)
    evaluation = client.post(f"{URL}/{model['id']}/evaluations", json={}).json()
    store(services, claim(services), "evaluations/1/objects.jsonl", '{"episode": 0}\n', kind="evaluation")

    assert_error(client.get(f"{URL}/{model['id']}/evaluations/{evaluation['id']}/objects"), 409)


def test_a_reward_function_is_checked_among_the_objects_of_its_race(client: Caller) -> None:
    text = "def reward_function(params):\n    return 1.0 / (3 - len(params['objects_distance']))\n"
    body = {"reward_function": text, "track": "oval"}

    alone = client.post("/api/v1/reward-functions/check", json=body).json()
    three = {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 3}
    among = client.post("/api/v1/reward-functions/check", json=body | {"race": three}).json()

    assert alone["usable"]
    assert not among["usable"]
    assert any("boxes on the road" in (finding["place"] or "") for finding in among["findings"])
