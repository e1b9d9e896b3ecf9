"""Models that begin with the weights of another one."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import DEFAULT_METADATA, RANDOMISATIONS, SAC_HYPERPARAMETERS, JobSpec
from tests.unit.api.service import OWNER, REWARD, Caller, assert_error, create_model, finish_training
from tests.unit.api.test_models import METADATA

URL = "/api/v1/models"


def test_a_clone_begins_with_its_parents_weights_and_keeps_them(client: Caller, services: Services) -> None:
    parent = create_model(client, description="the first", cars=4)
    finish_training(services)

    clone = client.post(f"{URL}/{parent['id']}/clone", json={"name": "second", "track": "chicane"})

    assert clone.status_code == 202, clone.text
    body = clone.json()
    assert (body["parent_id"], body["parent_checkpoint"]) == (parent["id"], "000001")
    assert (body["track"], body["spec"]["n_envs"], body["description"]) == ("chicane", 4, "the first")
    assert client.get(f"{URL}/{body['id']}/reward-function").text == REWARD
    client.delete(f"{URL}/{parent['id']}")
    [initial] = [
        f for f in services.database.jobs.get(OWNER, body["jobs"][0]["id"]).spec["files"] if "initial" in f["path"]
    ]
    with services.store.open(initial["key"]) as file:
        assert file.read().startswith(b"policy.safetensors of")


FAST_METADATA = DEFAULT_METADATA.to_file_dict()
SAC_METADATA = FAST_METADATA | {
    "action_space": {"steering_angle": {"low": -30.0, "high": 30.0}, "speed": {"low": 0.5, "high": 1.0}},
    "action_space_type": "continuous",
    "training_algorithm": "sac",
}


def test_a_clone_may_change_speeds_hyperparameters_and_the_way_round(client: Caller, services: Services) -> None:
    parent = create_model(client)
    finish_training(services)
    faster = [action | {"speed": 2.0} for action in FAST_METADATA["action_space"]]
    changes = {
        "model_metadata": FAST_METADATA | {"action_space": faster},
        "hyperparameters": {"lr": 1e-4, "exploration_type": "e-greedy"},
        "reverse": True,
        "checkpoint": "000001",
    }

    answer = client.post(f"{URL}/{parent['id']}/clone", json={"name": "c", **changes})

    assert answer.status_code == 202, answer.text
    spec = answer.json()["spec"]
    assert {action["speed"] for action in spec["model_metadata"]["action_space"]} == {2.0}
    assert (spec["hyperparameters"]["lr"], spec["race"]["reverse_dir"]) == (1e-4, True)


def test_an_algorithm_is_chosen_by_its_name(client: Caller) -> None:
    spec = create_model(client, algorithm="sac")["spec"]

    assert spec["model_metadata"]["training_algorithm"] == "sac"
    assert spec["model_metadata"]["action_space_type"] == "continuous"
    assert spec["hyperparameters"] == SAC_HYPERPARAMETERS.model_dump(mode="json")
    for wrong in ({"algorithm": "dqn"}, {"algorithm": "sac", "model_metadata": FAST_METADATA}):
        assert_error(client.post(URL, json={"name": "m", **wrong}), 422, field="algorithm")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"network": "deep"}, "network"),
        ({"algorithm": "sac"}, "algorithm"),
        ({"model_metadata": SAC_METADATA}, "algorithm"),
        ({"model_metadata": SAC_METADATA | {"training_algorithm": "clipped_ppo"}}, "action_space_type"),
        ({"model_metadata": FAST_METADATA | {"sensor": ["LEFT_CAMERA"]}}, "sensor"),
        ({"model_metadata": FAST_METADATA | {"action_space": FAST_METADATA["action_space"][:4]}}, "action_space"),
        ({"hyperparameters": {"stack_size": 2}}, "stack_size"),
        ({"model_metadata": METADATA}, "network"),
        ({"model_metadata": METADATA, "network": "fast"}, "action_space"),
        ({"sensors": ["LEFT_CAMERA"]}, "sensor"),
        ({"name": ""}, "name"),
        ({"track": "nowhere"}, "track"),
        ({"example": "center_line", "reward_function": REWARD}, "example"),
        ({"checkpoint": "x" * 21}, "checkpoint"),
    ],
)
def test_a_clone_that_does_not_fit_is_refused_with_the_reason(
    client: Caller, services: Services, change: dict[str, Any], field: str
) -> None:
    parent = create_model(client)
    finish_training(services)
    n_files = len(services.store.list())

    answer = client.post(f"{URL}/{parent['id']}/clone", json={"name": "c", **change})

    assert_error(answer, 422, field=field)
    assert len(services.store.list()) == n_files


def test_a_checkpoint_that_is_not_there_is_a_conflict(client: Caller, services: Services) -> None:
    address = f"{URL}/{create_model(client)['id']}"

    assert_error(client.post(f"{address}/evaluations", json={}), 409)
    assert_error(client.post(f"{address}/clone", json={"name": "c"}), 409)
    assert_error(client.get(f"{address}/archive"), 409)
    finish_training(services)
    assert_error(client.post(f"{address}/evaluations", json={"checkpoint": "000009"}), 409)
    assert client.post(f"{address}/evaluations", json={"checkpoint": "000001"}).status_code == 202


def test_a_model_gets_the_randomisation_that_it_asks_for_and_its_clone_keeps_it(
    client: Caller, services: Services
) -> None:
    named = client.post(URL, json={"name": "named", "track": "oval", "randomisation": "mild"}).json()
    finish_training(services)
    ranges = client.post(URL, json={"name": "r", "track": "oval", "randomisation": {"friction": [0.5, 1]}}).json()
    exported = client.get(f"{URL}/{named['id']}/export").content
    again = client.post(URL, content=exported, headers={"Content-Type": "application/yaml"}).json()

    clone = client.post(f"{URL}/{named['id']}/clone", json={"name": "clone"}).json()
    evaluation = client.post(f"{URL}/{named['id']}/evaluations", json={"randomisation": "strong"}).json()

    for model in (named, again, clone):
        assert model["spec"]["randomisation"] == RANDOMISATIONS["mild"].model_dump(mode="json")
    job = JobSpec.model_validate(services.database.jobs.get(OWNER, evaluation["id"]).spec)
    assert job.evaluate is not None
    assert job.evaluate.randomisation == RANDOMISATIONS["strong"]
    assert ranges["spec"]["randomisation"] == {**RANDOMISATIONS["off"].model_dump(mode="json"), "friction": [0.5, 1.0]}
