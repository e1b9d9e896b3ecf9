"""The race against the clock: one car, the edges of the road, and what a fault costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from deepracer_local.domain import CONTROL_RATE_HZ, LapRecord, Outcome, RaceSpec, VehicleState
from deepracer_local.errors import SpecError
from deepracer_local.race._rules import LapFaults, RaceState
from deepracer_local.track import Location, Track

_FORGIVABLE = frozenset({Outcome.OFF_TRACK, Outcome.CRASHED, Outcome.REVERSED, Outcome.IMMOBILIZED})
"""Faults after which a car may be set back; the time that is up is up."""


class TimeTrial:
    """Laps against the clock, on an empty road or among objects; implements ``RaceRules``.

    A fault ends the episode, or, as often as ``number_of_resets`` allows, costs a penalty: the car is then set back,
    which is a step of its own, during which the penalty passes.

    Progress is measured at the car's front point, from the place where the episode began. On an open track it runs to
    the end of the line and there is one lap.

    Source: the original simulator (simapp v6.0.5) as written down in ``docs/differences.md``.
    """

    def __init__(self, spec: RaceSpec, track: Track) -> None:
        """Takes the rules and the track, already in driving direction.

        Raises:
            SpecError: several laps are asked for on a track that is not a loop.
        """
        if spec.number_of_laps > 1 and not track.is_closed:
            raise SpecError(
                f"number_of_laps: expected 1 on the open track {track.name!r}, got {spec.number_of_laps}. "
                "Ask for several trials of one lap instead.",
                field="number_of_laps",
            )
        self._spec = spec
        self._length_m = track.length_m
        self._is_closed = track.is_closed

    def start(self, vehicle: VehicleState, location: Location, start_ndist: float) -> RaceState:
        """Returns the PREPARE instant of a car that was put down at ``start_ndist`` of the lap, in [0, 1).

        Raises:
            SpecError: on an open track no road is left ahead of the car.
        """
        progress = self._progress(0.0, start_ndist, vehicle, location)
        if progress >= 100.0:
            raise SpecError(
                f"start_position_offset: expected road ahead of the car, got a start at {start_ndist:g} of an open "
                "track, where the car already stands over the finish. Choose a smaller offset.",
                field="start_position_offset",
            )
        return RaceState(
            steps=1,
            time_s=0.0,
            start_ndist=start_ndist,
            progress=max(0.0, progress),
            prev_progress=progress,
            laps=(),
            lap_start_time_s=0.0,
            lap_start_step=0,
            reverse_count=0,
            immobilized_count=0,
            x_m=vehicle.front_x_m,
            y_m=vehicle.front_y_m,
            outcome=Outcome.PREPARE,
        )

    def advance(self, state: RaceState, vehicle: VehicleState, location: Location) -> RaceState:
        """Returns the state one control step later; ``state`` is neither over nor waits to be set back."""
        spec = self._spec
        x_m, y_m = vehicle.front_x_m, vehicle.front_y_m
        steps = state.steps + 1
        before = state.prev_progress
        progress = self._progress(before, state.start_ndist, vehicle, location)
        has_moved = math.hypot(x_m - state.x_m, y_m - state.y_m) > spec.immobilized_distance_m
        reverse_count = state.reverse_count + 1 if progress < before else 0
        immobilized_count = 0 if has_moved else state.immobilized_count + 1

        laps, lap_start_time_s, lap_start_step = state.laps, state.lap_start_time_s, state.lap_start_step
        in_lap, carried, faults = progress, progress, state.lap_faults
        if progress >= 100.0:
            driven_steps = state.steps - 1 - state.resets
            crossing_s = (driven_steps + (100.0 - before) / (progress - before)) / CONTROL_RATE_HZ + state.penalty_s
            lap = _Lap(crossing_s - lap_start_time_s, 100.0, steps - lap_start_step, faults)
            laps += (lap.record(laps, Outcome.LAP_COMPLETE),)
            lap_start_time_s, lap_start_step = crossing_s, steps
            in_lap, carried, faults = progress - 100.0, 0.0, LapFaults()

        if len(laps) >= spec.number_of_laps:
            outcome = Outcome.LAP_COMPLETE
        elif vehicle.has_contact:
            outcome = Outcome.CRASHED
        elif location.wheels_on_track == 0:
            outcome = Outcome.OFF_TRACK
        else:
            outcome = self._patience(steps, immobilized_count, reverse_count)

        time_s = (steps - 1 - state.resets) / CONTROL_RATE_HZ + state.penalty_s
        goes_on = outcome in _FORGIVABLE and state.resets < spec.number_of_resets
        faults = _with(faults, outcome)
        if outcome.ends_episode and outcome is not Outcome.LAP_COMPLETE and not goes_on:
            lap = _Lap(time_s - lap_start_time_s, max(0.0, in_lap), steps - lap_start_step, faults)
            laps += (lap.record(laps, outcome),)
        return RaceState(
            steps,
            time_s,
            state.start_ndist,
            min(max(0.0, progress), 100.0),
            carried,
            laps,
            lap_start_time_s,
            lap_start_step,
            reverse_count,
            immobilized_count,
            x_m,
            y_m,
            outcome,
            goes_on,
            state.resets,
            state.penalty_s,
            crashes=state.crashes + (outcome is Outcome.CRASHED),
            lap_faults=faults,
        )

    def penalty_s(self, state: RaceState) -> float:
        """Returns what the fault of ``state`` costs; standing still costs the time it took and no more.

        Source: the original simulator, which also lets driving backwards cost as much as leaving the track.
        """
        spec = self._spec
        penalties = {
            Outcome.CRASHED: spec.collision_penalty,
            Outcome.OFF_TRACK: spec.off_track_penalty,
            Outcome.REVERSED: spec.off_track_penalty,
        }
        return penalties.get(state.outcome, 0.0)

    def set_back(self, state: RaceState, vehicle: VehicleState, location: Location) -> RaceState:
        """Returns the PAUSE instant: one step more, the penalty's time later, nothing counted against the car."""
        penalty_s = self.penalty_s(state)
        progress = self._progress(state.prev_progress, state.start_ndist, vehicle, location)
        faults = state.lap_faults
        return replace(
            state,
            steps=state.steps + 1,
            time_s=state.time_s + penalty_s,
            progress=min(max(0.0, progress), 100.0),
            prev_progress=progress,
            reverse_count=0,
            immobilized_count=0,
            x_m=vehicle.front_x_m,
            y_m=vehicle.front_y_m,
            outcome=Outcome.PAUSE,
            goes_on=False,
            resets=state.resets + 1,
            penalty_s=state.penalty_s + penalty_s,
            pause_s=penalty_s,
            lap_faults=faults._replace(resets=faults.resets + 1, penalty_s=faults.penalty_s + penalty_s),
        )

    def _patience(self, steps: int, immobilized_count: int, reverse_count: int) -> Outcome:
        """Returns the outcome of the rules that count steps, in the original's order of precedence."""
        if immobilized_count >= self._spec.immobilized_counts:
            return Outcome.IMMOBILIZED
        if steps >= self._spec.max_steps:
            return Outcome.TIME_UP
        if reverse_count >= self._spec.number_of_reverse_counts:
            return Outcome.REVERSED
        return Outcome.IN_PROGRESS

    def _progress(self, before: float, start_ndist: float, vehicle: VehicleState, location: Location) -> float:
        """Returns percent since the start, signed and beyond 100 where the line was crossed.

        On a loop the result is the one value of the projection that lies within half a lap of ``before``: the
        original's wrap guard, without its limit of one lap backwards.
        """
        if self._is_closed:
            raw = 100.0 * (location.ndist - start_ndist)
            return raw + 100.0 * round((before - raw) / 100.0)
        ndist = location.ndist
        if ndist >= 1.0 or ndist <= 0.0:
            # The projection sticks to the end of an open line; how far the car is past it times the finish.
            past_m = (vehicle.front_x_m - location.projection_x_m) * math.cos(location.tangent_rad) + (
                vehicle.front_y_m - location.projection_y_m
            ) * math.sin(location.tangent_rad)
            ndist += past_m / self._length_m
        return 100.0 * (ndist - start_ndist) / (1.0 - start_ndist)


class _Lap(NamedTuple):
    """A lap, or an attempt at one, that is over."""

    time_s: float
    progress: float
    steps: int
    faults: LapFaults

    def record(self, before: tuple[LapRecord, ...], outcome: Outcome) -> LapRecord:
        return LapRecord(
            trial=len(before) + 1,
            time_s=self.time_s,
            progress=self.progress,
            steps=self.steps,
            outcome=outcome,
            **self.faults._asdict(),
        )


def _with(faults: LapFaults, outcome: Outcome) -> LapFaults:
    """Returns the faults of a lap after a step with this outcome."""
    if outcome is Outcome.CRASHED:
        return faults._replace(crashes=faults.crashes + 1)
    if outcome in _FORGIVABLE:
        return faults._replace(off_tracks=faults.off_tracks + 1)
    return faults
