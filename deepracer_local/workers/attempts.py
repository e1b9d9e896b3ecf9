"""Attempts at laps with a trained policy, of which nothing is written down. Loads the learner when imported."""

from __future__ import annotations

from deepracer_local.domain import EvaluationRace, EvaluationResult
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.track import Track
from deepracer_local.training import evaluate, load_policy, use_threads
from deepracer_local.workers._environments import EnvironmentFactory


class Driver:
    """A checkpoint of a training on one track."""

    def __init__(self, run: RunDirectory, *, checkpoint: str = "best", track: Track | None = None) -> None:
        """Loads the policy and paints the track.

        Args:
            run: the training.
            checkpoint: ``best``, ``last`` or a name.
            track: another one than the training's own.

        Raises:
            RunDirectoryError: the run has no checkpoint, or a file of it is damaged.
            UnknownNameError: there is no such checkpoint.
        """
        spec = run.read_spec()
        use_threads(spec.n_threads)
        self._policy, _ = load_policy(Checkpoints(run.checkpoints_path).find(checkpoint))
        self._factory = EnvironmentFactory(run, spec, track)

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
