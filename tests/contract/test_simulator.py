"""What every simulator promises, whatever its physics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import Command, Pose, VehicleSpec, VehicleState
from deepracer_local.errors import InvalidInputError
from deepracer_local.sim import KinematicSimulator, Simulator, TyreSimulator

Make = Callable[[], Simulator]

KINDS: dict[str, Make] = {"tyre": TyreSimulator, "kinematic": KinematicSimulator}
START = Pose(1.5, -2.0, 2.5)


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Simulator] = []

    def make_one() -> Simulator:
        made.append(KINDS[request.param]())
        return made[-1]

    yield make_one
    for simulator in made:
        simulator.close()


def random_commands(n: int, seed: int) -> list[Command]:
    rng = np.random.default_rng(seed)
    angles, speeds = rng.uniform(-35.0, 35.0, n), rng.uniform(0.0, 4.5, n)
    return [Command(float(angle), float(speed)) for angle, speed in zip(angles, speeds, strict=True)]


def drive(simulator: Simulator, commands: list[Command], pose: Pose = START) -> list[VehicleState]:
    simulator.reset(pose)
    return [simulator.step(command) for command in commands]


def numbers(state: VehicleState) -> list[float]:
    return [
        *(state.x_m, state.y_m, state.z_m, state.roll_rad, state.pitch_rad, state.yaw_rad),
        *(state.speed_mps, state.lateral_speed_mps, state.yaw_rate_radps, state.front_x_m, state.front_y_m),
        *state.wheels_xy_m,
    ]


def test_reset_puts_the_car_at_rest_at_the_pose(make: Make) -> None:
    simulator = make()
    drive(simulator, random_commands(20, seed=1))

    state = simulator.reset(START)

    assert (state.x_m, state.y_m, state.yaw_rad) == pytest.approx(START, abs=1e-12)
    assert (state.z_m, state.roll_rad, state.pitch_rad) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    assert (state.speed_mps, state.lateral_speed_mps, state.yaw_rate_radps) == (0.0, 0.0, 0.0)
    assert not state.has_contact


def test_wheels_and_front_point_sit_where_the_car_has_them(make: Make) -> None:
    vehicle = VehicleSpec()

    state = make().reset(Pose(10.0, 20.0, math.pi / 2))

    half_m = vehicle.axle_track_m / 2
    expected = [
        *(10.0 - half_m, 20.0 + vehicle.rear_axle_x_m, 10.0 - half_m, 20.0 + vehicle.front_axle_x_m),
        *(10.0 + half_m, 20.0 + vehicle.rear_axle_x_m, 10.0 + half_m, 20.0 + vehicle.front_axle_x_m),
    ]
    assert state.wheels_xy_m == pytest.approx(expected, abs=1e-9)
    assert (state.front_x_m, state.front_y_m) == pytest.approx((10.0, 20.0 + vehicle.front_point_x_m), abs=1e-9)


def test_reset_leaves_no_history(make: Make) -> None:
    commands = random_commands(60, seed=2)
    fresh = drive(make(), commands)
    used = make()
    for episode in range(20):
        drive(used, random_commands(10, seed=episode), Pose(episode, 1.0, episode))

    again = drive(used, commands)

    assert again == fresh


def test_two_simulators_never_meet(make: Make) -> None:
    one_commands, other_commands = random_commands(50, seed=3), random_commands(50, seed=4)
    alone = drive(make(), one_commands), drive(make(), other_commands)
    one, other = make(), make()
    one.reset(START)
    other.reset(START)

    together = [(one.step(a), other.step(b)) for a, b in zip(one_commands, other_commands, strict=True)]

    assert together == list(zip(*alone, strict=True))


def test_a_restored_simulator_goes_on_bit_for_bit(make: Make) -> None:
    commands = random_commands(80, seed=5)
    whole = make()
    states = drive(whole, commands[:40])
    snapshot = whole.snapshot()
    states += [whole.step(command) for command in commands[40:]]
    fresh = make()

    restored = [fresh.restore(snapshot)] + [fresh.step(command) for command in commands[40:]]

    assert restored == states[39:]
    assert drive(fresh, commands) == states


def test_a_snapshot_is_plain_finite_numbers_and_changes_nothing(make: Make) -> None:
    commands = random_commands(30, seed=6)
    undisturbed = drive(make(), commands)
    simulator = make()
    simulator.reset(START)

    disturbed = []
    for command in commands:
        disturbed.append(simulator.step(command))
        assert all(type(value) is float and math.isfinite(value) for value in simulator.snapshot())

    assert disturbed == undisturbed


@pytest.mark.parametrize("damage", [lambda s: s[:-1], lambda s: [math.nan, *s[1:]]], ids=["short", "nan"])
def test_restore_refuses_what_is_not_a_snapshot(make: Make, damage: Callable[[list[float]], list[float]]) -> None:
    simulator = make()

    with pytest.raises(InvalidInputError):
        simulator.restore(damage(simulator.snapshot()))


@pytest.mark.parametrize(
    ("wild", "clipped"),
    [
        (Command(90.0, 1.0), Command(30.0, 1.0)),
        (Command(-31.0, 1.0), Command(-30.0, 1.0)),
        (Command(10.0, 99.0), Command(10.0, 4.0)),
        (Command(10.0, 0.0), Command(10.0, 0.1)),
        (Command(10.0, -3.0), Command(10.0, 0.1)),
    ],
)
def test_commands_are_clipped_to_the_limits_of_the_car(make: Make, wild: Command, clipped: Command) -> None:
    assert drive(make(), [wild] * 20) == drive(make(), [clipped] * 20)


@pytest.mark.parametrize("command", [Command(math.nan, 1.0), Command(0.0, math.inf)])
def test_a_command_that_is_not_finite_is_refused(make: Make, command: Command) -> None:
    simulator = make()

    with pytest.raises(InvalidInputError):
        simulator.step(command)


def test_a_pose_that_is_not_finite_is_refused(make: Make) -> None:
    simulator = make()

    with pytest.raises(InvalidInputError):
        simulator.reset(Pose(0.0, math.nan, 0.0))


def test_left_and_right_are_mirror_images(make: Make) -> None:
    commands = random_commands(60, seed=7)
    mirrored = [Command(-command.steering_angle_deg, command.speed_mps) for command in commands]
    start = Pose(0.0, 0.0, 0.0)

    ours, theirs = drive(make(), commands, start), drive(make(), mirrored, start)

    for left, right in zip(ours, theirs, strict=True):
        assert (right.x_m, right.pitch_rad, right.speed_mps) == pytest.approx(
            (left.x_m, left.pitch_rad, left.speed_mps), abs=1e-9
        )
        assert (-right.y_m, -right.roll_rad, -right.lateral_speed_mps, -right.yaw_rate_radps) == pytest.approx(
            (left.y_m, left.roll_rad, left.lateral_speed_mps, left.yaw_rate_radps), abs=1e-9
        )


def test_where_the_car_starts_changes_nothing_but_the_place(make: Make) -> None:
    commands = random_commands(40, seed=8)
    turn_rad = 1.1
    cosine, sine = math.cos(turn_rad), math.sin(turn_rad)

    here = drive(make(), commands, Pose(0.0, 0.0, 0.0))[-1]
    there = drive(make(), commands, Pose(5.0, 6.0, turn_rad))[-1]

    moved = (5.0 + here.x_m * cosine - here.y_m * sine, 6.0 + here.x_m * sine + here.y_m * cosine)
    assert (there.x_m, there.y_m) == pytest.approx(moved, abs=1e-8)
    assert there.speed_mps == pytest.approx(here.speed_mps, abs=1e-8)


def test_no_command_brakes_to_standstill(make: Make) -> None:
    simulator = make()
    drive(simulator, [Command(20.0, 2.0)] * 30)

    states = [simulator.step(None) for _ in range(60)]

    assert math.hypot(states[-1].speed_mps, states[-1].lateral_speed_mps) < 1e-6
    assert (states[-1].x_m, states[-1].y_m) == pytest.approx((states[-10].x_m, states[-10].y_m), abs=1e-6)


BOX = {"length_m": 0.4, "width_m": 0.3, "height_m": 0.25}


def until_contact(simulator: Simulator, n_steps: int = 40) -> int | None:
    """Drives straight from the origin; returns the step of the first contact."""
    simulator.reset(Pose(0.0, 0.0, 0.0))
    for i in range(n_steps):
        if simulator.step(Command(0.0, 1.0)).has_contact:
            return i
    return None


def test_a_box_is_touched_where_it_was_put_and_named(make: Make) -> None:
    simulator = make()
    far, near = (simulator.add_box(Pose(x_m, 0.0, 0.0), **BOX) for x_m in (5.0, 1.0))

    step = until_contact(simulator)

    # The nose is 0.16 m ahead of the middle, the near side of the box 0.2 m before its own.
    assert step is not None
    assert simulator.touched_boxes == {near}
    simulator.place_box(near, Pose(1.0, 2.0, 0.0))
    assert until_contact(simulator) is None
    simulator.place_box(far, Pose(1.0, 0.0, 0.0))
    assert until_contact(simulator) == step
    assert simulator.touched_boxes == {far}
    simulator.remove_box(far)
    assert until_contact(simulator) is None
    assert simulator.touched_boxes == frozenset()


def test_a_box_that_moves_through_the_car_within_a_step_is_noticed_and_ends_where_it_was_sent(make: Make) -> None:
    simulator = make()
    box = simulator.add_box(Pose(0.0, -1.0, 0.0), **BOX)
    simulator.reset(Pose(0.0, 0.0, 0.0))
    assert not simulator.step(None).has_contact

    simulator.move_box(box, Pose(0.0, -0.3, 0.0))
    before = simulator.step(None).has_contact
    simulator.move_box(box, Pose(0.0, -0.2, 0.0))
    touching = simulator.step(None)

    assert not before
    assert touching.has_contact
    simulator.reset(Pose(0.0, -1.0, 0.0))
    assert not simulator.step(None).has_contact  # it is no longer where it began


def test_a_car_among_moving_boxes_goes_on_bit_for_bit_from_a_snapshot(make: Make) -> None:
    one, other = make(), make()
    boxes = [simulator.add_box(Pose(-0.4, 0.05, 0.0), **BOX) for simulator in (one, other)]

    def step(simulator: Simulator, box: int, i: int) -> VehicleState:
        simulator.move_box(box, Pose(-0.4 + 0.1 * (i + 1), 0.05, 0.02 * i))
        return simulator.step(Command(5.0, 1.0))

    one.reset(Pose(0.0, 0.0, 0.0))
    states = [step(one, boxes[0], i) for i in range(6)]
    snapshot = one.snapshot()
    states += [step(one, boxes[0], i) for i in range(6, 20)]
    other.place_box(boxes[1], Pose(-0.4 + 0.1 * 6, 0.05, 0.02 * 5))
    other.restore(snapshot)

    assert [step(other, boxes[1], i) for i in range(6, 20)] == states[6:]
    assert any(state.has_contact for state in states[6:])


def test_close_may_be_called_twice(make: Make) -> None:
    simulator = make()

    simulator.close()
    simulator.close()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    commands=st.lists(
        st.none() | st.builds(Command, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60
    )
)
def test_every_state_is_finite(kind: str, commands: list[Command | None]) -> None:
    simulator = KINDS[kind]()
    simulator.reset(START)

    states = [simulator.step(command) for command in commands]
    simulator.close()

    assert all(math.isfinite(value) for state in states for value in numbers(state))
    assert all(-math.pi < state.yaw_rad <= math.pi for state in states)
