"""Reading, writing, importing and finding track files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepracer_local.errors import TrackError, UnknownNameError
from deepracer_local.track import (
    Track,
    TrackCatalogue,
    builtin_tracks_dir,
    find_track,
    from_rows,
    import_track,
    list_tracks,
    load_track,
    save_track,
)
from tests.unit.track.roads import ring_rows, straight_rows


def assert_same_road(one: Track, other: Track) -> None:
    for mine, theirs in (
        (one.centre_m, other.centre_m),
        (one.inner_m, other.inner_m),
        (one.outer_m, other.outer_m),
    ):
        assert np.array_equal(mine, theirs)
    assert one.is_closed is other.is_closed


@pytest.mark.parametrize("track", list_tracks([builtin_tracks_dir()]), ids=lambda track: track.name)
def test_a_saved_track_loads_number_for_number(track: Track, tmp_path: Path) -> None:
    save_track(track, tmp_path / track.name)

    again = load_track(tmp_path / track.name)

    assert_same_road(again, track)
    assert (again.title, again.author, again.licence) == (track.title, track.author, track.licence)


@pytest.mark.parametrize("rows", [ring_rows(), straight_rows(), ring_rows(clockwise=True)], ids=["ccw", "open", "cw"])
def test_an_imported_track_is_found_by_its_name(rows: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "theirs.npy", rows)

    imported = import_track(tmp_path / "theirs.npy", "mine", tmp_path / "tracks")

    assert_same_road(find_track("mine", [tmp_path / "tracks"]), from_rows(rows, name="theirs"))
    assert imported.name == "mine"


def test_a_suffix_chooses_the_direction() -> None:
    directories = [builtin_tracks_dir()]

    assert find_track("oval_cw", directories).direction == "clockwise"
    assert find_track("oval_ccw", directories).direction == "counter-clockwise"
    with pytest.raises(TrackError, match="loop"):
        find_track("drag_strip_cw", directories)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'oval'"):
        find_track("ovel", [builtin_tracks_dir()])


def test_a_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    np.save(tmp_path / "theirs.npy", ring_rows())

    with pytest.raises(TrackError, match="name"):
        import_track(tmp_path / "theirs.npy", "../outside", tmp_path / "tracks")
    assert not (tmp_path / "outside").exists()


def npy(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content", [b"", b"not numpy", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x09\x00" + b"x" * 100], ids=range(4)
)
def test_a_file_that_is_no_array_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(TrackError, match=r"bad\.npy"):
        load_track(npy(tmp_path / "bad.npy", content))


def test_a_cut_off_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", ring_rows())
    whole = (tmp_path / "whole.npy").read_bytes()

    with pytest.raises(TrackError, match="numpy"):
        load_track(npy(tmp_path / "half.npy", whole[: len(whole) // 2]))


def test_a_pickled_object_is_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}] * 6, dtype=object), allow_pickle=True)

    with pytest.raises(TrackError, match="object"):
        load_track(tmp_path / "evil.npy")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.npy").open("wb") as file:
        file.truncate(10_000_000_000)

    with pytest.raises(TrackError, match="at most"):
        load_track(tmp_path / "huge.npy")


DESIGN: dict[str, Any] = {
    "format": 1,
    "title": "Test",
    "units": "metres, degrees",
    "width": 0.8,
    "pieces": [{"straight": 4}, {"left": 180, "radius": 1.5}, {"straight": 4}, {"left": 180, "radius": 1.5}],
}


def test_a_design_is_sampled_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "track.json").write_text(json.dumps(DESIGN))

    track = load_track(tmp_path)

    assert track.length_m == pytest.approx(8 + 3 * np.pi, rel=2e-3)
    assert track.mean_width_m == pytest.approx(0.8, abs=5e-3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pieces": [{"straight": 4}, {"left": 90, "radius": 1}]}, "clos"),
        ({"pieces": [{"straight": 4, "left": 90}]}, "straight"),
        ({"width": 4.0}, "tight|width|half|cross|meet"),
        ({"width": -1}, "width"),
        ({"units": "feet"}, "units"),
        ({"colour": "red"}, "colour"),
        ({"pieces": None, "spline": [[0, 0], [1, 0]]}, "spline"),
        ({"rows": "../../etc/passwd"}, "rows"),
    ],
    ids=["open", "two in one", "too wide", "negative", "units", "unknown", "short spline", "path"],
)
def test_a_bad_design_is_explained(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    design = {key: value for key, value in (DESIGN | changes).items() if value is not None}
    (tmp_path / "track.json").write_text(json.dumps(design))

    with pytest.raises(TrackError, match=said):
        load_track(tmp_path)


def test_a_catalogue_reads_a_file_once_and_notices_changes(tmp_path: Path) -> None:
    save_track(from_rows(ring_rows(radius_m=3.0), name="mine"), tmp_path / "mine")
    catalogue = TrackCatalogue([builtin_tracks_dir(), tmp_path])

    before = catalogue.get("mine")
    same = catalogue.get("mine")
    save_track(from_rows(ring_rows(radius_m=4.0), name="mine"), tmp_path / "mine")
    os.utime(tmp_path / "mine" / "track.json", ns=(1, 1))

    assert same is before
    assert catalogue.get("mine").length_m > before.length_m
    assert {track.name for track in catalogue.list()} >= {"mine", "oval"}
    assert catalogue.get("oval_cw").direction == "clockwise"


@pytest.mark.parametrize("name", ["nowhere", "../mine", "/etc/passwd", "x.npy", "~", ""])
def test_a_catalogue_takes_names_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownNameError):
        TrackCatalogue([tmp_path]).get(name)
