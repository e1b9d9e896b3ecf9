"""The track commands, in process, with a data directory of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from deepracer_local.cli._tracks import app
from deepracer_local.errors import TrackError, UnknownNameError
from tests.unit.track.roads import BEAN, ring_rows


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPRACER_LOCAL_DATA_DIR", str(tmp_path / "data"))
    np.save(tmp_path / "ring.npy", ring_rows())
    return tmp_path


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def call_json(*arguments: object) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(call(*arguments, "--json"))
    return value


def test_list_names_every_track() -> None:
    tracks = call_json("list")["tracks"]

    assert {"oval", "reinvent_2018"} <= {track["name"] for track in tracks}
    assert all(track["source"] == "built-in" for track in tracks)
    assert "reinvent_2018" in call("list")


def test_show_gives_the_measures() -> None:
    shown = call_json("show", "reinvent_2018")

    assert shown["length_m"] == pytest.approx(17.7, abs=0.05)
    assert shown["width_m"] == pytest.approx(0.76, abs=0.01)
    assert shown["direction"] == "counter-clockwise"
    assert "Apache-2.0" in call("show", "reinvent_2018")
    assert call_json("show", "drag_strip")["min_radius_m"] is None


def test_draw_writes_a_picture(data_dir: Path) -> None:
    call("draw", "serpent", "-o", data_dir / "serpent.png")

    with Image.open(data_dir / "serpent.png") as picture:
        assert min(picture.size) > 300
        assert len(picture.convert("RGB").getcolors(maxcolors=1_000_000) or []) > 10


def test_an_imported_track_is_listed_shown_and_drawn(data_dir: Path) -> None:
    imported = call_json("import", data_dir / "ring.npy", "--name", "ring")

    assert imported["source"] == "imported"
    assert "ring" in {track["name"] for track in call_json("list")["tracks"]}
    assert call_json("show", "ring")["length_m"] == pytest.approx(2 * np.pi * 3, rel=1e-2)
    call("draw", "ring", "-o", data_dir / "ring.png")


def test_a_taken_name_is_refused(data_dir: Path) -> None:
    call("import", data_dir / "ring.npy", "--name", "ring")

    with pytest.raises(TrackError, match="--force"):
        call("import", data_dir / "ring.npy", "--name", "ring")
    with pytest.raises(TrackError, match="built-in"):
        call("import", data_dir / "ring.npy", "--name", "oval", "--force")
    call("import", data_dir / "ring.npy", "--name", "ring", "--force")


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="serpent"):
        call("show", "serpant")


def test_a_drawing_is_kept_under_its_name_and_deleted_again(data_dir: Path) -> None:
    file = data_dir / "bean.json"
    file.write_text(json.dumps(BEAN))

    looked_at = call_json("create", file, "--name", "bean", "--dry-run")
    assert "bean" not in {track["name"] for track in call_json("list")["tracks"]}
    made = call_json("create", file, "--name", "bean")

    assert looked_at["usable"]
    assert made["track"]["source"] == "imported"
    assert made["length_m"] == looked_at["length_m"] == call_json("show", "bean")["length_m"]
    assert call("delete", "bean") == "deleted bean\n"
    with pytest.raises(UnknownNameError):
        call("show", "bean")


def test_a_drawing_with_an_error_is_not_kept(data_dir: Path) -> None:
    file = data_dir / "crossed.json"
    file.write_text(json.dumps(BEAN | {"spline": [[0, 0], [4, 3], [4, 0], [0, 3]]}))

    assert "crosses itself here" in call("create", file, "--name", "x", "--dry-run")
    with pytest.raises(TrackError, match="at x = "):
        call("create", file, "--name", "x")


def test_only_tracks_of_ones_own_are_deleted() -> None:
    for name in ("oval", "..", "a/b"):
        with pytest.raises(TrackError):
            call("delete", name)
    with pytest.raises(UnknownNameError):
        call("delete", "nothing")
