"""The routes about files of a model for other programs."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.api import Services
from deepracer_local.domain import ExportFormat, ExportReport, JobKind, JobSpec, ModelMetadata, Sensor
from tests.unit.api.exports import ARCHIVE, finish_with_export
from tests.unit.api.service import NOWHERE, Caller, assert_error, create_model, finish_training


@pytest.fixture
def model(client: Caller) -> dict[str, Any]:
    return create_model(client, name="my v1.2 car")


def test_the_archive_comes_with_what_its_test_found(client: Caller, services: Services, model: dict[str, Any]) -> None:
    report = finish_with_export(services)
    where = f"/api/v1/models/{model['id']}"

    answer = client.get(f"{where}/assets/physical-car")
    named = client.get(f"{where}/assets/physical-car?checkpoint=000001&format=car")
    listed = client.get(f"{where}/exports").json()

    assert (answer.status_code, answer.content) == (200, ARCHIVE)
    assert named.content == ARCHIVE
    assert answer.headers["content-type"] == "application/gzip"
    assert answer.headers["x-self-test-agreement"] == "0.995000"
    assert answer.headers["x-self-test-frames"] == "200"
    assert answer.headers["x-self-test-largest-difference"] == "1.500e-04"
    # The car calls a model by what comes before the first dot.
    assert 'filename="my_v1_2_car.tar.gz"' in answer.headers["content-disposition"]
    assert listed["why_not_on_the_car"] is None
    assert [one["name"] for one in listed["exports"]] == ["exports/000001/model.tar.gz"]
    assert ExportReport.model_validate(listed["exports"][0]["report"]) == report


@pytest.mark.parametrize("changes", [{"weights_sha256": "0" * 64}, {"sha256": "0" * 64}], ids=["weights", "file"])
def test_an_archive_of_other_weights_is_not_given_out(
    client: Caller, services: Services, model: dict[str, Any], changes: dict[str, str]
) -> None:
    finish_with_export(services, **changes)

    assert_error(client.get(f"/api/v1/models/{model['id']}/assets/physical-car"), 409, code="CONFLICT")


def test_what_has_not_been_made_is_said_so_and_can_be_queued(
    client: Caller, services: Services, model: dict[str, Any]
) -> None:
    where = f"/api/v1/models/{model['id']}"
    assert_error(client.get(f"{where}/assets/physical-car"), 409, code="CONFLICT")
    assert_error(client.post(f"{where}/exports", json={}), 409, code="CONFLICT")
    finish_training(services)

    missing = client.get(f"{where}/assets/physical-car?format=onnx")
    queued = client.post(f"{where}/exports", json={"formats": ["onnx", "car", "onnx"]})

    assert "/exports" in assert_error(missing, 409, code="CONFLICT")["message"]
    assert (queued.status_code, queued.json()["kind"]) == (202, "EXPORT")
    job = services.database.jobs.claim("worker", 60.0, [JobKind.EXPORT])
    assert job is not None
    spec = JobSpec.model_validate(job.spec)
    assert spec.export is not None
    assert (spec.export.checkpoint, spec.export.formats) == ("000001", (ExportFormat.ONNX, ExportFormat.CAR))
    assert {file.path.split("/")[0] for file in spec.files} == {"checkpoints", "track"}
    # It takes seconds, and the model can do all that it can do otherwise.
    assert client.get(where).json()["status"] == "READY"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"formats": []}, "formats"), ({"formats": ["pb"]}, "formats.0"), ({"checkpoint": "x" * 21}, "checkpoint")],
)
def test_a_wish_that_cannot_be_met_names_its_field(
    client: Caller, services: Services, model: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    finish_training(services)

    assert_error(client.post(f"/api/v1/models/{model['id']}/exports", json=body), 422, code="INVALID", field=field)
    assert_error(client.get(f"/api/v1/models/{NOWHERE}/exports"), 404)


def test_what_the_car_cannot_drive_with_is_refused_before_it_is_queued(
    client: Caller, services: Services, model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_with_export(services)
    sensors = (Sensor.FRONT_FACING_CAMERA, Sensor.DISCRETIZED_SECTOR_LIDAR)
    read = JobSpec.model_validate

    def with_lidar(value: Any) -> JobSpec:
        spec = read(value)
        metadata: ModelMetadata = spec.train.model_metadata.model_copy(update={"sensor": sensors})
        return spec.model_copy(update={"train": spec.train.model_copy(update={"model_metadata": metadata})})

    monkeypatch.setattr("deepracer_local.api._exports.JobSpec.model_validate", with_lidar)
    where = f"/api/v1/models/{model['id']}"

    refused = assert_error(client.post(f"{where}/exports", json={}), 422, field="formats")
    assert "DISCRETIZED_SECTOR_LIDAR" in refused["message"]
    assert_error(client.get(f"{where}/assets/physical-car"), 409)
    assert client.get(f"{where}/exports").json()["why_not_on_the_car"] == refused["message"]
    assert client.post(f"{where}/exports", json={"formats": ["onnx"]}).status_code == 202
