"""Evaluations that race against another model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobSpec, LapRecord, Outcome, TrainSpec
from tests.unit.api.service import NOWHERE, OWNER, Caller, assert_error, create_model, finish_training
from tests.unit.api.traces import EPISODE_0, EPISODE_1, claim, csv_of, store

URL = "/api/v1/models"
CAR = {"kind": "car", "x": 1.0, "y": 2.0, "yaw": 90.0, "length": 0.3, "width": 0.2, "height": 0.2, "speed": 1.5}


def trained(client: Caller, services: Services, **fields: Any) -> str:
    """Returns the id of a model with a checkpoint."""
    model = create_model(client, **fields)
    finish_training(services)
    return str(model["id"])


def lap_of(steps: int) -> dict[str, Any]:
    lap = LapRecord(trial=1, time_s=12.0, progress=100.0, steps=steps, outcome=Outcome.LAP_COMPLETE)
    return lap.model_dump(mode="json")


def test_the_job_has_copies_of_all_that_the_opponent_drives_with(client: Caller, services: Services) -> None:
    model = trained(client, services, name="one")
    opponent = trained(client, services, name="other", sensors=["LIDAR", "FRONT_FACING_CAMERA"], seed=7)
    body = {"opponent": opponent, "race": {"opponent_distance": -1.5, "number_of_resets": 3}}

    evaluation = client.post(f"{URL}/{model}/evaluations", json=body).json()
    client.delete(f"{URL}/{opponent}")

    spec = JobSpec.model_validate(services.database.jobs.get(OWNER, evaluation["id"]).spec)
    assert spec.evaluate is not None
    assert spec.evaluate.race is not None
    assert (spec.evaluate.race.race_type, spec.evaluate.race.number_of_resets) == ("HEAD_TO_MODEL", 3)
    assert spec.evaluate.opponent is not None
    assert spec.evaluate.opponent.model_dump() == {"name": "other", "checkpoint": "000001", "model_id": opponent}
    contents = {}
    for file in spec.files:
        with services.store.open(file.key) as opened:
            contents[file.path] = opened.read()
    theirs = TrainSpec.model_validate_json(contents["opponent/spec.json"])
    assert (theirs.seed, len(theirs.model_metadata.sensor)) == (7, 2)
    weights = [f"{folder}checkpoints/000001/policy.safetensors" for folder in ("", "opponent/")]
    assert contents[weights[0]] != contents[weights[1]]
    assert client.get(f"{URL}/{opponent}").status_code == 404
    found = client.get(f"{URL}/{model}/evaluations/{evaluation['id']}").json()
    assert found["opponent"] == {"model_id": opponent, "name": "other", "checkpoint": "000001", "laps": []}
    assert (found["verdict"], found["race"]["opponent_distance"]) == (None, -1.5)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"race": {"race_type": "HEAD_TO_MODEL"}}, 422, "opponent"),
        ({"opponent": "OTHER", "race": {"race_type": "OBJECT_AVOIDANCE"}}, 422, "opponent"),
        ({"opponent": "OTHER", "race": {"opponent_distance": 40.0}}, 422, "race.opponent_distance"),
        ({"opponent": "OTHER", "race": {"opponent_lane": 2}}, 422, "race.opponent_lane"),
        ({"opponent": "OTHER", "race": {"opponent_distance": -1.0}, "track": "drag_strip"}, 422, None),
        ({"race": {"opponent_distance": 3.0}}, 422, None),
        ({"opponent": "OTHER", "opponent_checkpoint": "000099"}, 409, None),
        ({"opponent": "UNTRAINED"}, 409, None),
        ({"opponent": NOWHERE}, 404, None),
        ({"opponent": "STRANGE"}, 404, None),
    ],
    ids=[
        "no-opponent",
        "other-race",
        "too-far",
        "no-lane",
        "before-the-start",
        "distance-alone",
        "no-such-checkpoint",
        "no-checkpoint",
        "unknown",
        "somebody-else's",
    ],
)
def test_an_opponent_that_cannot_race_is_refused_with_a_sentence(
    client: Caller, other_client: Caller, services: Services, body: dict[str, Any], status: int, field: str | None
) -> None:
    ids = {"MODEL": trained(client, services, name="a"), "OTHER": trained(client, services, name="b")}
    if body.get("opponent") == "STRANGE":
        ids["STRANGE"] = trained(other_client, services, name="c")
    if body.get("opponent") == "UNTRAINED":
        ids["UNTRAINED"] = create_model(client, name="d")["id"]
    stored = len(services.store.list(""))
    given = {**body, "opponent": ids.get(body["opponent"], body["opponent"])} if "opponent" in body else body

    answer = client.post(f"{URL}/{ids['MODEL']}/evaluations", json=given)

    assert_error(answer, status, field=field)
    assert client.get(f"{URL}/{ids['MODEL']}/evaluations").json()["evaluations"] == []
    assert len(services.store.list("")) == stored


def test_a_training_against_a_model_is_refused_with_what_to_do_instead(client: Caller) -> None:
    answer = client.post(URL, json={"name": "a", "track": "oval", "race": {"race_type": "HEAD_TO_MODEL"}})

    assert "evaluate" in assert_error(answer, 422, field="race.race_type")["message"]


def test_both_cars_have_laps_traces_and_what_they_met(client: Caller, services: Services) -> None:
    model = trained(client, services, name="one")
    body = {"opponent": trained(client, services, name="other"), "trials": 1}
    evaluation = client.post(f"{URL}/{model}/evaluations", json=body).json()
    job = claim(services)
    for name, lines in (("trace.csv", EPISODE_0), ("opponent.csv", EPISODE_1[:4])):
        store(services, job, f"evaluations/{job.attempt}/{name}", csv_of(lines), kind="evaluation")
    row = {"episode": 0, "steps": 1, "objects": [CAR]}
    store(services, job, f"evaluations/{job.attempt}/opponent.objects.jsonl", json.dumps(row), kind="evaluation")
    verdict = {"winner": "opponent", "reason": "took 11.000 s, the other 12.000 s", "margin_s": 1.0}
    opponent = {"name": "other", "model_id": body["opponent"], "checkpoint": "000001", "laps": [lap_of(4)]}
    outcome = {"state": "SUCCEEDED", "laps": [lap_of(7)], "opponent": opponent, "verdict": verdict}
    services.database.jobs.succeed(job.id, job.attempt, outcome)
    address = f"{URL}/{model}/evaluations/{evaluation['id']}"

    found = client.get(address).json()

    assert [lap["steps"] for lap in (*found["laps"], *found["opponent"]["laps"])] == [7, 4]
    assert found["verdict"] == verdict
    theirs = {"car": "opponent"}
    assert [len(client.get(f"{address}/trace", params=which).json()["rows"]) for which in ({}, theirs)] == [7, 4]
    assert client.get(f"{address}/trace.csv", params={**theirs, "lap": 1}).text == csv_of(EPISODE_1[:4])
    assert client.get(f"{address}/objects", params=theirs).json() == {"rows": [row]}
    assert client.get(f"{address}/objects").json() == {"rows": []}
    assert_error(client.get(f"{address}/trace", params={**theirs, "lap": 2}), 404)
    assert_error(client.get(f"{address}/trace", params={"car": "third"}), 422)


def test_an_evaluation_without_an_opponent_has_no_second_trace(client: Caller, services: Services) -> None:
    model = trained(client, services)
    evaluation = client.post(f"{URL}/{model}/evaluations", json={}).json()
    job = claim(services)
    store(services, job, "evaluations/1/trace.csv", csv_of(EPISODE_0), kind="evaluation")
    address = f"{URL}/{model}/evaluations/{evaluation['id']}"

    assert client.get(address).json()["opponent"] is None
    assert_error(client.get(f"{address}/trace", params={"car": "opponent"}), 404)
