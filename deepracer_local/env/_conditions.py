"""The conditions of one environment's episodes: draws them, and has simulator, sensors and commands obey them."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from deepracer_local.domain import Command, Conditions, RandomisationSpec
from deepracer_local.env._sensors import SensorSuite
from deepracer_local.sim import Simulator


class EpisodeConditions:
    """What differs in this episode; nothing where the randomisation is off.

    Law: with the randomisation off nothing is drawn, nothing is set and nothing is part of the state.

    Attributes:
        drawn: of this episode; None where the randomisation is off.
    """

    def __init__(self, spec: RandomisationSpec, simulator: Simulator, sensors: SensorSuite) -> None:
        """Takes what obeys the conditions.

        Raises:
            SpecError: the camera would be impossible at the end of a range, or cannot be changed.
        """
        self._spec = None if spec.is_off else spec
        self._simulator = simulator
        self._sensors = sensors
        self._waiting: deque[Command | None] = deque()
        self.drawn: Conditions | None = None
        if self._spec is not None:
            sensors.require_fits(spec)

    def begin(self, random: np.random.Generator) -> None:
        """Draws the conditions of a new episode; called before the simulator and the sensors are reset."""
        if self._spec is not None:
            self._obey(self._spec.draw(random))

    def stand(self) -> None:
        """Forgets commands that were on their way: the car was put somewhere."""
        if self.drawn is not None:
            self._waiting = deque([None] * self.drawn.action_delay_steps)

    def applied(self, command: Command) -> Command | None:
        """Returns what the car is told now that the policy has asked for ``command``; None is to stand still."""
        if self.drawn is None:
            return command
        self._waiting.append(command)
        told = self._waiting.popleft()
        if told is None:
            return None
        return Command(told.steering_angle_deg + self.drawn.steering_bias_deg, told.speed_mps)

    def get_state(self) -> dict[str, Any]:
        """Returns all that the next steps depend on as JSON values; empty where the randomisation is off."""
        if self.drawn is None:
            return {}
        return {"drawn": self.drawn.model_dump(), "waiting": [list(told) if told else None for told in self._waiting]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Takes up what ``get_state`` returned; called before the simulator and the sensors take up theirs."""
        if state:
            self._obey(Conditions.model_validate(state["drawn"]))
            self._waiting = deque(Command(*told) if told else None for told in state["waiting"])

    def _obey(self, drawn: Conditions) -> None:
        self.drawn = drawn
        self._simulator.adapt(drawn.drive)
        self._sensors.obey(drawn)
        self.stand()
