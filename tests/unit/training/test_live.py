"""What is written for watchers while cars drive."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from deepracer_local.runs import WANT_FRAME_S, RunDirectory
from deepracer_local.training import LiveWriter


def test_pictures_are_those_of_the_cars_that_were_asked_for_to_the_last_bit(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    observations = np.random.default_rng(0).integers(0, 256, (4, 120, 160, 1), dtype=np.uint8)
    run.want_frame(1)
    run.want_frame(3)
    run.want_frame(9)

    LiveWriter(run, lambda: 0.0, lambda: 1_000.25).update("training", [], observations)

    for car in (1, 3):
        png = run.read_frame(car)
        assert png is not None
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), observations[car, :, :, 0])
    assert [run.read_frame(car) for car in (0, 2, 9)] == [None, None, None]
    assert run.read_live() == {"number": 1, "phase": "training", "at_s": 1_000.25, "cars": []}


def test_of_several_sensors_the_newest_picture_of_the_camera_is_shown(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 120, 160, 4), dtype=np.uint8)
    run.want_frame(1)

    observations = {"LIDAR": np.zeros((2, 64), np.float32), "STEREO_CAMERAS": pictures}
    LiveWriter(run, lambda: 0.0, lambda: 0.0).update("training", [], observations)

    png = run.read_frame(1)
    assert png is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), pictures[1, :, :, -1])


def test_nobody_is_shown_a_picture_that_nobody_asks_for_any_more(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.want_frame(0)
    run.write_frame(0, b"picture")

    for path in (tmp_path / "frames").iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - WANT_FRAME_S - 1.0))

    assert run.wanted_frames() == []
    assert run.read_frame(0) is None


def test_asking_for_pictures_of_a_run_that_is_elsewhere_is_in_vain(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "elsewhere")

    run.want_frame(0)

    assert run.wanted_frames() == []
    assert not run.path.exists()
