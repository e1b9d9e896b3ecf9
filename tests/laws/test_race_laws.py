"""Laws of races with objects, driven with the real physics and the real camera."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from deepracer_local.domain import CONTROL_RATE_HZ, Outcome, RaceSpec
from deepracer_local.env import DeepRacerEnv

RACES: dict[str, dict[str, Any]] = {
    "boxes": {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 3},
    "drawn-boxes": {
        "race_type": "OBJECT_AVOIDANCE",
        "number_of_obstacles": 4,
        "randomize_obstacle_locations": True,
        "start_position": "random",
    },
    "cars": {
        "race_type": "HEAD_TO_BOT",
        "bot_car_speed": 1.0,
        "is_lane_change": True,
        "lower_lane_change_time": 0.2,
        "upper_lane_change_time": 1.0,
        "randomize_bot_car_locations": True,
    },
    "set-back": {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 3, "number_of_resets": 100},
    "set-back-among-cars": {"race_type": "HEAD_TO_BOT", "is_lane_change": True, "number_of_resets": 100},
}
ANGLES = (-30, -15, 0, 15, 30)
ACTIONS = [{"steering_angle": angle, "speed": speed} for speed in (1.0, 3.0) for angle in ANGLES]
Make = Callable[..., DeepRacerEnv]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[DeepRacerEnv] = []

    def make_one(*, track: str = "reinvent_2018", simulator: str = "tyre", **race: Any) -> DeepRacerEnv:
        spec = RaceSpec.model_validate(race)
        made.append(DeepRacerEnv(track, action_space=ACTIONS, race=spec, simulator=simulator))
        return made[-1]

    yield make_one
    for env in made:
        env.close()


def digest(step: tuple[Any, ...]) -> tuple[Any, ...]:
    observation, reward, terminated, truncated, info = step
    return observation.tobytes(), reward, terminated, truncated, info["record"], info["reward_params"], info["objects"]


def drive(env: DeepRacerEnv, n_steps: int, *, seed: int) -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    steps = []
    for _ in range(n_steps):
        steps.append(env.step(int(rng.integers(len(ACTIONS)))))
        if steps[-1][2] or steps[-1][3]:
            env.reset()
    return steps


def follow_line(env: DeepRacerEnv, info: dict[str, Any]) -> int:
    """Returns the action that drives along the centre line at 1 m/s."""
    p = info["reward_params"]
    ahead = p["waypoints"][(p["closest_waypoints"][1] + 2) % (len(p["waypoints"]) - 1)]
    bearing = np.degrees(np.arctan2(ahead[1] - p["y"], ahead[0] - p["x"])) - p["heading"]
    return int(np.clip(np.round(((bearing + 180) % 360 - 180) / 15), -2, 2)) + 2


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_the_same_seed_gives_the_same_race_whatever_was_driven_before(make: Make, race: dict[str, Any]) -> None:
    env = make(**race)
    first = [digest(step) for step in drive(env, 60, seed=5)]
    drive(env, 30, seed=6)

    assert [digest(step) for step in drive(env, 60, seed=5)] == first


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_a_restored_race_goes_on_bit_for_bit_beside_others_on_the_same_physics(
    make: Make, race: dict[str, Any]
) -> None:
    one, other = make(**race), make(**race)
    drive(one, 37, seed=3)
    state = json.loads(json.dumps(one.get_state(), allow_nan=False))
    other.reset(seed=8)

    other.set_state(state)

    for i in range(50):
        mine, theirs = one.step(i % len(ACTIONS)), other.step(i % len(ACTIONS))
        assert digest(mine) == digest(theirs)
        if mine[2] or mine[3]:
            assert np.array_equal(one.reset()[0], other.reset()[0])


@pytest.mark.parametrize("race", ["drawn-boxes", "set-back-among-cars"])
def test_gymnasium_finds_nothing_to_complain_about(make: Make, race: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(**RACES[race]), skip_render_check=True)


@pytest.mark.parametrize("simulator", ["tyre", "kinematic"])
def test_a_car_that_drives_into_a_box_has_crashed_and_sees_it_before(make: Make, simulator: str) -> None:
    env = make(
        race_type="OBJECT_AVOIDANCE",
        object_positions=["0.1128,1"],  # 2 m along, on the straight; its side reaches 4 cm from the line
        start_position="fixed",
        simulator=simulator,
    )
    observation, info = env.reset(seed=0)
    empty, _ = make(start_position="fixed", simulator=simulator).reset(seed=0)
    assert not np.array_equal(observation, empty)
    assert info["reward_params"]["object_in_camera"]

    ended = False
    while not ended:
        *_, ended, _, info = env.step(2)

    params = info["reward_params"]
    assert (info["outcome"], params["is_crashed"]) == ("crashed", True)
    # Nose (0.16 m ahead of the middle) against the box's near side (0.2 m before its middle).
    assert params["x"] + 0.022 == pytest.approx(2.0 - 0.2, abs=0.08)
    assert params["closest_objects"] == [0, 0]
    assert params["objects_distance"] == pytest.approx([2.0], abs=0.01)


def test_a_corner_in_the_cars_side_is_a_crash(make: Make) -> None:
    """The original asks for the own corners only, and misses it."""
    # A bot comes from the side: across its path stands the car.
    env = make(race_type="HEAD_TO_BOT", number_of_bot_cars=1, bot_car_speed=0.0, start_position="fixed")
    env.reset(seed=0)
    state = env.get_state()
    bot = state["road"]["objects"][0]
    x_m, y_m, yaw_rad = env.vehicle_state.x_m, env.vehicle_state.y_m, env.vehicle_state.yaw_rad
    # Turned by 45 degrees, one corner 1 cm inside the car's left side, at the height of its middle.
    reach_m = 0.5 * float(np.hypot(bot["length_m"], bot["width_m"]))
    corner_rad = float(np.arctan2(bot["width_m"], bot["length_m"]))
    left = np.array([-np.sin(yaw_rad), np.cos(yaw_rad)])
    middle = np.array([x_m, y_m]) + left * (0.5 * 0.1961 - 0.01 + reach_m)
    bot["pose"] = [*middle.tolist(), yaw_rad - np.pi / 2 - corner_rad]
    bot["motion"] = None
    env.set_state(state)

    info = env.step(2)[4]

    assert info["outcome"] == "crashed"


BOT = {"race_type": "HEAD_TO_BOT", "number_of_bot_cars": 1, "start_position": "fixed"}


def test_being_run_into_from_behind_is_no_crash(make: Make) -> None:
    env = make(**BOT, bot_car_speed=2.0)
    env.reset(seed=0, options={"start_ndist": 1.5 / 17.73})  # near the other car, hence in the outer lane
    state = env.get_state()
    bot = state["road"]["objects"][0]
    bot["motion"] |= {"s_m": 0.9, "lane": -1}  # 0.6 m behind, in the same lane
    bot["pose"] = list(env.track.lane_pose(0.9, -1))

    env.set_state(state)
    steps = [env.step(2) for _ in range(9)]

    assert {step[4]["outcome"] for step in steps} == {"in_progress"}
    assert not any(step[4]["reward_params"]["is_crashed"] for step in steps)
    # It was run into: nothing else makes it faster than it was told.
    assert max(step[4]["record"].measured_speed_mps for step in steps) > 1.3


def test_running_into_another_car_is_a_crash(make: Make) -> None:
    env = make(**BOT, bot_car_speed=0.1)
    _, info = env.reset(seed=0)

    ended = False
    while not ended:
        *_, ended, _, info = env.step(2)

    params = info["reward_params"]
    assert (info["outcome"], params["is_crashed"], params["objects_speed"]) == ("crashed", True, [0.1])
    assert params["objects_distance"][0] == pytest.approx(2.0 + 0.1 * info["record"].time_s, abs=1e-3)


def test_an_object_behind_or_far_off_to_the_side_is_not_in_the_picture(make: Make) -> None:
    env = make(race_type="OBJECT_AVOIDANCE", object_positions=["0.1128,1"], start_position="fixed")

    seen = {
        share: env.reset(seed=0, options={"start_ndist": share})[1]["reward_params"]["object_in_camera"]
        for share in (0.0, 0.04, 0.16, 0.5)
    }

    assert seen == {0.0: True, 0.04: True, 0.16: False, 0.5: False}


def test_faults_of_an_evaluation_cost_what_the_rules_say(make: Make) -> None:
    env = make(
        race_type="OBJECT_AVOIDANCE",
        object_positions=["0.1128,1"],
        start_position="fixed",
        number_of_resets=100,
        off_track_penalty=3.0,
        collision_penalty=4.0,
    )
    _, info = env.reset(seed=0)
    ended, outcomes, records = False, [], [info["record"]]
    while not ended:
        # Straight into the box, then along the line, and once off the road.
        is_leaving = 60.0 < info["reward_params"]["progress"] < 75.0 and Outcome.OFF_TRACK not in outcomes
        straight = Outcome.CRASHED not in outcomes
        action = 4 if is_leaving else 2 if straight else follow_line(env, info)
        *_, ended, _, info = env.step(action)
        outcomes.append(Outcome(info["outcome"]))
        records.append(info["record"])

    [lap] = info["laps"]
    n_crashes, n_off = outcomes.count(Outcome.CRASHED), outcomes.count(Outcome.OFF_TRACK)
    assert n_crashes >= 1
    assert n_off == 1
    assert (lap.crashes, lap.off_tracks, lap.resets) == (n_crashes, n_off, n_crashes + n_off)
    assert lap.penalty_s == 4.0 * n_crashes + 3.0
    driven_steps = len(outcomes) - lap.resets
    assert lap.time_s == pytest.approx(driven_steps / CONTROL_RATE_HZ + lap.penalty_s, abs=1 / CONTROL_RATE_HZ)
    after_crash = records[outcomes.index(Outcome.CRASHED) + 2]
    assert (after_crash.outcome, after_crash.pause_s, after_crash.measured_speed_mps) == (Outcome.PAUSE, 4.0, 0.0)
    assert after_crash.x_m - 0.14 == pytest.approx(1.0, abs=0.05)  # a metre behind the box
    assert after_crash.y_m < -0.1  # in the outer lane
    assert all(not record.done for record in records[:-1])


def test_a_time_trial_is_driven_as_if_there_were_no_objects_in_the_world(make: Make) -> None:
    plain, beside = make(), make(**RACES["boxes"])
    drive(beside, 5, seed=1)

    alone = [digest(step) for step in drive(plain, 30, seed=4)]
    plain.reset(seed=4)
    rng = np.random.default_rng(4)
    mixed = []
    for _ in range(30):
        step = plain.step(int(rng.integers(len(ACTIONS))))
        mixed.append(digest(step))
        if beside.step(2)[2]:
            beside.reset()
        if step[2]:
            plain.reset()

    assert mixed == alone
    assert alone[0][-1] == ()


def test_an_evaluation_of_several_laps_drives_an_open_track_once_an_attempt(make: Make) -> None:
    env = make(track="drag_strip", start_position="fixed")
    _, info = env.reset(seed=0, options={"number_of_laps": 3})

    ended = False
    while not ended:
        *_, ended, _, info = env.step(2)

    assert [lap.outcome for lap in info["laps"]] == [Outcome.LAP_COMPLETE]


def test_the_lidar_measures_how_far_a_box_is() -> None:
    fixed = RaceSpec(start_position="fixed")
    box = RaceSpec(race_type="OBJECT_AVOIDANCE", object_positions=("0.04,1",), start_position="fixed")
    seen = []
    for race in (fixed, box):
        env = DeepRacerEnv("reinvent_2018", race=race, sensors=["FRONT_FACING_CAMERA", "LIDAR"])
        seen.append(env.reset(seed=0)[0])
        env.close()

    assert not np.array_equal(seen[0]["LIDAR"], seen[1]["LIDAR"])
