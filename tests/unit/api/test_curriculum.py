"""A curriculum through the API: how it may be sent, what becomes of it, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from deepracer_local.api import Services
from deepracer_local.domain import JobSpec
from tests.unit.api.service import REWARD, Caller, assert_error, create_model, finish_training

URL = "/api/v1/models"
CURRICULUM: dict[str, Any] = {
    "stages": [
        {"name": "easy", "tracks": ["oval"], "max_speed_mps": 0.8, "advance": {"completion": 90, "evaluations": 2}},
        {
            "name": "boxes",
            "tracks": [{"track": "oval", "reverse": True}, "drag_strip"],
            "race": {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 2},
            "advance": {"max_steps": 9000},
        },
        {"name": "all", "tracks": ["chicane"]},
    ],
    "forgotten_points": 30,
}


def files_of(services: Services, model: str) -> set[str]:
    """Returns the folders of tracks that a model's training job brings along."""
    job = JobSpec.model_validate(services.database.models.get("local", model).spec["job"])
    return {file.path.split("/")[1] for file in job.files if file.path.startswith("track/")}


def test_a_model_drives_at_last_where_its_last_stage_does_and_has_the_tracks_of_all(
    client: Caller, services: Services
) -> None:
    model = create_model(client, curriculum=CURRICULUM)

    stages = model["spec"]["curriculum"]["stages"]
    assert (model["track"], model["spec"]["track"]) == ("chicane", "chicane")
    assert [stage["race"]["race_type"] for stage in stages] == ["TIME_TRIAL", "OBJECT_AVOIDANCE", "TIME_TRIAL"]
    assert files_of(services, model["id"]) == {"oval", "drag_strip", "chicane"}


@pytest.mark.parametrize("how", ["json text", "yaml text", "a file"])
def test_it_may_come_as_text_or_as_a_file(client: Caller, how: str) -> None:
    text = yaml.safe_dump(CURRICULUM) if how == "yaml text" else json.dumps(CURRICULUM)
    if how == "a file":
        request = (None, json.dumps({"name": "m"}).encode())
        files = [("request", request), ("curriculum", ("c.json", text.encode()))]
        answer = client.post(URL, files=files)
    else:
        answer = client.post(URL, json={"name": "m", "curriculum": text})

    assert answer.status_code == 202, answer.text
    expected = create_model(client, name="n", curriculum=CURRICULUM)["spec"]["curriculum"]
    assert answer.json()["spec"]["curriculum"] == expected


def test_it_is_exported_and_made_again(client: Caller, services: Services) -> None:
    first = create_model(client, curriculum=CURRICULUM)

    exported = client.get(f"{URL}/{first['id']}/export")
    again = client.post(URL, content=exported.content, headers={"Content-Type": "application/yaml"}).json()

    assert yaml.safe_load(exported.text)["curriculum"] == CURRICULUM
    assert again["spec"] == first["spec"]


def test_a_clone_goes_through_the_stages_again_unless_it_names_a_track(client: Caller, services: Services) -> None:
    model = create_model(client, curriculum=CURRICULUM)
    finish_training(services)

    again = client.post(f"{URL}/{model['id']}/clone", json={"name": "again"}).json()
    elsewhere = client.post(f"{URL}/{model['id']}/clone", json={"name": "there", "track": "drag_strip"}).json()
    without = client.post(f"{URL}/{model['id']}/clone", json={"name": "without", "curriculum": None}).json()

    assert again["spec"] == model["spec"]
    assert (elsewhere["track"], elsewhere["spec"]["curriculum"]) == ("drag_strip", None)
    assert (without["track"], without["spec"]["curriculum"]) == ("oval", None)


def changed(i: int, **fields: Any) -> dict[str, Any]:
    stages = [dict(stage) for stage in CURRICULUM["stages"]]
    stages[i] |= fields
    return {"stages": stages}


@pytest.mark.parametrize(
    ("curriculum", "status", "field", "words"),
    [
        ("stages: [", 422, "curriculum", ("YAML",)),
        ("just words", 422, "curriculum", ()),
        ({}, 422, "curriculum", ("list of stages",)),
        (changed(1, tracks=["chicaen"]), 422, "curriculum.stages.1.tracks", ("stage 2", "'chicane'")),
        (changed(1, tracks=["../oval"]), 422, "curriculum.stages.1.tracks", ("stage 2", "GET /tracks")),
        (
            changed(1, race={"race_type": "OBJECT_AVOIDANCE", "min_distance_between_obstacles": 50}),
            422,
            "curriculum.stages.1.race.number_of_obstacles",
            ("stage 2 (boxes)", "at most"),
        ),
        (changed(0, advance=None), 422, "curriculum.stages", ("stage 1 (easy)", "advance")),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_stage_and_nothing_is_stored(
    client: Caller, services: Services, curriculum: Any, status: int, field: str, words: tuple[str, ...]
) -> None:
    body = {"name": "m", "reward_function": REWARD, "curriculum": curriculum}

    answer = assert_error(client.post(URL, json=body), status, field=field)

    for word in words:
        assert word in answer["message"]
    assert list(services.store.list("")) == []


def test_a_track_of_a_former_stage_is_kept_while_the_training_waits(client: Caller) -> None:
    points = [[0, 0], [4, 0], [5, 2], [4, 4], [0, 4], [-1, 2]]
    client.post("/api/v1/tracks/drawn", json={"name": "mine", "points": points, "width_m": 0.8})
    create_model(client, curriculum={"stages": [{"tracks": ["mine"], "advance": {"max_steps": 1}}, {}]})

    assert_error(client.request("DELETE", "/api/v1/tracks/mine"), 409)


@pytest.mark.parametrize("route", ["check", "preview"])
def test_a_reward_function_is_tried_where_the_first_stage_drives(client: Caller, route: str) -> None:
    text = "def reward_function(params):\n    assert params['track_length'] < 20\n    return 1.0\n"
    first = {"tracks": [{"track": "chicane", "reverse": True}], "advance": {"max_steps": 9}}
    body = {"reward_function": text, "track": "oval"}  # of 17 m; the other has 21

    plain = client.post(f"/api/v1/reward-functions/{route}", json=body).json()
    staged = client.post(
        f"/api/v1/reward-functions/{route}", json=body | {"curriculum": {"stages": [first, {}]}}
    ).json()

    assert (plain["usable"], staged["usable"]) == (True, False)
