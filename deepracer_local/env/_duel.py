"""Two cars on one track, each in a world of its own in which it meets the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, NamedTuple

from deepracer_local.domain import CONTROL_RATE_HZ, StepRecord, VehicleState
from deepracer_local.env._env import DeepRacerEnv
from deepracer_local.env._sensors import Observation

Act = Callable[[int, Observation], Any]
"""Asked for the action of car 0 or 1 for what it sees."""
_ROUNDING_S = 1e-9


class Turn(NamedTuple):
    """An instant of one of the two cars."""

    car: int
    """0 or 1."""
    observation: Observation
    info: dict[str, Any]
    vehicle: VehicleState


class _Being(Enum):
    DRIVING = "driving"
    WAITING = "waiting"
    """After a fault, until its penalty is over; it is not on the road meanwhile."""
    OVER = "over"
    """It is through, or out; it is not on the road any more."""


class Duel:
    """Has the cars of two environments drive at the same time and meet each other.

    Both environments have the race type HEAD_TO_MODEL, each with the start of its own car. A step of 1/15 s goes thus:
    both act on what they saw, both move, each is told where the other one has come to, and only then are both judged
    and look. During the move a car finds the other one where it would be if it drove on as before.

    Laws: the order of the two makes no difference: exchanged environments, lanes and actions give exchanged instants,
    bit for bit. What a car meets at an instant is where the other one really is. Starts and actions determine all.
    """

    def __init__(self, envs: tuple[DeepRacerEnv, DeepRacerEnv], lanes: tuple[int, int]) -> None:
        """Takes the two cars.

        Args:
            envs: whose cars they are.
            lanes: where each goes on, 1 inner and -1 outer, where both are set back at the same instant.
        """
        self._envs = envs
        self._lanes = lanes
        self._beings = [_Being.OVER, _Being.OVER]
        self._turns: dict[int, Turn] = {}
        self._ticks = 0

    @property
    def is_over(self) -> bool:
        """Whether both are through or out."""
        return all(being is _Being.OVER for being in self._beings)

    def begin(self, options: Sequence[dict[str, Any]], *, seed: int | None = None) -> list[Turn]:
        """Puts both cars on the grid; returns the instant at which they stand there.

        Args:
            options: of each environment's ``reset``.
            seed: of both.
        """
        origins = [env.put_down(seed=seed, options=dict(given)) for env, given in zip(self._envs, options, strict=True)]
        self._ticks = 0
        self._beings = [_Being.DRIVING, _Being.DRIVING]
        self._tell()
        for i, env in enumerate(self._envs):
            observation, info = env.first_look()
            self._turns[i] = Turn(i, observation, info | {"origin": origins[i]}, env.vehicle_state)
        return [self._turns[0], self._turns[1]]

    def tick(self, act: Act) -> list[Turn]:
        """Drives 1/15 s; returns the new instants, each car's in their order. Car 0 is asked and told first."""
        turns = self._set_back(act)
        movers = self._who(_Being.DRIVING)
        actions = {i: act(i, self._turns[i].observation) for i in movers}
        self._tell()
        for i in movers:
            self._envs[i].move(actions[i])
        self._tell()
        turns += self._finish(movers)
        self._ticks += 1
        return turns

    def _set_back(self, act: Act) -> list[Turn]:
        """Puts cars back whose penalty is over: they are there before anybody moves, and are seen after that."""
        now_s = self._ticks / CONTROL_RATE_HZ
        ready = [i for i in self._who(_Being.WAITING) if self._free_at_s(i) <= now_s + _ROUNDING_S]
        if not ready:
            return []
        actions = {i: act(i, self._turns[i].observation) for i in ready}
        is_both = len(ready) == len(self._envs)
        for i in ready:
            self._envs[i].meet(self._where(1 - i))
            self._envs[i].move(actions[i], lane=self._lanes[i] if is_both else None)
        for i in ready:
            self._beings[i] = _Being.DRIVING
        self._tell()
        return self._finish(ready)

    def _finish(self, cars: Sequence[int]) -> list[Turn]:
        """Has cars that moved judged, and look."""
        for i in cars:
            self._envs[i].judge()
        for i in cars:
            observation, _, is_terminated, is_truncated, info = self._envs[i].finish_step()
            self._turns[i] = Turn(i, observation, info, self._envs[i].vehicle_state)
            if is_terminated or is_truncated:
                self._beings[i] = _Being.OVER
            elif self._envs[i].pending_penalty_s is not None:
                self._beings[i] = _Being.WAITING
        return [self._turns[i] for i in cars]

    def _tell(self) -> None:
        """Tells each car on the road where the other one is now."""
        for i in self._who(_Being.DRIVING):
            self._envs[i].meet(self._where(1 - i))

    def _where(self, car: int) -> VehicleState | None:
        return self._envs[car].vehicle_state if self._beings[car] is _Being.DRIVING else None

    def _who(self, being: _Being) -> list[int]:
        return [i for i, one in enumerate(self._beings) if one is being]

    def _free_at_s(self, car: int) -> float:
        record: StepRecord = self._turns[car].info["record"]
        return record.time_s + (self._envs[car].pending_penalty_s or 0.0)
