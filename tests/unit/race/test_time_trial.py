from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import CONTROL_RATE_HZ, Outcome, RaceSpec
from deepracer_local.errors import SpecError
from deepracer_local.race import RaceRules, RaceState, TimeTrial
from tests.unit.race.scenes import Drive, car, place, ring_track, straight_track

RING = ring_track()
OPEN = straight_track(10.0)


def time_trial(**settings_: object) -> TimeTrial:
    return TimeTrial(RaceSpec.model_validate(settings_), RING)


def test_time_trial_fits_the_protocol() -> None:
    rules: RaceRules = time_trial()

    assert rules.start(car(0.0), place(0.0), 0.0).outcome is Outcome.PREPARE


def test_the_first_paid_step_is_number_two() -> None:
    drive = Drive(time_trial(), first_ndist=0.0079)

    assert (drive.state.steps, drive.state.time_s, drive.state.outcome) == (1, 0.0, Outcome.PREPARE)
    assert drive.state.progress == pytest.approx(0.79)
    after = drive.to(0.01)
    assert (after.steps, after.time_s, after.outcome) == (2, 1 / CONTROL_RATE_HZ, Outcome.IN_PROGRESS)


@pytest.mark.parametrize("start", [0.0, 0.05, 0.5, 0.95], ids=str)
def test_progress_counts_from_the_start_of_the_episode(start: float) -> None:
    drive = Drive(time_trial(), start)

    seen = [drive.to(start + share).progress for share in (0.1, 0.4, 0.7, 0.99)]

    assert seen == pytest.approx([10.0, 40.0, 70.0, 99.0])


def test_a_car_behind_the_start_line_has_no_progress_and_no_lap() -> None:
    drive = Drive(time_trial(), 0.0, first_ndist=0.004)

    behind = drive.to(-0.01)
    ahead = drive.to(0.002)

    assert behind.progress == 0.0
    assert behind.prev_progress == pytest.approx(-1.0)
    assert ahead.progress == pytest.approx(0.2)
    assert ahead.laps == ()


def test_a_lap_driven_backwards_and_forwards_again_is_no_lap() -> None:
    drive = Drive(time_trial(number_of_reverse_counts=10_000))

    shares = [*np.arange(-0.1, -2.5, -0.1), *np.arange(-2.4, 0.95, 0.1)]
    states = [drive.to(float(share)) for share in shares]

    assert all(state.laps == () for state in states)
    assert states[-1].progress == pytest.approx(90.0)


def test_a_lap_ends_the_episode_with_progress_of_exactly_100() -> None:
    drive = Drive(time_trial(), 0.3, first_ndist=0.3)
    for share in np.arange(0.35, 1.3, 0.05):
        assert drive.to(float(share)).outcome is Outcome.IN_PROGRESS

    last = drive.to(1.31)

    assert last.outcome is Outcome.LAP_COMPLETE
    assert last.progress == 100.0
    assert [lap.outcome for lap in last.laps] == [Outcome.LAP_COMPLETE]


def test_the_crossing_is_timed_between_two_steps() -> None:
    drive = Drive(time_trial())
    for share in (0.25, 0.5, 0.75, 0.98):
        drive.to(share)

    lap = drive.to(1.06).laps[0]

    assert lap.time_s == pytest.approx((4 + 0.25) / CONTROL_RATE_HZ)
    assert (lap.progress, lap.steps, lap.trial) == (100.0, 6, 1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    start=st.floats(0.0, 0.99),
    moves=st.lists(st.floats(-0.02, 0.09), min_size=20, max_size=150),
    n_laps=st.integers(1, 4),
)
def test_lap_times_equal_those_recomputed_from_the_trace(start: float, moves: list[float], n_laps: int) -> None:
    drive = Drive(time_trial(number_of_laps=n_laps, number_of_reverse_counts=10_000), start)
    trace = [(0.0, 0.0)]
    share = 0.0
    for move in moves:
        share += move
        state = drive.to(start + share)
        trace.append((state.time_s, share))
        if state.outcome.ends_episode:
            break

    crossings = first_crossings(trace)

    measured = [lap for lap in drive.state.laps if lap.is_clean]
    assert len(measured) == min(len(crossings), n_laps)
    assert np.cumsum([lap.time_s for lap in measured]) == pytest.approx(crossings[: len(measured)], abs=1e-6)
    assert sum(lap.steps for lap in measured) <= drive.state.steps


def first_crossings(trace: list[tuple[float, float]]) -> list[float]:
    """Returns when each whole lap was first reached."""
    times, lap = [], 1
    for (t0, a), (t1, b) in pairwise(trace):
        if b >= lap > a:
            times.append(t0 + (lap - a) / (b - a) * (t1 - t0))
            lap += 1
    return times


@settings(max_examples=60, deadline=None, derandomize=True)
@given(start=st.floats(0.0, 0.99), moves=st.lists(st.floats(-0.45, 0.45), min_size=1, max_size=60))
def test_published_progress_stays_between_0_and_100(start: float, moves: list[float]) -> None:
    drive = Drive(time_trial(number_of_laps=100, number_of_reverse_counts=10_000), start)
    share = start
    for move in moves:
        share += move
        state = drive.to(share)
        assert 0.0 <= state.progress <= 100.0
        assert state.time_s == (state.steps - 1) / CONTROL_RATE_HZ


def test_continuous_laps_go_on_and_their_times_add_up() -> None:
    drive = Drive(time_trial(number_of_laps=3))
    states = [drive.to(0.07 * step) for step in range(1, 44)]

    ended = [state.outcome for state in states if state.outcome.ends_episode]

    assert ended == [Outcome.LAP_COMPLETE]
    assert [lap.trial for lap in drive.state.laps] == [1, 2, 3]
    assert sum(lap.time_s for lap in drive.state.laps) == pytest.approx(3 / 0.07 / CONTROL_RATE_HZ)
    assert sum(lap.steps for lap in drive.state.laps) == drive.state.steps
    assert [state.progress for state in states].count(100.0) == 3


def test_progress_restarts_after_an_intermediate_lap() -> None:
    drive = Drive(time_trial(number_of_laps=2))
    for share in (0.4, 0.8, 1.1):
        crossed = drive.to(share)

    following = drive.to(1.15)

    assert (crossed.progress, crossed.prev_progress, crossed.outcome) == (100.0, 0.0, Outcome.IN_PROGRESS)
    assert following.progress == pytest.approx(15.0)


def test_rolling_back_over_the_line_after_a_lap_gives_no_second_lap() -> None:
    drive = Drive(time_trial(number_of_laps=3))
    for share in (0.4, 0.8, 1.01, 0.99, 1.02):
        state = drive.to(share)

    assert len(state.laps) == 1
    assert state.progress == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [({"wheels_on_track": 0}, Outcome.OFF_TRACK), ({"has_contact": True}, Outcome.CRASHED)],
    ids=["no wheel on the road", "contact"],
)
def test_a_failed_lap_is_recorded_with_its_progress(step: dict[str, object], outcome: Outcome) -> None:
    drive = Drive(time_trial())
    drive.to(0.2)

    state = drive.to(0.3, **step)  # type: ignore[arg-type]  # one of the two keywords

    assert state.outcome is outcome
    [lap] = state.laps
    assert (lap.outcome, lap.steps, lap.is_clean) == (outcome, 3, False)
    assert [lap.progress, lap.time_s] == pytest.approx([30.0, 2 / CONTROL_RATE_HZ])


def test_a_second_lap_that_fails_is_recorded_behind_the_first() -> None:
    drive = Drive(time_trial(number_of_laps=2))
    for share in (0.4, 0.8, 1.2):
        drive.to(share)

    state = drive.to(1.3, wheels_on_track=0)

    assert [lap.outcome for lap in state.laps] == [Outcome.LAP_COMPLETE, Outcome.OFF_TRACK]
    assert state.laps[1].progress == pytest.approx(30.0)
    assert sum(lap.time_s for lap in state.laps) == pytest.approx(state.time_s)


@pytest.mark.parametrize("wheels", [1, 2, 3, 4])
def test_one_wheel_on_the_road_is_enough(wheels: int) -> None:
    assert Drive(time_trial()).to(0.1, wheels_on_track=wheels).outcome is Outcome.IN_PROGRESS


def test_a_complete_lap_outranks_crash_and_off_track() -> None:
    drive = Drive(time_trial())
    drive.to(0.45)
    drive.to(0.9)

    state = drive.to(1.01, wheels_on_track=0, has_contact=True)

    assert state.outcome is Outcome.LAP_COMPLETE
    assert len(state.laps) == 1


def test_a_crash_outranks_off_track() -> None:
    assert Drive(time_trial()).to(0.1, wheels_on_track=0, has_contact=True).outcome is Outcome.CRASHED


def test_fifteen_steps_of_falling_progress_are_reversed() -> None:
    drive = Drive(time_trial(), 0.0, first_ndist=0.5)

    outcomes = [drive.to(0.5 - 0.01 * step).outcome for step in range(1, 16)]

    assert outcomes == [Outcome.IN_PROGRESS] * 14 + [Outcome.REVERSED]


def test_one_step_forward_forgives_driving_backwards() -> None:
    drive = Drive(time_trial(), 0.0, first_ndist=0.5)
    for step in range(1, 15):
        drive.to(0.5 - 0.01 * step)

    assert drive.to(0.4).reverse_count == 0


def test_fifteen_steps_without_movement_are_immobilized() -> None:
    drive = Drive(time_trial())

    outcomes = [drive.to(0.0, moved_m=0.0002).outcome for _ in range(15)]

    assert outcomes == [Outcome.IN_PROGRESS] * 14 + [Outcome.IMMOBILIZED]


def test_a_small_movement_is_not_standing_still() -> None:
    drive = Drive(time_trial())
    for _ in range(14):
        drive.to(0.0, moved_m=0.0)

    assert drive.to(0.0, moved_m=0.001).immobilized_count == 0


def test_the_step_limit_counts_the_prepare_step() -> None:
    drive = Drive(time_trial(max_steps=4))

    outcomes = [drive.to(0.1 * step).outcome for step in range(1, 4)]

    assert outcomes == [Outcome.IN_PROGRESS, Outcome.IN_PROGRESS, Outcome.TIME_UP]
    assert drive.state.laps[0].outcome is Outcome.TIME_UP


def test_immobilized_outranks_time_up_and_time_up_outranks_reversed() -> None:
    still = Drive(time_trial(max_steps=2, immobilized_counts=1))
    backwards = Drive(time_trial(max_steps=2, number_of_reverse_counts=1), 0.0, first_ndist=0.5)

    assert still.to(0.1, moved_m=0.0).outcome is Outcome.IMMOBILIZED
    assert backwards.to(0.4).outcome is Outcome.TIME_UP


def test_a_real_ring_gives_progress_of_the_angle_driven() -> None:
    rules = time_trial()
    state = None
    for step in range(0, 200):
        angle = 0.03 * step + 0.01
        vehicle = car(3.0 * math.cos(angle), 3.0 * math.sin(angle))
        location = RING.locate(vehicle.front_x_m, vehicle.front_y_m, vehicle.wheels_xy_m)
        state = rules.start(vehicle, location, 0.0) if state is None else rules.advance(state, vehicle, location)
        assert state.progress == pytest.approx(100.0 * angle / (2.0 * math.pi), abs=0.02)


def test_an_open_track_is_driven_to_its_end_without_wrapping() -> None:
    state, seen = drive_straight(OPEN.length_m * 0.2, step_m=0.3)

    assert seen == sorted(seen)
    assert state.outcome is Outcome.LAP_COMPLETE
    assert state.progress == 100.0


def test_the_end_of_an_open_track_is_timed_between_two_steps() -> None:
    state, _ = drive_straight(0.0, step_m=0.3)

    # From 0 m in steps of 0.3 m the end at 10 m lies a third into the step from 9.9 to 10.2 m.
    assert state.laps[0].time_s == pytest.approx(10.0 / 0.3 / CONTROL_RATE_HZ)


def test_backing_off_the_beginning_of_an_open_track_is_reversed() -> None:
    rules = TimeTrial(RaceSpec(), OPEN)
    at = [0.05 - 0.02 * step for step in range(16)]
    vehicles = [car(x_m) for x_m in at]
    locations = [OPEN.locate(v.front_x_m, v.front_y_m, (0.5, 0.0) * 4) for v in vehicles]

    state = rules.start(vehicles[0], locations[0], 0.0)
    for vehicle, location in zip(vehicles[1:], locations[1:], strict=True):
        state = rules.advance(state, vehicle, location)

    assert state.outcome is Outcome.REVERSED
    assert state.progress == 0.0


def drive_straight(start_x_m: float, *, step_m: float) -> tuple[RaceState, list[float]]:
    rules = TimeTrial(RaceSpec(), OPEN)
    x_m = start_x_m
    state = rules.start(car(x_m), OPEN.locate(x_m, 0.0, (0.5, 0.0) * 4), start_x_m / OPEN.length_m)
    seen = [state.progress]
    while not state.outcome.ends_episode and len(seen) < 100:
        x_m += step_m
        state = rules.advance(state, car(x_m), OPEN.locate(x_m, 0.0, (0.5, 0.0) * 4))
        seen.append(state.progress)
    return state, seen


def test_several_laps_on_an_open_track_are_refused() -> None:
    with pytest.raises(SpecError) as caught:
        TimeTrial(RaceSpec(number_of_laps=2), OPEN)

    assert caught.value.field == "number_of_laps"


def test_a_start_over_the_finish_of_an_open_track_is_refused() -> None:
    rules = TimeTrial(RaceSpec(), OPEN)

    with pytest.raises(SpecError) as caught:
        rules.start(car(10.1), OPEN.locate(10.1, 0.0, (0.5, 0.0) * 4), 0.99)

    assert caught.value.field == "start_position_offset"
