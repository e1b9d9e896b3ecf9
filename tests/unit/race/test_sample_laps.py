"""The laps and the grid that a preview runs a reward function over."""

from __future__ import annotations

import itertools
import math

import pytest

from deepracer_local.domain import CONTROL_RATE_HZ, Outcome, RewardParams, StepRecord
from deepracer_local.env import DeepRacerEnv
from deepracer_local.race import recorded_params, sample_grid, sample_laps
from deepracer_local.track import Track, builtin_tracks_dir, find_track, list_tracks
from tests.unit.race.scenes import ring_track, straight_track

BUILTIN = [track.name for track in list_tracks([builtin_tracks_dir()])]
TRACKS = {"ring": ring_track(), "reversed": ring_track().reversed(), "open": straight_track()}


@pytest.fixture(params=[*TRACKS, *BUILTIN])
def track(request: pytest.FixtureRequest) -> Track:
    name: str = request.param
    return TRACKS[name] if name in TRACKS else find_track(name, [builtin_tracks_dir()])


def test_every_sample_lap_gets_round_on_the_road(track: Track) -> None:
    laps = sample_laps(track)

    assert [lap.name for lap in laps] == ["centre", "left", "right", "zigzag", "cutting"]
    for lap in laps:
        assert lap.outcome is Outcome.LAP_COMPLETE
        assert lap.states[-1]["progress"] == 100.0
        assert not any(state["is_offtrack"] for state in lap.states)


def test_a_sample_lap_is_an_episode(track: Track) -> None:
    for lap in sample_laps(track):
        assert [state["steps"] for state in lap.states] == [float(i + 2) for i in range(len(lap.states))]
        times = [state["sim_time"] for state in lap.states]
        assert times == [(i + 1) / CONTROL_RATE_HZ for i in range(len(lap.states))]
        progress = [state["progress"] for state in lap.states]
        assert all(before < after for before, after in itertools.pairwise(progress))
        # The car moves as fast as it is commanded to.
        for before, after in itertools.pairwise(lap.states):
            moved_m = math.hypot(after["x"] - before["x"], after["y"] - before["y"])
            assert moved_m == pytest.approx(after["speed"] / CONTROL_RATE_HZ, rel=0.35)


def test_each_driver_keeps_to_its_way() -> None:
    laps = {lap.name: lap.states for lap in sample_laps(ring_track())}
    half_m = 0.5 * ring_track().mean_width_m

    def lanes(name: str) -> list[float]:
        settled = laps[name][20:]
        return [s["distance_from_center"] * (1 if s["is_left_of_center"] else -1) / half_m for s in settled]

    assert max(map(abs, lanes("centre"))) < 0.1
    assert min(lanes("left")) > 0.3
    assert max(lanes("right")) < -0.3
    assert max(lanes("zigzag")) > 0.3
    assert min(lanes("zigzag")) < -0.3
    assert len(laps["cutting"]) < len(laps["centre"])


def test_the_same_laps_and_grid_come_every_time(track: Track) -> None:
    assert sample_laps(track) == sample_laps(track)
    assert sample_grid(track) == sample_grid(track)


def test_the_grid_covers_the_road_and_a_little_beyond(track: Track) -> None:
    grid = sample_grid(track)

    n_places = grid.n_along * len(grid.lanes)
    assert len(grid.states) == n_places * len(grid.headings_deg) <= 2_500
    forward = grid.states[:n_places]
    middle = forward[len(grid.lanes) // 2 :: len(grid.lanes)]
    assert max(state["distance_from_center"] for state in middle) < 1e-6
    assert not any(state["is_offtrack"] for state in middle)
    assert [state["progress"] for state in middle] == sorted(state["progress"] for state in middle)
    outer = [*forward[:: len(grid.lanes)], *forward[len(grid.lanes) - 1 :: len(grid.lanes)]]
    assert not any(state["all_wheels_on_track"] for state in outer)


def test_every_heading_of_the_grid_stands_at_the_same_places() -> None:
    grid = sample_grid(ring_track())
    n_places = grid.n_along * len(grid.lanes)

    for i, turn_deg in enumerate(grid.headings_deg):
        for here, forward in zip(grid.states[i * n_places : (i + 1) * n_places], grid.states, strict=False):
            assert (here["x"], here["y"]) == pytest.approx((forward["x"], forward["y"]))
            turned = (here["heading"] - forward["heading"] - turn_deg + 180.0) % 360.0 - 180.0
            assert turned == pytest.approx(0.0, abs=1e-6)


def test_a_recorded_step_is_told_as_the_environment_told_it() -> None:
    env = DeepRacerEnv("oval", lambda _: 1.0, simulator="kinematic")
    env.reset(seed=0)
    is_over, told = False, 0

    while not is_over:
        _, _, terminated, truncated, info = env.step(env.action_space.sample())
        is_over = terminated or truncated
        assert_same(recorded_params(env.track, info["record"]), info["reward_params"])
        told += 1
    env.close()

    assert told > 10


def test_a_sample_lap_is_told_as_a_record_of_it() -> None:
    track = ring_track()
    for lap in sample_laps(track):
        for state in lap.states[::7]:
            assert_same(recorded_params(track, record_of(state)), state)


def record_of(state: RewardParams) -> StepRecord:
    return StepRecord(
        steps=int(state["steps"]),
        x_m=state["x"],
        y_m=state["y"],
        yaw_deg=state["heading"],
        steering_angle_deg=state["steering_angle"],
        speed_mps=state["speed"],
        action="0",
        reward=0.0,
        done=False,
        all_wheels_on_track=state["all_wheels_on_track"],
        progress=state["progress"],
        closest_waypoint=0,
        track_length_m=state["track_length"],
        time_s=state["sim_time"],
        outcome=Outcome.IN_PROGRESS,
        measured_speed_mps=state["speed"],
    )


def assert_same(found: RewardParams, expected: RewardParams) -> None:
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert type(found[name]) is type(value), name
        assert found[name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), name
