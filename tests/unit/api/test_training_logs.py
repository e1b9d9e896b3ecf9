"""Logs in the original's formats from the service: while a training runs, of one owner only, whole or an error."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import httpx

from deepracer_local.api import Services
from deepracer_local.client import Client
from tests.unit.api.service import NOWHERE, OTHER, URL, Caller, Connect, add_token, assert_error, create_model
from tests.unit.api.traces import drive, finish_evaluation, store


def members(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]  # files


def test_a_training_that_runs_has_logs_of_what_has_ended(client: Caller, services: Services) -> None:
    model = create_model(client, name="My car")
    address = f"/api/v1/models/{model['id']}/assets/training-logs"
    assert_error(client.get(address), 404, code="NOT_FOUND")  # nothing has ended
    drive(services)

    answer = client.get(address)

    assert answer.headers["content-disposition"] == 'attachment; filename="My_car-training-logs.tar.gz"'
    files = members(answer)
    trace = files["My_car/sim-trace/training/training-simtrace/0-iteration.csv"].decode().splitlines()
    assert [line.split(",")[0] for line in trace[1:]] == ["0"] * 7 + ["19"] * 7
    assert b"def reward_function" in files["My_car/reward_function.py"]
    drfc = members(client.get(f"{address}?layout=drfc"))
    assert "My_car/metrics/TrainingMetrics.json" in drfc
    assert_error(client.get(f"{address}?layout=other"), 422, field="layout")


def test_evaluations_have_logs_of_their_own_and_come_with_the_training_when_asked(
    client: Caller, services: Services
) -> None:
    model = create_model(client, name="m")
    address = f"/api/v1/models/{model['id']}/assets"
    evaluated = drive(services)
    services.database.models.set_result(
        evaluated.id, evaluated.attempt, best_checkpoint="000001", last_checkpoint="000001", best_lap_time_s=None
    )
    for name in ("model.json", "policy.safetensors"):
        store(services, evaluated, f"checkpoints/000001/{name}", name, kind="checkpoint")
    services.database.jobs.succeed(evaluated.id, evaluated.attempt, {"state": "SUCCEEDED"})
    assert_error(client.get(f"{address}/evaluation-logs"), 404)
    first = client.post(f"/api/v1/models/{model['id']}/evaluations", json={"trials": 2}).json()["id"]
    finish_evaluation(services)

    alone = members(client.get(f"{address}/evaluation-logs"))
    chosen = members(client.get(f"{address}/evaluation-logs?evaluation={first}&layout=drfc"))
    both = members(client.get(f"{address}/training-logs?evaluations=true"))

    [trace] = [content for name, content in alone.items() if "evaluation-simtrace" in name]
    assert [line.split(b",")[0] for line in trace.splitlines()[1:]] == [b"0"] * 3 + [b"1"] * 4
    assert len([name for name in chosen if "evaluation-simtrace" in name]) == 1
    assert any("training-simtrace" in name for name in both)
    assert any("evaluation-simtrace" in name for name in both)
    assert_error(client.get(f"{address}/evaluation-logs?evaluation={NOWHERE}"), 404)


def test_nobody_gets_logs_of_somebody_elses_model(client: Caller, services: Services, connect: Connect) -> None:
    model = create_model(client)
    drive(services)
    stranger = connect(add_token(services.database, OTHER))

    for kind in ("training", "evaluation"):
        assert_error(stranger.get(f"/api/v1/models/{model['id']}/assets/{kind}-logs"), 404)


def test_a_lost_or_damaged_trace_is_an_error_and_not_half_an_archive(client: Caller, services: Services) -> None:
    model = create_model(client)
    drive(services)
    address = f"/api/v1/models/{model['id']}/assets/training-logs"
    for stored in services.store.list():
        if stored.key.endswith("trace/training/1.csv"):
            services.store.delete(stored.key)

    assert_error(client.get(address), 404)


def test_the_client_saves_them(client: Caller, services: Services, tmp_path: Path) -> None:
    model = create_model(client, name="m")
    drive(services)

    def answer(request: httpx.Request) -> httpx.Response:
        found = client.get(request.url.raw_path.decode())
        return httpx.Response(found.status_code, headers={"Content-Type": "x/y"}, content=found.content)

    with Client(URL, "token", transport=httpx.MockTransport(answer)) as service:
        path = service.model(model["id"]).save_logs(tmp_path / "logs.tar.gz", layout="drfc")
        asset = service.model(model["id"]).save_asset("training-logs", tmp_path / "asset.tar.gz")

    with tarfile.open(path) as archive:
        assert "m/metrics/TrainingMetrics.json" in archive.getnames()
    with tarfile.open(asset) as archive:
        assert "m/sim-trace/training/training-simtrace/0-iteration.csv" in archive.getnames()
