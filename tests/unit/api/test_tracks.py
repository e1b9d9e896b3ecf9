"""Tracks: listed, drawn, uploaded."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepracer_local.api import Services
from deepracer_local.track import builtin_tracks_dir, find_track
from tests.unit.api.service import Caller, assert_error, create_model
from tests.unit.track.roads import BEAN

URL = "/api/v1/tracks"


def npy(array: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def oval() -> bytes:
    return npy(find_track("oval", [builtin_tracks_dir()]).to_rows())


def upload(client: Caller, name: str, content: bytes) -> Any:
    return client.post(URL, files={"file": ("C:\\my\\track.npy", content)}, data={"name": name})


def test_the_built_in_tracks_are_listed(client: Caller) -> None:
    tracks = {track["name"]: track for track in client.get(URL).json()["tracks"]}

    assert len(tracks) >= 15
    assert all(track["is_builtin"] and track["length_m"] > 5 for track in tracks.values())
    assert tracks["drag_strip"]["min_radius_m"] is None


def test_a_track_is_told_with_its_lines_and_drawn(client: Caller) -> None:
    track = client.get(f"{URL}/oval").json()
    picture = client.get(f"{URL}/oval/picture")

    assert len(track["centre"]) > 20
    assert len(track["centre"][0]) == 2
    assert picture.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(picture.text).tag.endswith("svg")


def test_a_track_can_be_asked_for_by_direction(client: Caller) -> None:
    directions = {client.get(f"{URL}/oval{suffix}").json()["direction"] for suffix in ("_cw", "_ccw")}

    assert len(directions) == 2
    assert_error(client.get(f"{URL}/drag_strip_cw"), 404)


def test_an_uploaded_track_can_be_trained_on(client: Caller) -> None:
    answer = upload(client, "mine", oval())

    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "mine"
    assert not answer.json()["is_builtin"]
    assert "mine" in [track["name"] for track in client.get(URL).json()["tracks"]]
    assert client.get(f"{URL}/mine/picture").status_code == 200
    assert create_model(client, track="mine")["track"] == "mine"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        npy(np.zeros((10, 3))),
        npy(np.zeros((10, 6))),
        npy(np.full((50, 6), np.nan)),
        npy(np.array([{"a": 1}], dtype=object), allow_pickle=True),
        oval()[:-100],
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 6), }".ljust(200, b" "),
    ],
    ids=["empty", "text", "three columns", "zeros", "nan", "pickle", "half", "promises"],
)
def test_a_file_that_is_no_track_is_explained(client: Caller, services: Services, content: bytes) -> None:
    body = assert_error(upload(client, "mine", content), 422, field="file")

    assert body["message"].startswith("file")
    assert "/tmp" not in body["message"]
    assert list((services.data_dir / "tracks").iterdir()) == []


@pytest.mark.parametrize("name", ["oval", "mine"])
def test_a_taken_name_is_a_conflict(client: Caller, name: str) -> None:
    upload(client, "mine", oval())

    assert_error(upload(client, name, oval()), 409, code="CONFLICT")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".x", "x" * 65, "a b", "x\x00", "é"])
def test_a_name_that_is_a_path_is_refused(client: Caller, services: Services, name: str) -> None:
    assert_error(upload(client, name, oval()), 422, field="name")
    assert list((services.data_dir / "tracks").iterdir()) == []


def test_a_file_that_is_too_large_is_refused(client: Caller) -> None:
    assert_error(upload(client, "mine", b"\x00" * 4_000_001), 413, field="file")


@pytest.mark.parametrize("name", ["nothing", "x.NPY", "~root", ".", "..", "tracks", "docs"])
def test_only_names_of_tracks_are_found(client: Caller, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.NPY").write_bytes(oval())

    assert_error(client.get(f"{URL}/{name}/picture"), 404, code="NOT_FOUND")


def test_a_full_disk_takes_no_track(services: Services, connect: Any, token: str) -> None:
    full = connect(token, services=replace(services, free_bytes=lambda _folder: 0))

    assert_error(upload(full, "mine", oval()), 507)


def draw(client: Caller, name: str | None = "bean", **fields: Any) -> Any:
    return client.post(f"{URL}/drawn", json={"name": name, "points": BEAN["spline"], "width_m": 0.8, **fields})


CROSSED = [[0, 0], [4, 3], [4, 0], [0, 3]]


def test_a_drawn_track_can_be_trained_on_at_once(client: Caller) -> None:
    looked_at = draw(client, None, dry_run=True)
    names = [track["name"] for track in client.get(URL).json()["tracks"]]
    made = draw(client, title="The bean", description="<b>mine</b>")

    assert looked_at.status_code == 200
    assert looked_at.json()["usable"]
    assert looked_at.json()["track"] is None
    assert "bean" not in names
    assert made.status_code == 201, made.text
    assert made.json()["track"]["title"] == "The bean"
    assert not made.json()["track"]["is_builtin"]
    detail = client.get(f"{URL}/bean").json()
    assert detail["centre"] == looked_at.json()["centre"] == made.json()["centre"]
    assert create_model(client, track="bean")["track"] == "bean"


def test_the_errors_of_a_drawing_have_places_and_keep_it_out(client: Caller, services: Services) -> None:
    found = draw(client, dry_run=True, points=CROSSED)
    refused = draw(client, points=CROSSED)

    [crossing] = [finding for finding in found.json()["findings"] if finding["rule"] == "crosses"]
    assert not found.json()["usable"]
    assert (crossing["x_m"], crossing["y_m"]) == (pytest.approx(2, abs=0.3), pytest.approx(1.5, abs=0.3))
    assert "at x = " in assert_error(refused, 422, field="points")["message"]
    assert list((services.data_dir / "tracks").iterdir()) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"points": [[0, 0], [1, 0], [1, 1]]}, "points"),
        ({"points": [[0, 0]] * 201}, "points"),
        ({"points": [[0, 0], [1, 0], [1, 1], [0, 1e9]]}, "points.3.1"),
        ({"points": [[0, 0], [1, 0], [1, 1], [0]]}, "points.3"),
        ({"width_m": 0}, "width_m"),
        ({"name": "../x"}, "name"),
        ({"name": None}, "name"),
        ({"closed": False}, "closed"),
    ],
    ids=["few", "many", "far", "half", "width", "path", "nameless", "unknown"],
)
def test_a_drawing_with_a_wrong_field_is_refused(client: Caller, fields: dict[str, Any], field: str) -> None:
    assert_error(draw(client, **fields), 422, field=field)


@pytest.mark.parametrize("name", ["oval", "bean"])
def test_a_drawing_does_not_replace_a_track(client: Caller, name: str) -> None:
    draw(client)

    assert_error(draw(client, name), 409, code="CONFLICT")


def test_an_own_track_is_deleted_when_nothing_drives_on_it(client: Caller) -> None:
    draw(client)
    model = create_model(client, track="bean_cw")

    assert_error(client.delete(f"{URL}/bean"), 409, code="CONFLICT")
    client.post(f"/api/v1/models/{model['id']}/stop")
    assert client.delete(f"{URL}/bean").status_code == 204
    assert_error(client.get(f"{URL}/bean"), 404)
    assert_error(client.delete(f"{URL}/bean"), 404)
    assert draw(client).status_code == 201  # the name is free again


def test_a_track_of_the_program_stays(client: Caller) -> None:
    assert "comes with the program" in assert_error(client.delete(f"{URL}/oval"), 409)["message"]
    assert client.get(f"{URL}/oval").status_code == 200
