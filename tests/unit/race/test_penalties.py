"""What a fault costs where it does not end the attempt, with numbers that can be followed on paper."""

from __future__ import annotations

import pytest

from deepracer_local.domain import CONTROL_RATE_HZ, Outcome, RaceSpec
from deepracer_local.race import TimeTrial
from tests.unit.race.scenes import Drive, car, place, ring_track

RING = ring_track()
STEP_S = 1 / CONTROL_RATE_HZ


class Penalised(Drive):
    """A drive that can be set back."""

    def __init__(self, **settings: object) -> None:
        self.rules = TimeTrial(RaceSpec.model_validate({"number_of_resets": 100, **settings}), RING)
        super().__init__(self.rules)

    def back_to(self, lap_share: float) -> None:
        """Puts the car back on the road there."""
        assert self.state.goes_on
        assert not self.state.is_over
        self.state = self.rules.set_back(self.state, car(0.0), place(lap_share % 1.0))


def test_a_lap_with_faults_takes_its_driving_and_its_penalties() -> None:
    drive = Penalised(off_track_penalty=3.0, collision_penalty=7.0)

    drive.to(0.2)
    drive.to(0.4, wheels_on_track=0)
    drive.back_to(0.38)
    drive.to(0.6)
    drive.to(0.7, has_contact=True)
    drive.back_to(0.6)
    drive.to(0.9)
    last = drive.to(1.1)

    # Six steps are driven; the line is crossed in the middle of the last. The two steps of setting back take only the
    # penalties.
    [lap] = last.laps
    assert lap.time_s == pytest.approx(5.5 * STEP_S + 10.0)
    assert (lap.off_tracks, lap.crashes, lap.resets, lap.penalty_s) == (1, 1, 2, 10.0)
    assert (lap.outcome, lap.is_complete, lap.is_clean) == (Outcome.LAP_COMPLETE, True, False)
    assert (last.steps, lap.steps, last.is_over) == (9, 9, True)
    assert last.time_s == pytest.approx(6 * STEP_S + 10.0)


def test_setting_back_is_a_step_of_its_own_in_which_the_penalty_passes() -> None:
    drive = Penalised(off_track_penalty=4.0)
    drive.to(0.3)
    fault = drive.to(0.5, wheels_on_track=0)

    drive.back_to(0.5)

    assert (fault.outcome, fault.goes_on) == (Outcome.OFF_TRACK, True)
    pause = drive.state
    assert (pause.outcome, pause.goes_on, pause.steps) == (Outcome.PAUSE, False, fault.steps + 1)
    assert pause.time_s == fault.time_s + 4.0
    assert (pause.pause_s, pause.progress) == (4.0, pytest.approx(50.0))
    after = drive.to(0.6)
    assert (after.outcome, after.pause_s) == (Outcome.IN_PROGRESS, 0.0)
    assert after.time_s == pytest.approx(pause.time_s + STEP_S)


def test_when_the_resets_are_used_up_a_fault_ends_the_attempt() -> None:
    drive = Penalised(number_of_resets=2, collision_penalty=1.0)
    for _ in range(2):
        drive.to(0.3, has_contact=True)
        drive.back_to(0.2)

    last = drive.to(0.3, has_contact=True)

    [lap] = last.laps
    assert (last.is_over, last.goes_on, lap.outcome) == (True, False, Outcome.CRASHED)
    assert (lap.crashes, lap.resets, lap.penalty_s) == (3, 2, 2.0)
    assert lap.time_s == pytest.approx(3 * STEP_S + 2.0)
    assert last.crashes == 3


def test_driving_backwards_costs_like_leaving_the_track_and_standing_still_costs_nothing() -> None:
    backwards = Penalised(off_track_penalty=6.0, number_of_reverse_counts=2)
    for share in (0.5, 0.49, 0.48):
        backwards.to(share)
    assert (backwards.state.outcome, backwards.rules.penalty_s(backwards.state)) == (Outcome.REVERSED, 6.0)
    backwards.back_to(0.48)
    assert backwards.to(0.47).outcome is Outcome.IN_PROGRESS  # counted anew

    still = Penalised(off_track_penalty=6.0, immobilized_counts=2)
    for _ in range(2):
        still.to(0.1, moved_m=0.0)
    assert (still.state.outcome, still.rules.penalty_s(still.state)) == (Outcome.IMMOBILIZED, 0.0)


def test_the_time_that_is_up_is_up() -> None:
    drive = Penalised(max_steps=3)

    drive.to(0.1)
    last = drive.to(0.2)

    assert (last.outcome, last.is_over) == (Outcome.TIME_UP, True)


def test_laps_that_follow_each_other_count_their_own_faults_and_add_up() -> None:
    drive = Penalised(number_of_laps=2, off_track_penalty=2.0)

    drive.to(0.4, wheels_on_track=0)
    drive.back_to(0.7)
    drive.to(1.1)  # the line is crossed after three quarters of the step
    drive.to(1.5)
    drive.to(1.9)
    last = drive.to(2.1)

    first, second = last.laps
    assert first.time_s == pytest.approx(1.75 * STEP_S + 2.0)
    assert (first.resets, second.resets, second.off_tracks, second.penalty_s) == (1, 0, 0, 0.0)
    assert first.is_complete
    assert not first.is_clean
    assert second.is_clean
    # The clock of the second one begins where that of the first ends.
    assert first.time_s + second.time_s == pytest.approx(4.5 * STEP_S + 2.0)


def test_a_car_set_back_behind_the_line_has_no_progress_but_owes_the_way() -> None:
    drive = Penalised()
    drive.to(0.05, has_contact=True)

    drive.back_to(-0.05)

    assert (drive.state.progress, drive.state.prev_progress) == (0.0, pytest.approx(-5.0))
    assert drive.to(0.05).progress == pytest.approx(5.0)
