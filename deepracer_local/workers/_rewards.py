"""The reward function of a run, in its sandbox, asked for all cars at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from deepracer_local.domain import RewardParams, SandboxOptions, TrainSpec
from deepracer_local.errors import RewardError
from deepracer_local.reward import read_reward_text
from deepracer_local.reward.sandbox import CarReward, ChildProcess, open_sandbox
from deepracer_local.runs import RunDirectory, write_json
from deepracer_local.training import Judged


class SandboxJudge:
    """A ``Judge`` for the cars of one training; state ``i`` is that of car ``i``.

    What the function prints also goes to this process's output, which is the run's log.
    """

    def __init__(
        self, run: RunDirectory, spec: TrainSpec, options: SandboxOptions, child: ChildProcess | None = None
    ) -> None:
        """Opens the sandbox.

        Args:
            run: holds the reward function.
            spec: how many cars, the largest actions, and what a failing call is worth.
            options: of this machine.
            child: started ahead of time.

        Raises:
            RewardError: the function cannot be used.
            SandboxError: it cannot be run safely here, and must be.
        """
        actions = spec.model_metadata.to_action_space()
        self._floor = spec.reward_error_floor
        self._cars = range(spec.n_envs)
        self._sandbox = open_sandbox(
            read_reward_text(run.reward_path),
            filename=str(run.reward_path),
            n_cars=spec.n_envs,
            max_speed_mps=actions.max_speed_mps,
            max_steering_angle_deg=actions.max_steering_angle_deg,
            seed=spec.seed,
            options=options,
            child=child,
        )
        wall = self._sandbox.wall
        write_json(run.sandbox_path, {"is_up": wall.is_up, "layers": list(wall.layers), "missing": list(wall.missing)})
        self._say_import()

    def for_car(self, car: int) -> CarReward:
        """Returns the function of one car."""
        return CarReward(self._sandbox, car)

    def ask(self, states: Sequence[RewardParams]) -> None:
        """Hands over the state of every car."""
        self._sandbox.ask(states, self._cars)

    def answers(self) -> list[Judged]:
        """Returns the reward of every car.

        Raises:
            RewardError: a call failed and no floor is set, or the function was ended.
        """
        answers = self._sandbox.answers()
        if not self._sandbox.printed and not any(isinstance(answer, RewardError) for answer in answers):
            return [Judged(answer) for answer in answers if not isinstance(answer, RewardError)]
        if self._floor is None:
            for answer in answers:
                if isinstance(answer, RewardError):
                    raise answer
        printed = self.last_words()
        return [self._judged(answer, text) for answer, text in zip(answers, printed, strict=True)]

    def last_words(self) -> list[str]:
        """Returns what each car's function printed since the last time, and sends it to the log."""
        texts = [""] * len(self._cars)
        for printed in self._sandbox.take_printed():
            if printed.car is not None:
                texts[printed.car] += printed.text
        for text in filter(None, texts):
            sys.stdout.write(text)
        sys.stdout.flush()
        return texts

    def close(self) -> None:
        """Ends the function's process."""
        self._sandbox.close()

    def _judged(self, answer: float | RewardError, printed: str) -> Judged:
        if isinstance(answer, RewardError):
            assert self._floor is not None
            return Judged(self._floor, printed, answer)
        return Judged(answer, printed)

    def _say_import(self) -> None:
        """Sends what importing printed to the log: once, though every car imports the module."""
        texts = dict.fromkeys(printed.text for printed in self._sandbox.take_printed())
        sys.stdout.write("".join(texts))
        sys.stdout.flush()
