"""What is written for watchers while cars drive."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from deepracer_local.domain import Outcome, StepRecord
from deepracer_local.runs import WANT_FRAME_S, RunDirectory
from deepracer_local.training import LiveWriter

RECORD = StepRecord(
    steps=1,
    x_m=0.0,
    y_m=0.0,
    yaw_deg=0.0,
    steering_angle_deg=0.0,
    speed_mps=1.0,
    action="0",
    reward=1.0,
    done=False,
    all_wheels_on_track=True,
    progress=1.0,
    closest_waypoint=0,
    track_length_m=10.0,
    time_s=0.0,
    outcome=Outcome.IN_PROGRESS,
    measured_speed_mps=1.0,
)


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


def test_of_several_tracks_every_car_tells_its_own(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    live = LiveWriter(run, iter((0.0, 1.0)).__next__, lambda: 0.0)
    live.enter(["oval", "oval", "chicane"])
    infos = [{"record": record} for record in [RECORD] * 3]

    live.update("training", infos, None)
    training = run.read_live()["cars"]
    live.update("evaluation", infos[:1], None, track="chicane")
    evaluation = run.read_live()["cars"]

    assert [(car["car"], car["track"]) for car in training] == [(0, "oval"), (1, "oval"), (2, "chicane")]
    assert [(car["car"], car["track"]) for car in evaluation] == [(0, "chicane")]


def test_where_there_is_one_track_nobody_tells_it(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)

    LiveWriter(run, lambda: 0.0, lambda: 0.0).update("evaluation", [{"record": RECORD}], None, track="oval")

    assert "track" not in run.read_live()["cars"][0]


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
