"""The world around the tyres: determinism across processes, boxes to run into, closed worlds, and the kernel alone."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import Command, Pose, VehicleSpec
from deepracer_local.errors import WorldError
from deepracer_local.sim import KinematicSimulator, TyreSimulator
from deepracer_local.sim._tyre_kernels import STEERING, STEERING_TARGET, tyre_wrench
from deepracer_local.sim._tyres import Chassis, _constants, _wheel_rows

REPOSITORY = Path(__file__).parents[3]
START = Pose(0.0, 0.0, 0.0)
FINITE = st.floats(-5.0, 5.0)


def five_hundred_steps(simulator: TyreSimulator) -> list[str]:
    """Returns a line per step with every bit of the car's state."""
    rng = np.random.default_rng(11)
    simulator.reset(Pose(1.0, 2.0, 2.5))
    lines = []
    for _ in range(500):
        simulator.step(Command(float(rng.uniform(-35.0, 35.0)), float(rng.uniform(0.0, 4.5))))
        lines.append(" ".join(value.hex() for value in simulator.snapshot()))
    return lines


@pytest.fixture
def simulator() -> Iterator[TyreSimulator]:
    made = TyreSimulator()
    yield made
    made.close()


def test_five_hundred_steps_are_the_same_in_a_fresh_process(simulator: TyreSimulator) -> None:
    rng = np.random.default_rng(12)
    for episode in range(20):
        simulator.reset(Pose(0.0, episode, episode))
        for _ in range(20):
            simulator.step(Command(float(rng.uniform(-30, 30)), float(rng.uniform(0, 4))))

    here = five_hundred_steps(simulator)
    answer = subprocess.run(
        [sys.executable, "-c", f"import {__name__} as t; print(*t.five_hundred_steps(t.TyreSimulator()), sep='\\n')"],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        timeout=60,
    )

    assert answer.stdout.split("\n")[-501:-1] == here


def crash(simulator: TyreSimulator, n_steps: int, *, command: Command) -> list[list[float]]:
    simulator.reset(START)
    snapshots = []
    for _ in range(n_steps):
        simulator.step(command)
        snapshots.append(simulator.snapshot())
    return snapshots


@pytest.mark.parametrize("speed_mps", [0.5, 4.0])
@pytest.mark.parametrize("turn_rad", [0.0, 0.6], ids=["flat", "corner"])
def test_a_box_stops_the_car(simulator: TyreSimulator, speed_mps: float, turn_rad: float) -> None:
    simulator.add_box(Pose(1.5, 0.0, turn_rad), length_m=0.4, width_m=0.4, height_m=0.25)
    simulator.reset(START)

    states = [simulator.step(Command(0.0, speed_mps)) for _ in range(75)]

    first = next(i for i, state in enumerate(states) if state.has_contact)
    nose_m = states[first - 1].x_m + VehicleSpec().length_m / 2
    assert nose_m == pytest.approx(1.25, abs=0.06 + speed_mps / 15)
    assert abs(states[first].speed_mps) < 0.3 * speed_mps
    assert states[-1].x_m < 1.5
    assert all(abs(state.roll_rad) < 0.1 and abs(state.pitch_rad) < 0.1 for state in states)


def test_the_car_passes_where_there_is_room(simulator: TyreSimulator) -> None:
    simulator.add_box(Pose(1.5, 0.35, 0.0), length_m=0.4, width_m=0.4, height_m=0.25)
    simulator.reset(START)

    states = [simulator.step(Command(0.0, 2.0)) for _ in range(45)]

    assert not any(state.has_contact for state in states)
    assert states[-1].x_m > 3.0
    assert abs(states[-1].y_m) < 1e-9


def test_a_removed_box_stops_nobody(simulator: TyreSimulator) -> None:
    box = simulator.add_box(Pose(0.9, 0.0, 0.0), length_m=0.4, width_m=0.4, height_m=0.25)
    crash(simulator, 30, command=Command(0.0, 2.0))

    simulator.remove_box(box)
    states = [simulator.step(Command(0.0, 2.0)) for _ in range(30)]

    assert not any(state.has_contact for state in states)
    assert states[-1].x_m > 2.0


def test_a_crash_leaves_no_history(simulator: TyreSimulator) -> None:
    simulator.add_box(Pose(1.5, 0.2, 0.3), length_m=0.4, width_m=0.4, height_m=0.25)
    first = crash(simulator, 40, command=Command(2.0, 4.0))

    again = crash(simulator, 40, command=Command(2.0, 4.0))

    assert any(snapshot[-1] for snapshot in first), "it never touched the box"
    assert again == first


@pytest.mark.parametrize("seed", range(16))
def test_a_snapshot_in_the_middle_of_a_crash_goes_on_bit_for_bit(simulator: TyreSimulator, seed: int) -> None:
    rng = np.random.default_rng(seed)
    other = TyreSimulator()
    for _ in range(4):
        pose = Pose(float(rng.uniform(0.6, 1.4)), float(rng.uniform(-0.4, 0.4)), float(rng.uniform(0.0, 3.0)))
        for one in (simulator, other):
            one.add_box(pose, length_m=0.3, width_m=0.2, height_m=0.25)
    commands = [Command(float(rng.uniform(-30.0, 30.0)), float(rng.uniform(0.5, 4.0))) for _ in range(60)]
    simulator.reset(START)
    whole = []
    for command in commands:
        simulator.step(command)
        whole.append(simulator.snapshot())
    touching = [i for i, snapshot in enumerate(whole) if snapshot[-1]]
    assert touching, "it never touched a box"

    for start in (touching[0], touching[len(touching) // 2]):
        assert other.restore(whole[start]).has_contact
        for i in range(start + 1, len(whole)):
            other.step(commands[i])
            assert other.snapshot() == whole[i]
    other.close()


@pytest.mark.parametrize("with_box", [False, True])
def test_cars_that_drive_in_turns_drive_as_if_they_were_alone(with_box: bool) -> None:
    cars = [TyreSimulator() for _ in range(3)]
    alone = five_hundred_steps(cars[0])
    if with_box:  # in the way of the two others from their first step
        cars[1].add_box(Pose(1.0, 2.0, 0.0), length_m=0.5, width_m=0.5, height_m=0.5)
        cars[2].add_box(Pose(2.0, 2.0, 0.0), length_m=0.5, width_m=0.5, height_m=0.5)
    rng = np.random.default_rng(11)
    for car in cars:
        car.reset(Pose(1.0, 2.0, 2.5))
    together = []
    for _ in range(500):
        command = Command(float(rng.uniform(-35.0, 35.0)), float(rng.uniform(0.0, 4.5)))
        for other in (cars[1], cars[2]):
            other.step(Command(20.0, 2.0))
        cars[0].step(command)
        together.append(" ".join(value.hex() for value in cars[0].snapshot()))
    for car in cars:
        car.close()

    assert together == alone


def test_a_closed_simulator_does_not_drive_somebody_elses_car() -> None:
    closed = TyreSimulator()
    closed.close()
    heir = TyreSimulator()

    with pytest.raises(WorldError):
        closed.step(Command(0.0, 1.0))

    assert heir.physics_steps == 0
    heir.close()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    velocity=st.tuples(FINITE, FINITE, FINITE),
    turning=st.tuples(FINITE, FINITE, FINITE),
    height_m=st.floats(-0.01, 0.05),
    roll=st.floats(-0.1, 0.1),
    targets=st.tuples(st.floats(-0.5, 0.5), st.floats(0.0, 4.0)),
    friction=st.floats(0.05, 2.0),
)
def test_in_every_state_the_tyres_push_no_more_than_friction_times_load(
    velocity: tuple[float, float, float],
    turning: tuple[float, float, float],
    height_m: float,
    roll: float,
    targets: tuple[float, float],
    friction: float,
) -> None:
    vehicle, chassis = VehicleSpec(friction=friction), Chassis()
    pose = ((0.0, 0.0, height_m), (math.sin(roll / 2), 0.0, 0.0, math.cos(roll / 2)))
    actuator = np.array([targets[0], *targets])

    force, torque = tyre_wrench(
        pose, (velocity, turning), actuator, _wheel_rows(vehicle, chassis), _constants(vehicle, chassis, 1 / 120)
    )

    assert all(math.isfinite(value) for value in force + torque)
    assert force[2] >= 0.0
    assert math.hypot(force[0], force[1]) <= friction * force[2] * (1.0 + 1e-9)


def test_at_rest_the_springs_carry_the_weight_and_nothing_else() -> None:
    vehicle, chassis = VehicleSpec(), Chassis()
    pose = ((3.0, 4.0, chassis.centre_of_mass_z_m), (0.0, 0.0, 0.0, 1.0))
    rest = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))

    force, torque = tyre_wrench(
        pose, rest, np.zeros(3), _wheel_rows(vehicle, chassis), _constants(vehicle, chassis, 1 / 120)
    )

    assert force == pytest.approx((0.0, 0.0, vehicle.mass_kg * 9.80665))
    assert torque == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_the_steering_moves_by_its_rate_and_stops_at_its_target() -> None:
    vehicle, chassis = VehicleSpec(), Chassis()
    pose = ((0.0, 0.0, chassis.centre_of_mass_z_m), (0.0, 0.0, 0.0, 1.0))
    rest = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    actuator = np.zeros(3)
    actuator[STEERING_TARGET] = 0.5

    angles_rad = []
    for _ in range(8):
        tyre_wrench(pose, rest, actuator, _wheel_rows(vehicle, chassis), _constants(vehicle, chassis, 1 / 120))
        angles_rad.append(float(actuator[STEERING]))

    reach_rad = chassis.steering_rate_radps / 120
    assert angles_rad == pytest.approx([min((i + 1) * reach_rad, 0.5) for i in range(8)])


@pytest.mark.parametrize("angle_deg", [5.0, -30.0])
def test_the_kinematic_car_turns_on_its_circle_exactly(angle_deg: float) -> None:
    simulator = KinematicSimulator()
    simulator.reset(START)
    states = [simulator.step(Command(angle_deg, 4.0)) for _ in range(60)]
    vehicle = VehicleSpec()
    wheelbase_m = vehicle.front_axle_x_m - vehicle.rear_axle_x_m

    radius_m = wheelbase_m / math.tan(math.radians(angle_deg))
    rear = [0.5 * (np.array(s.wheels_xy_m[0:2]) + np.array(s.wheels_xy_m[4:6])) for s in states[30:]]
    left = [np.array((-math.sin(s.yaw_rad), math.cos(s.yaw_rad))) for s in states[30:]]
    centres = np.array([place + radius_m * side for place, side in zip(rear, left, strict=True)])

    assert np.ptp(centres, axis=0) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert states[-1].speed_mps == pytest.approx(4.0, rel=1e-6)


@pytest.mark.parametrize("is_moving", [False, True], ids=["standing", "moving"])
def test_boxes_out_of_reach_change_nothing(is_moving: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def drive(out_of_reach_m: float) -> list[list[float]]:
        monkeypatch.setattr("deepracer_local.sim._world._OUT_OF_REACH_M", out_of_reach_m)
        simulator = TyreSimulator()
        boxes = [simulator.add_box(Pose(x, 0.1 * x, x), length_m=0.4, width_m=0.3, height_m=0.25) for x in (1.5, 4.0)]
        rng = np.random.default_rng(5)
        simulator.reset(START)
        found = []
        for i in range(60):
            if is_moving:
                simulator.move_box(boxes[1], Pose(4.0 - 0.03 * i, 0.4, 4.0))
            simulator.step(Command(float(rng.uniform(-15.0, 15.0)), float(rng.uniform(0.5, 4.0))))
            found.append([*simulator.snapshot(), *sorted(simulator.touched_boxes)])
        simulator.close()
        return found

    always_among_boxes = drive(1e9)

    assert any(row[14] for row in always_among_boxes)  # it does run into something
    assert drive(0.25) == always_among_boxes
