"""Sending a model to a car: over real TLS, to a server with a car's routes and a car's lies."""

from __future__ import annotations

import hashlib
import io
import itertools
import ssl
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.car import Car, Pushed, Trust, push, read_archive
from deepracer_local.errors import CarError, ConflictError, DeepRacerError, SpecError
from tests.unit.car.fake_car import DATA, PASSWORD, FakeCar, running

FINGERPRINT = hashlib.sha256(ssl.PEM_cert_to_DER_cert((DATA / "certificate.pem").read_text())).hexdigest()
FILES = {"agent/model.pb": b"a network" * 20_000, "model_metadata.json": b'{"version": "5"}'}


def write_archive(folder: Path, files: dict[str, bytes] = FILES, name: str = "My car.v2") -> Path:
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for inside, content in files.items():
            entry = tarfile.TarInfo(inside)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def send(
    state: FakeCar, archive: Path, *, password: str = PASSWORD, trust: Trust | None = None, **options: Any
) -> Pushed:
    seconds = itertools.count(0, 10)
    with (
        running(state) as address,
        Car(address, trust or Trust(FINGERPRINT), pause=lambda _s: None, clock=lambda: next(seconds)) as car,
    ):
        car.log_in(password)
        return push(car, read_archive(archive), **options)


def test_a_model_is_uploaded_installed_and_selected(tmp_path: Path) -> None:
    state, counts = FakeCar(models={"other": b""}), []

    pushed = send(state, write_archive(tmp_path), on_bytes=counts.append)

    assert state.models["My_car_v2"] == FILES["agent/model.pb"]  # a name that the car does not cut
    assert state.selected == "My_car_v2"
    assert pushed == Pushed("My_car_v2", (tmp_path / "My car.v2.tar.gz").stat().st_size, False, True)
    assert counts[-1] == pushed.size
    assert counts == sorted(counts)


def test_a_model_of_the_same_name_is_replaced_only_when_asked(tmp_path: Path) -> None:
    state, archive = FakeCar(models={"My_car_v2": b"old"}), write_archive(tmp_path)

    with pytest.raises(ConflictError):
        send(state, archive)
    assert state.models == {"My_car_v2": b"old"}

    assert send(state, archive, replace=True, select=False).has_replaced
    assert state.models == {"My_car_v2": FILES["agent/model.pb"]}
    assert state.selected is None


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"skips": True}, "skipped"),
        ({"upload_status": 500}, "disk"),
        ({"upload_status": 413}, "too large"),
        ({"load_reason": "Model optimization failed!"}, "Model optimization failed"),
        ({"loading": ["loading", "error"]}, "error"),
        ({"loading": ["loading"]}, "still loading"),
        ({"disabled": True}, "Stereo camera"),
        ({"is_car": False}, "something else answers"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_the_car_does_not_do_is_an_error_that_says_so(tmp_path: Path, failure: dict[str, Any], words: str) -> None:
    with pytest.raises(CarError, match=words):
        send(FakeCar(**failure), write_archive(tmp_path))


def test_a_wrong_password_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    state = FakeCar()

    with pytest.raises(SpecError) as caught:
        send(state, write_archive(tmp_path), password="wrong")

    assert caught.value.field == "password"
    assert "POST /api/uploadModels" not in state.requests


@pytest.mark.parametrize(
    ("trust", "shown"), [(Trust(), FINGERPRINT), (Trust("0" * 64), FINGERPRINT)], ids=["unknown", "another"]
)
def test_a_certificate_that_nobody_vouches_for_is_never_taken_silently(
    tmp_path: Path, trust: Trust, shown: str
) -> None:
    state = FakeCar()

    with pytest.raises(SpecError, match=shown) as caught:
        send(state, write_archive(tmp_path), trust=trust)

    assert caught.value.field == "fingerprint"
    assert state.requests == []


def test_blind_trust_and_fingerprints_with_colons_are_taken(tmp_path: Path) -> None:
    with_colons = ":".join(FINGERPRINT[i : i + 2] for i in range(0, 64, 2)).upper()
    state = FakeCar()

    send(state, write_archive(tmp_path), trust=Trust.of(None, is_blind=True))
    send(state, write_archive(tmp_path), trust=Trust.of(with_colons, is_blind=False), replace=True)

    assert state.requests.count("POST /api/uploadModels") == 2


def test_no_car_at_the_address_is_told() -> None:
    with running(FakeCar()) as address:
        pass
    with Car(address, Trust(FINGERPRINT)) as car, pytest.raises(CarError, match="No car answers"):
        car.log_in(PASSWORD)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Trust.of("12:34", is_blind=False),
        lambda: Trust.of(FINGERPRINT, is_blind=True),
        lambda: Car("http://car.local", Trust()),
        lambda: Car("car.local/page", Trust()),
        lambda: Car("https://user:word@car.local", Trust()),
        lambda: Car("", Trust()),
    ],
    ids=["short fingerprint", "both", "in the clear", "a path", "a user", "nothing"],
)
def test_addresses_and_trust_that_make_no_sense_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(SpecError):
        make()


@pytest.mark.parametrize(
    "files",
    [
        {"agent/model.pb": b"x"},
        {**FILES, "agent/checkpoint": b"x"},
        {**FILES, "second.pb": b"x"},
        {"agent/LICENSE": b"x", "model_metadata.json": b"{}"},
        {"model_metadata.json": b"{}"},
        {**FILES, "model_metadata.json": b"{"},
        {"agent/model.pb": b"x", "agent/model_metadata.json": b"{}"},
    ],
    ids=["no metadata", "no ending", "two networks", "only no ending", "no network", "no JSON", "metadata below"],
)
def test_archives_that_a_car_would_skip_are_refused_here(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(SpecError):
        read_archive(write_archive(tmp_path, files))


def test_other_files_are_no_archives(tmp_path: Path) -> None:
    cut = write_archive(tmp_path)
    cut.write_bytes(cut.read_bytes()[:300])
    (tmp_path / "model.zip").write_bytes(b"PK")

    for path in (cut, tmp_path / "model.zip", tmp_path / "nothing.tar.gz", tmp_path):
        with pytest.raises(DeepRacerError):
            read_archive(path)
    with pytest.raises(SpecError, match="letters"):
        read_archive(write_archive(tmp_path, name="x"), "a.b")
