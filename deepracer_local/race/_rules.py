"""What any kind of race keeps between two steps, and the two questions it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from deepracer_local.domain import LapRecord, Outcome, VehicleState
from deepracer_local.track import Location


class LapFaults(NamedTuple):
    """What went wrong in the running lap so far."""

    off_tracks: int = 0
    crashes: int = 0
    resets: int = 0
    penalty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RaceState:
    """One episode at one instant.

    Laws: ``time_s == (steps - 1 - resets) / CONTROL_RATE_HZ + penalty_s``; ``0 <= progress <= 100``; ``laps`` only
    grows.
    """

    steps: int
    """Control steps so far; 1 at the PREPARE instant, so that the first paid step is number 2."""
    time_s: float
    """Simulated time since the PREPARE instant, penalties included."""
    start_ndist: float
    """Share of the lap at which the car was put down, in driving direction."""
    progress: float
    """Percent of the running lap, in [0, 100]; exactly 100 at the step that completes a lap."""
    prev_progress: float
    """Percent that the next step continues from: signed (behind the start line it is negative), 0 after a full lap."""
    laps: tuple[LapRecord, ...]
    """Complete laps; once the episode has ended also the one that failed."""
    lap_start_time_s: float
    lap_start_step: int
    reverse_count: int
    """Consecutive steps of falling progress."""
    immobilized_count: int
    """Consecutive steps without movement."""
    x_m: float
    """The front point, as in the reward parameters."""
    y_m: float
    outcome: Outcome
    goes_on: bool = False
    """True after a fault that does not end the episode: the car is to be set back."""
    resets: int = 0
    """How often it was set back in this episode; each took the step whose outcome is PAUSE."""
    penalty_s: float = 0.0
    """Penalties of this episode, in simulated seconds that have passed."""
    pause_s: float = 0.0
    """The penalty that passed in this step; 0 unless it is the PAUSE."""
    crashes: int = 0
    """Of this episode."""
    lap_faults: LapFaults = LapFaults()  # noqa: RUF009  # frozen

    @property
    def is_over(self) -> bool:
        """Whether the episode has ended."""
        return self.outcome.ends_episode and not self.goes_on


class RaceRules(Protocol):
    """A kind of race: turns where the car is into how far it has come and whether the episode goes on."""

    def start(self, vehicle: VehicleState, location: Location, start_ndist: float) -> RaceState:
        """Returns the state of the PREPARE instant: one step, no time, outcome PREPARE."""
        ...

    def advance(self, state: RaceState, vehicle: VehicleState, location: Location) -> RaceState:
        """Returns the state one control step later."""
        ...

    def penalty_s(self, state: RaceState) -> float:
        """Returns the seconds that the car has to wait after the fault of a state that goes on."""
        ...

    def set_back(self, state: RaceState, vehicle: VehicleState, location: Location) -> RaceState:
        """Returns the PAUSE instant after a fault: the penalty is over and the car is back on the road."""
        ...
