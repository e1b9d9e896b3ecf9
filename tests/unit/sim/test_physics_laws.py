"""The tyre model against closed forms: what a car with a mass and finite grip has to do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import CONTROL_RATE_HZ, GRAVITY_MPS2, Command, FloatArray, Pose, VehicleSpec, VehicleState
from deepracer_local.errors import InvalidInputError
from deepracer_local.sim import TyreSimulator

VEHICLE = VehicleSpec()
GRIP_MPS2 = VEHICLE.friction * GRAVITY_MPS2
START = Pose(0.0, 0.0, 0.0)


@pytest.fixture
def simulator() -> Iterator[TyreSimulator]:
    made = TyreSimulator()
    yield made
    made.close()


def drive(simulator: TyreSimulator, *parts: tuple[int, Command | None]) -> list[VehicleState]:
    """Returns the states of the last part, the one before its first step included."""
    states = [simulator.reset(START)]
    for n_steps, command in parts:
        states = [states[-1]] + [simulator.step(command) for _ in range(n_steps)]
    return states


def rear_axle_m(states: list[VehicleState]) -> FloatArray:
    wheels = np.array([state.wheels_xy_m for state in states])
    return np.asarray(0.5 * (wheels[:, 0:2] + wheels[:, 4:6]))


def velocities_mps(states: list[VehicleState]) -> FloatArray:
    rows = [
        (
            state.speed_mps * math.cos(state.yaw_rad) - state.lateral_speed_mps * math.sin(state.yaw_rad),
            state.speed_mps * math.sin(state.yaw_rad) + state.lateral_speed_mps * math.cos(state.yaw_rad),
        )
        for state in states
    ]
    return np.array(rows)


def accelerations_mps2(states: list[VehicleState]) -> FloatArray:
    """Returns the length of the change of velocity of every control step, over its duration."""
    return np.asarray(np.linalg.norm(np.diff(velocities_mps(states), axis=0), axis=1) * CONTROL_RATE_HZ)


def circle_radius_m(points_m: FloatArray) -> float:
    a, b, c = points_m[0], points_m[len(points_m) // 2], points_m[-1]
    sides = [math.dist(a, b), math.dist(b, c), math.dist(c, a)]
    area = 0.5 * abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    return float(math.prod(sides) / (4.0 * area))


@pytest.mark.parametrize("speed_mps", [0.1, 0.5])
@pytest.mark.parametrize("angle_deg", [5.0, 10.0, 15.0, 20.0, 30.0, -5.0, -15.0, -30.0])
def test_slow_cornering_follows_the_kinematic_bicycle(
    simulator: TyreSimulator, speed_mps: float, angle_deg: float
) -> None:
    command = Command(angle_deg, speed_mps)

    path_m = rear_axle_m(drive(simulator, (30, command), (16, command)))

    expected_m = VEHICLE.wheelbase_m / math.tan(math.radians(abs(angle_deg)))
    assert circle_radius_m(path_m) == pytest.approx(expected_m, rel=0.03)


@pytest.mark.parametrize("speed_mps", [0.5, 1.0, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("angle_deg", [3.0, 8.0, 15.0, 30.0, -30.0])
def test_acceleration_never_exceeds_the_grip(simulator: TyreSimulator, speed_mps: float, angle_deg: float) -> None:
    straight, steering, back = Command(0.0, speed_mps), Command(angle_deg, speed_mps), Command(-angle_deg, speed_mps)

    states = [simulator.reset(START)]
    for n_steps, command in [(30, straight), (30, steering), (30, back), (15, None)]:
        states += [simulator.step(command) for _ in range(n_steps)]

    assert accelerations_mps2(states).max() <= 1.05 * GRIP_MPS2


@pytest.mark.parametrize("friction", [0.2, 0.9])
def test_grip_follows_the_friction_of_the_car(friction: float) -> None:
    simulator = TyreSimulator(VehicleSpec(friction=friction))

    accelerations = accelerations_mps2(drive(simulator, (40, Command(0.0, 4.0)), (30, Command(20.0, 4.0))))
    simulator.close()

    assert 0.75 * friction * GRAVITY_MPS2 < accelerations.max() <= 1.05 * friction * GRAVITY_MPS2


@pytest.mark.parametrize("angle_deg", [30.0, -30.0])
def test_full_lock_at_top_speed_slides_wide(simulator: TyreSimulator, angle_deg: float) -> None:
    command = Command(angle_deg, 4.0)

    states = drive(simulator, (45, Command(0.0, 4.0)), (45, command), (30, command))

    speed_mps = float(np.linalg.norm(velocities_mps(states), axis=1).min())
    assert speed_mps > 3.5
    assert circle_radius_m(rear_axle_m(states)) >= 0.95 * speed_mps**2 / GRIP_MPS2
    assert all(abs(math.atan2(state.lateral_speed_mps, state.speed_mps)) < 0.2 for state in states), "it spins"


def test_full_lock_at_top_speed_uses_most_of_the_grip(simulator: TyreSimulator) -> None:
    states = drive(simulator, (45, Command(0.0, 4.0)), (30, Command(30.0, 4.0)))

    assert accelerations_mps2(states).max() > 0.75 * GRIP_MPS2


@pytest.mark.parametrize("slow", [Command(0.0, 0.1), None], ids=["lowest-command", "no-command"])
@pytest.mark.parametrize("speed_mps", [1.0, 2.0, 4.0])
def test_slowing_needs_the_distance_that_grip_allows(
    simulator: TyreSimulator, speed_mps: float, slow: Command | None
) -> None:
    states = drive(simulator, (60, Command(0.0, speed_mps)), (60, slow))

    slowed = next(state for state in states if state.speed_mps <= 0.105)
    distance_m = slowed.x_m - states[0].x_m
    shortest_m = states[0].speed_mps ** 2 / (2.0 * GRIP_MPS2)
    assert 0.95 * shortest_m <= distance_m <= 1.5 * shortest_m


@pytest.mark.parametrize("speed_mps", [0.1, 0.5, 1.0, 2.5, 4.0])
def test_speed_follows_the_command_on_the_straight(simulator: TyreSimulator, speed_mps: float) -> None:
    states = drive(simulator, (60, Command(0.0, speed_mps)), (30, Command(0.0, speed_mps)))

    assert [state.speed_mps for state in states] == pytest.approx([speed_mps] * 31, rel=0.02)
    assert states[-1].x_m - states[0].x_m == pytest.approx(2.0 * speed_mps, rel=0.02)


def test_driving_off_uses_the_grip_and_not_more(simulator: TyreSimulator) -> None:
    states = drive(simulator, (60, Command(0.0, 4.0)))

    accelerations = accelerations_mps2(states)
    assert 0.8 * GRIP_MPS2 < accelerations.max() <= GRIP_MPS2
    assert all(later.speed_mps > earlier.speed_mps - 1e-3 for earlier, later in pairwise(states))


def test_straight_driving_stays_straight(simulator: TyreSimulator) -> None:
    states = drive(simulator, (150, Command(0.0, 3.0)))

    assert max(abs(state.y_m) for state in states) < 1e-9
    assert states[-1].x_m > 25.0


def test_a_standing_car_stands_still(simulator: TyreSimulator) -> None:
    states = drive(simulator, (75, None))

    for state in states:
        place = (state.x_m, state.y_m, state.z_m, state.roll_rad, state.pitch_rad, state.yaw_rad)
        assert place == pytest.approx((0.0,) * 6, abs=1e-6)


def test_a_stopped_car_does_not_creep(simulator: TyreSimulator) -> None:
    states = drive(simulator, (30, Command(25.0, 2.0)), (45, None), (75, None))

    assert math.dist((states[0].x_m, states[0].y_m), (states[-1].x_m, states[-1].y_m)) < 1e-6


def test_the_body_leans_as_far_as_its_springs_let_it(simulator: TyreSimulator) -> None:
    cornering = drive(simulator, (45, Command(0.0, 4.0)), (45, Command(20.0, 4.0)))
    braking = drive(simulator, (45, Command(0.0, 4.0)), (10, Command(0.0, 0.1)))

    roll_deg = math.degrees(cornering[-1].roll_rad)
    pitch_deg = math.degrees(max(state.pitch_rad for state in braking))
    assert 0.5 < roll_deg < 2.0, "outwards: to the right in a left bend"
    assert 0.5 < pitch_deg < 2.0, "nose down"
    assert max(abs(state.z_m) for state in cornering + braking) < 0.001


def test_steering_takes_the_time_of_a_servo(simulator: TyreSimulator) -> None:
    command = Command(30.0, 0.5)
    states = drive(simulator, (30, Command(-30.0, 0.5)), (4, command))

    yaw_rates = [state.yaw_rate_radps for state in states]
    settled = drive(simulator, (30, command))[-1].yaw_rate_radps
    assert yaw_rates[1] < 0.1 * settled, "after 1/15 s the wheels have just passed the middle"
    assert yaw_rates[4] > 0.85 * settled


@pytest.mark.parametrize(("rate_hz", "tolerance_m"), [(60, 0.06), (120, 0.03), (240, 0.015)])
def test_the_path_converges_with_the_physics_rate(rate_hz: int, tolerance_m: float) -> None:
    commands = [Command(20.0 * math.sin(step / 8.0), 1.0) for step in range(90)]

    def path_m(rate_hz: int) -> FloatArray:
        simulator = TyreSimulator(physics_rate_hz=rate_hz)
        simulator.reset(START)
        states = [simulator.step(command) for command in commands]
        simulator.close()
        return np.array([(state.x_m, state.y_m) for state in states])

    assert np.linalg.norm(path_m(rate_hz) - path_m(960), axis=1).max() < tolerance_m


@pytest.mark.parametrize(("rate_hz", "per_step"), [(60, 4), (120, 8), (240, 16)])
def test_sub_steps_are_counted(rate_hz: int, per_step: int) -> None:
    simulator = TyreSimulator(physics_rate_hz=rate_hz)
    before = simulator.physics_steps

    drive(simulator, (25, Command(0.0, 1.0)))

    assert simulator.physics_steps - before == 25 * per_step
    simulator.close()


@pytest.mark.parametrize("rate_hz", [0, -15, 30, 100, 241])
def test_a_rate_that_does_not_fit_the_control_step_is_refused(rate_hz: int) -> None:
    with pytest.raises(InvalidInputError):
        TyreSimulator(physics_rate_hz=rate_hz)


@pytest.mark.parametrize("rate_hz", [60, 240])
@pytest.mark.parametrize("angle_deg", [15.0, -30.0])
def test_slow_cornering_is_the_same_at_other_physics_rates(rate_hz: int, angle_deg: float) -> None:
    simulator = TyreSimulator(physics_rate_hz=rate_hz)
    command = Command(angle_deg, 0.5)

    path_m = rear_axle_m(drive(simulator, (30, command), (16, command)))
    simulator.close()

    assert circle_radius_m(path_m) == pytest.approx(
        VEHICLE.wheelbase_m / math.tan(math.radians(abs(angle_deg))), rel=0.03
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(commands=st.lists(st.builds(Command, st.floats(-30.0, 30.0), st.floats(0.1, 4.0)), min_size=1, max_size=20))
def test_no_driving_style_gets_more_than_the_grip(commands: list[Command]) -> None:
    simulator = TyreSimulator()

    states = drive(simulator, (20, Command(0.0, 4.0)))
    for command in commands:
        states += [simulator.step(command) for _ in range(3)]
    simulator.close()

    assert accelerations_mps2(states).max() <= 1.05 * GRIP_MPS2
    assert all(abs(state.roll_rad) < 0.06 and abs(state.pitch_rad) < 0.06 for state in states)
