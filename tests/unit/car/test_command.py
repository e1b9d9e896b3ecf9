"""The command ``car push`` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepracer_local.cli._car import app
from deepracer_local.errors import SpecError
from tests.integration.service import api_in_thread
from tests.unit.api.exports import finish_with_export
from tests.unit.api.service import add_token, make_services
from tests.unit.car.fake_car import PASSWORD, FakeCar, running
from tests.unit.car.test_push import FILES, FINGERPRINT, write_archive


def test_an_archive_is_pushed_with_a_password_from_a_file(tmp_path: Path) -> None:
    state, secret = FakeCar(), tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n")
    with running(state) as address:
        line = ["push", address, str(write_archive(tmp_path)), "--fingerprint", FINGERPRINT, "--name", "fast"]
        done = CliRunner().invoke(app, [*line, "--password-file", str(secret), "--json"])

    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer == {
        "car": address,
        "name": "fast",
        "size": answer["size"],
        "has_replaced": False,
        "is_selected": True,
    }
    assert PASSWORD not in done.output
    assert state.selected == "fast"


def test_a_model_of_the_service_is_pushed_and_blind_trust_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, state = make_services(tmp_path), FakeCar()
    (tmp_path / "token").write_text(add_token(services.database))
    monkeypatch.setenv("DEEPRACER_LOCAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DEEPRACER_LOCAL_HOST", "127.0.0.1")
    monkeypatch.setenv("DEEPRACER_LOCAL_CAR_PASSWORD", PASSWORD)
    with api_in_thread(services) as url, running(state) as address:
        monkeypatch.setenv("DEEPRACER_LOCAL_PORT", url.rsplit(":", 1)[1])
        from deepracer_local.client import Client

        with Client(url, (tmp_path / "token").read_text()) as client:
            client.train(name="My car 1.0", track="oval")
        finish_with_export(services, content=write_archive(tmp_path).read_bytes())

        done = CliRunner().invoke(app, ["push", address, "--model", "My car 1.0", "--insecure", "--no-select"])
    services.close()

    assert done.exit_code == 0, done.output
    assert "not checked" in done.stderr
    assert state.models == {"My_car_1_0": FILES["agent/model.pb"]}
    assert state.selected is None


@pytest.mark.parametrize(
    "line",
    [["push", "car"], ["push", "car", "a.tar.gz", "--model", "m"], ["push", "car", "a.tar.gz", "--fingerprint", "1"]],
    ids=["nothing to push", "two things", "no fingerprint"],
)
def test_what_makes_no_sense_is_refused(line: list[str]) -> None:
    assert isinstance(CliRunner().invoke(app, line).exception, SpecError)


def test_without_a_password_nothing_is_uploaded(tmp_path: Path) -> None:
    state = FakeCar()
    with running(state) as address:
        done = CliRunner().invoke(app, ["push", address, str(write_archive(tmp_path)), "--fingerprint", FINGERPRINT])

    assert isinstance(done.exception, SpecError)
    assert done.exception.field == "password"
    assert state.requests == []
