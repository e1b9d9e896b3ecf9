"""Attempts at laps with a trained policy, of which nothing is written down. Loads the learner when imported."""

from __future__ import annotations

from deepracer_local.domain import EvaluationRace, EvaluationResult
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.track import Track
from deepracer_local.training import evaluate, load_policy
from deepracer_local.workers._environments import EnvironmentFactory


class Driver:
    """The best checkpoint of a training on one track."""

    def __init__(self, run: RunDirectory, track: Track | None = None) -> None:
        """Loads the policy and paints the track; None is the training's own."""
        self._spec = run.read_spec()
        self._policy, _ = load_policy(Checkpoints(run.checkpoints_path).find("best"))
        self._factory = EnvironmentFactory(run, self._spec, track)

    def drive(
        self, laps: int, *, race: EvaluationRace | None = None, seed: int = 0, reverse: bool = False
    ) -> EvaluationResult:
        """Drives laps without chance; the first fault ends the attempt.

        Args:
            laps: in a row.
            race: objects and where the attempt begins.
            seed: of what is drawn.
            reverse: against the order of the track's rows.
        """
        env = self._factory.evaluation(laps=laps, race=race or EvaluationRace(), reverse=reverse)
        try:
            return evaluate(self._policy, env, laps=laps, seed=seed, stop_at_failure=True)
        finally:
            env.close()
