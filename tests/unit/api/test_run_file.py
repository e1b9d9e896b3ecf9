"""A model as one YAML file: what is exported makes the same training again."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from deepracer_local.api import Services
from tests.unit.api.service import Caller, assert_error, create_model

YAML = {"Content-Type": "application/yaml"}
REWARD = """def reward_function(params):
    # é: "quoted"
    if params["progress"] == 100:
        return 10.0
    return 1.0
"""


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"reward_function": None, "example": "center_line"},
        {
            "reward_function": "def reward_function(params):\r\n\treturn 1.0  \n",
            "seed": 7,
            "tags": ["a"],
            "reverse": True,
        },
        {"hyperparameters": {"lr": 1e-4, "batch_size": 128}, "network": "shallow", "max_minutes": 1.5, "cars": 3},
        {"reward_error_floor": 0.001, "max_reward_errors": 7},
    ],
    ids=["plain", "example", "odd text", "all", "reward errors"],
)
def test_what_is_exported_makes_the_same_training(client: Caller, services: Services, fields: dict[str, Any]) -> None:
    first = create_model(client, **{"reward_function": REWARD, **fields})
    exported = client.get(f"/api/v1/models/{first['id']}/export")
    again = client.post("/api/v1/models", content=exported.content, headers=YAML).json()

    specs = [services.database.models.get("local", model["id"]).spec for model in (first, again)]
    assert specs[0]["request"] == specs[1]["request"]
    assert specs[0]["train"] == specs[1]["train"]


def test_source_code_is_a_block_that_a_person_can_edit(client: Caller) -> None:
    model = create_model(client, reward_function=REWARD)

    text = client.get(f"/api/v1/models/{model['id']}/export").text

    assert "reward_function: |\n  def reward_function(params):\n" in text
    assert yaml.safe_load(text)["reward_function"] == REWARD


@pytest.mark.parametrize(
    "content",
    [
        b"a: [",
        b"\xff\xfe\x00",
        b"name: &a [x]\ntags: *a\n",
        b"name: 2026-01-01\n",
        b"seed: .nan\n",
        b"!!python/object/apply:os.system [ls]\n",
        b"[" * 5_000,
        b"- a\n",
        b"",
    ],
    ids=["open", "bytes", "alias", "date", "nan", "object", "deep", "list", "empty"],
)
def test_other_yaml_is_refused(client: Caller, services: Services, content: bytes) -> None:
    answer = client.post("/api/v1/models", content=content, headers=YAML)

    assert_error(answer, 422)
    assert services.database.models.list("local").items == ()
