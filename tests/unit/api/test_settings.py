"""What can be changed while the service runs, and how much room files take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.api._clean_up import clean_service
from deepracer_local.db import SLOTS_SETTING
from tests.unit.api.service import Caller, assert_error, create_model, finish_training

SETTINGS = "/api/v1/settings"


def test_slots_are_changed_for_runners_to_see_and_taken_back(client: Caller, services: Services) -> None:
    assert client.get(SETTINGS).json() == {"slots": None}

    assert client.patch(SETTINGS, json={"slots": 3}).json() == {"slots": 3}
    assert services.database.settings.get(SLOTS_SETTING) == 3
    assert client.patch(SETTINGS, json={}).json() == {"slots": 3}

    assert client.patch(SETTINGS, json={"slots": None}).json() == {"slots": None}
    assert services.database.settings.get(SLOTS_SETTING) is None


@pytest.mark.parametrize("value", [0, 257, -1, 1.5, "3", True, [1]])
def test_a_wrong_number_of_slots_is_refused(client: Caller, value: Any) -> None:
    assert_error(client.patch(SETTINGS, json={"slots": value}), 422, field="slots")


def test_an_unknown_setting_is_refused(client: Caller) -> None:
    assert_error(client.patch(SETTINGS, json={"colour": "red"}), 422, field="colour")


def test_usage_is_the_sum_of_ones_own_files_by_kind(client: Caller, other_client: Caller, services: Services) -> None:
    create_model(client)
    finish_training(services)

    usage = client.get("/api/v1/usage").json()

    stored = services.database.artifacts.list(client.get("/api/v1/models").json()["models"][0]["id"])
    assert usage["total_bytes"] == sum(artifact.size for artifact in stored) > 0
    assert sum(usage["bytes_by_kind"].values()) == usage["total_bytes"]
    assert other_client.get("/api/v1/usage").json() == {"total_bytes": 0, "bytes_by_kind": {}}


def test_cleaning_up_takes_a_deleted_models_leftovers_alone(client: Caller, services: Services) -> None:
    create_model(client)
    finish_training(services)
    services.store.put("jobs/gone/1/000000512-0123456789ab/manifest.json", b"{}")
    before = services.store.list()

    young = client.post("/api/v1/clean-up", json={"older_than_hours": 1})

    assert young.json()["artifacts"] == 0
    assert services.store.list() == before
    assert clean_service(services, before=datetime.now(UTC) + timedelta(hours=1), dry_run=False).keys == [
        "jobs/gone/1/000000512-0123456789ab/manifest.json"
    ]


def test_a_deleted_model_leaves_no_file(client: Caller, services: Services) -> None:
    model = create_model(client)
    job_id = finish_training(services)
    services.store.put(f"jobs/{job_id}/1/000001/manifest.json", b"{}")

    assert client.delete(f"/api/v1/models/{model['id']}").status_code == 204

    assert services.store.list() == []


@pytest.mark.parametrize("hours", [0, -1, 1.5, "24", None, 10**9])
def test_a_wrong_age_is_refused(client: Caller, hours: Any) -> None:
    body = {"older_than_hours": hours}

    assert_error(client.post("/api/v1/clean-up", json=body), 422, field="older_than_hours")
