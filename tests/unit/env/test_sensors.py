"""What the sensors find: the eyes of the pair, the lidar on the road, and the numbers of STATE."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from deepracer_local.domain import (
    DEFAULT_METADATA,
    STEREO_OFFSET_M,
    CameraSpec,
    Command,
    Pose,
    SensorSettings,
    VehicleState,
)
from deepracer_local.env._instant import Instant
from deepracer_local.env._road_state import AHEAD_M, RoadState
from deepracer_local.env._sensors import SensorSuite
from deepracer_local.errors import InvalidInputError
from deepracer_local.sim import GroundCamera, KinematicSimulator, SceneObject
from deepracer_local.track import Track, builtin_tracks_dir, find_track
from tests.unit.sim.places import place

OVAL = find_track("oval", [builtin_tracks_dir()])
LEVEL = CameraSpec(pitch_down_rad=0.0)


def instant_at(pose: Pose, track: Track = OVAL, *objects: SceneObject, command: Command = Command(0, 0)) -> Instant:  # noqa: B008  # frozen
    state = KinematicSimulator().reset(pose)
    return instant_of(state, track, *objects, command=command)


def instant_of(state: VehicleState, track: Track, *objects: SceneObject, command: Command) -> Instant:
    location = track.locate(state.front_x_m, state.front_y_m, state.wheels_xy_m)
    return Instant(track, state, location, command, objects)


def suite_of(*sensors: str, camera: CameraSpec = LEVEL, stack_size: int = 1) -> SensorSuite:
    return SensorSuite(DEFAULT_METADATA.with_sensors(sensors), GroundCamera(OVAL, camera), stack_size=stack_size)


def left_edge(picture: np.ndarray, empty: np.ndarray) -> float:
    """Returns the column at which a box begins."""
    return float(np.nonzero((picture != empty).any(axis=0))[0].min())


@pytest.mark.parametrize("distance_m", [0.5, 1.0, 2.0])
def test_a_box_lies_apart_in_the_two_pictures_by_its_disparity(distance_m: float) -> None:
    start = OVAL.start_pose(0.0)
    ahead_m = LEVEL.offset_x_m + distance_m + 0.01
    face = SceneObject(
        Pose(
            start.x_m + ahead_m * math.cos(start.yaw_rad), start.y_m + ahead_m * math.sin(start.yaw_rad), start.yaw_rad
        ),
        0.02,
        0.15,
        0.4,
        (255, 0, 0),
    )
    suite, random = suite_of("STEREO_CAMERAS"), np.random.default_rng(0)

    seen, empty = (suite.look(instant_at(start, OVAL, *boxes), random) for boxes in ([face], []))

    assert isinstance(seen, np.ndarray)
    assert isinstance(empty, np.ndarray)
    assert seen.shape == (120, 160, 2)
    left, right = (left_edge(seen[:, :, i], empty[:, :, i]) for i in (0, 1))
    focal_px = 80.0 / math.tan(0.5 * LEVEL.horizontal_fov_rad)
    assert left - right == pytest.approx(focal_px * 0.06 / distance_m, abs=1.0)


def test_the_left_camera_is_the_left_eye_and_the_front_camera_lies_between() -> None:
    spec, random = CameraSpec(), np.random.default_rng(0)
    instant = instant_at(OVAL.start_pose(0.1))

    left, pair, front = (
        np.asarray(suite_of(sensor, camera=spec).look(instant, random))
        for sensor in ("LEFT_CAMERA", "STEREO_CAMERAS", "FRONT_FACING_CAMERA")
    )

    expected = GroundCamera(OVAL, spec.model_copy(update={"offset_y_m": STEREO_OFFSET_M})).frame(instant.vehicle)
    mirrored = GroundCamera(OVAL, spec.model_copy(update={"offset_y_m": -STEREO_OFFSET_M})).frame(instant.vehicle)
    assert np.array_equal(left[:, :, 0], expected)
    assert np.array_equal(pair[:, :, 0], expected)
    assert np.array_equal(pair[:, :, 1], mirrored)
    assert np.array_equal(front[:, :, 0], GroundCamera(OVAL, spec).frame(instant.vehicle))


def test_lidar_and_cameras_see_the_same_objects() -> None:
    start = OVAL.start_pose(0.0)
    angle = start.yaw_rad + math.pi / 2
    beside = SceneObject(
        Pose(start.x_m + 0.6 * math.cos(angle), start.y_m + 0.6 * math.sin(angle), start.yaw_rad),
        0.4,
        0.4,
        0.3,
        (9, 9, 9),
    )
    suite = suite_of("LIDAR", "FRONT_FACING_CAMERA")

    seen = suite.look(instant_at(start, OVAL, beside), np.random.default_rng(0))

    assert isinstance(seen, dict)
    assert seen["LIDAR"].min() == pytest.approx(0.4, abs=0.01)
    assert (seen["LIDAR"] < 1.0).sum() > 5
    assert suite.eye.spec == LEVEL


def test_state_tells_offset_heading_speed_and_steering() -> None:
    track = OVAL
    s_m = 0.4
    x, y, direction = track.point_at(s_m)
    turn = 0.3
    # The front point is 0.1 m to the left of the line, the car looks 0.3 rad to the left.
    front_x, front_y = x - 0.1 * math.sin(direction), y + 0.1 * math.cos(direction)
    yaw = direction + turn
    pose = Pose(front_x - 0.14 * math.cos(yaw), front_y - 0.14 * math.sin(yaw), yaw)

    numbers = RoadState().of(instant_at(pose, track, command=Command(-15.0, 2.0)))

    location = instant_at(pose, track).location
    assert numbers[0] == pytest.approx(0.2 / location.track_width_m, abs=1e-3)
    assert numbers[1] == pytest.approx(math.sin(turn), abs=1e-6)
    assert numbers[2] == pytest.approx(math.cos(turn), abs=1e-6)
    assert numbers[3] == 0.0
    assert numbers[5] == pytest.approx(-0.5)


def test_state_tells_the_curvature_ahead_with_its_sign_in_both_directions() -> None:
    forward, backward = OVAL, OVAL.reversed()
    start = forward.start_pose(0.0)
    state = RoadState()

    bends = {}
    for track, name in ((forward, "forward"), (backward, "backward")):
        pose = track.start_pose(0.0)
        far = [state.of(instant_at(track.start_pose(i / 40), track))[6:] for i in range(40)]
        bends[name] = np.array(far)
        assert np.isfinite(state.of(instant_at(pose, track))).all()

    assert forward.is_ccw
    assert start.x_m == pytest.approx(backward.start_pose(0.0).x_m)
    assert bends["forward"].max() == pytest.approx(0.5 / forward.min_radius_m, rel=0.15)
    assert bends["forward"].max() == pytest.approx(-bends["backward"].min(), rel=0.15)
    # A corner comes nearer: what is 2 m ahead is 1 m ahead a metre later.
    step = state.of(instant_at(forward.start_pose(0.1), forward))
    later = state.of(instant_at(forward.start_pose(0.1 + 1.0 / forward.length_m), forward))
    assert step[6 + AHEAD_M.index(2.0)] == pytest.approx(later[6 + AHEAD_M.index(1.0)], abs=0.03)


def test_state_holds_at_both_ends_of_an_open_track() -> None:
    strip = find_track("drag_strip", [builtin_tracks_dir()])

    for ndist in (0.0, 0.999):
        numbers = RoadState().of(instant_at(strip.start_pose(ndist), strip))

        assert numbers[6:] == pytest.approx(np.zeros(4), abs=1e-6)


def test_the_state_of_other_sensors_is_refused() -> None:
    suite = SensorSuite(
        DEFAULT_METADATA,
        GroundCamera(OVAL, LEVEL),
        settings={DEFAULT_METADATA.sensor[0]: SensorSettings(delay_steps=3)},
    )
    random = np.random.default_rng(0)
    suite.reset()
    suite.look(instant_of(place(OVAL.start_pose(0.0)), OVAL, command=Command(0, 0)), random)
    good = json.loads(json.dumps(suite.get_state()))

    name = DEFAULT_METADATA.sensor[0].value
    for bad in ({}, {name: good[name] | {"history": [0]}}, {name: good[name] | {"samples": ["!"]}}):
        with pytest.raises(InvalidInputError, match="stack_size"):
            suite.set_state(bad)
    suite.set_state(good)
    assert suite.get_state() == good
