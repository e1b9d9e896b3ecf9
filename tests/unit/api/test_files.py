"""What a model leaves behind: rows, checkpoints, files and the archive."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import JobKind
from tests.unit.api.service import REWARD, Caller, assert_error, create_model, finish_training


def test_rows_come_in_order_and_in_pages(client: Caller, services: Services) -> None:
    model = create_model(client)
    job = services.database.jobs.claim("w", 60.0, list(JobKind))
    assert job is not None
    rows = [{"iteration": i, "reward": i / 2} for i in range(1, 6)]
    services.database.progress.append_metrics(job.id, 1, rows)
    services.database.progress.append_episodes(job.id, 1, [{"number": i, "iteration": 1} for i in range(3)])
    services.database.progress.append_evaluations(job.id, 1, [{"iteration": 2, "laps": []}])
    address = f"/api/v1/models/{model['id']}"

    assert client.get(f"{address}/metrics").json()["rows"] == rows
    assert client.get(f"{address}/metrics?after=2&limit=2").json()["rows"] == rows[2:4]
    assert len(client.get(f"{address}/episodes").json()["rows"]) == 3
    assert client.get(f"{address}/training-evaluations").json()["rows"] == [{"iteration": 2, "laps": []}]
    for query, field in [("after=-2", "after"), ("limit=0", "limit"), (f"after={10**30}", "after")]:
        assert_error(client.get(f"{address}/episodes?{query}"), 422, field=field)


def test_checkpoints_and_assets_are_listed_and_downloaded(client: Caller, services: Services) -> None:
    model = create_model(client, name="My car 1.0")
    finish_training(services)
    address = f"/api/v1/models/{model['id']}"

    [checkpoint] = client.get(f"{address}/checkpoints").json()["checkpoints"]
    assets = client.get(f"{address}/assets").json()["assets"]
    name = "checkpoints/000001/policy.safetensors"
    file = client.get(f"{address}/assets/{name}")

    assert (checkpoint["name"], checkpoint["is_best"], checkpoint["is_last"]) == ("000001", True, True)
    assert len(assets) == 3
    assert file.content.startswith(b"policy.safetensors of")
    assert int(file.headers["content-length"]) == len(file.content)
    assert file.headers["content-type"] == "application/octet-stream"
    expected = 'attachment; filename="My_car_1.0-checkpoints-000001-policy.safetensors"'
    assert file.headers["content-disposition"] == expected


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "../../service.db",
        "..%2f..%2fservice.db",
        "%252e%252e/x",
        "..;/x",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "..%5c..%5cx",
        "x%00",
        "%e2%80%ae",
        "a" * 3_000,
    ],
)
def test_only_files_of_the_model_are_found(client: Caller, services: Services, name: str) -> None:
    model = create_model(client)
    finish_training(services)

    assert_error(client.get(f"/api/v1/models/{model['id']}/assets/{name}"), 404, code="NOT_FOUND")


def test_the_archive_is_a_run_directory(client: Caller, services: Services) -> None:
    model = create_model(client, name="My car")
    finish_training(services)
    address = f"/api/v1/models/{model['id']}/archive"

    first, again = client.get(address), client.get(f"{address}?checkpoint=000001")

    assert first.content == again.content
    assert first.headers["content-disposition"] == 'attachment; filename="My_car.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(first.content)) as archive:
        contents = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}  # type: ignore[union-attr]  # plain files
    assert contents["My_car/reward_function.py"].decode() == REWARD
    assert json.loads(contents["My_car/checkpoints/index.json"]) == {"best": "000001", "last": "000001"}
    assert json.loads(contents["My_car/spec.json"])["track"] == "oval"
    assert {"My_car/track/oval/track.json", "My_car/checkpoints/000001/model.json"} <= contents.keys()


def test_a_file_that_the_store_has_lost_is_an_error_and_not_half_an_answer(client: Caller, services: Services) -> None:
    model = create_model(client)
    finish_training(services)
    for stored in services.store.list():
        services.store.delete(stored.key)
    address = f"/api/v1/models/{model['id']}"

    for path in ("archive", "reward-function", "assets/checkpoints/000001/model.json"):
        assert_error(client.get(f"{address}/{path}"), 404)
