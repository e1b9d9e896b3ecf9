"""The training loop: collect, update, evaluate, write, until a stop rule is met."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import torch

from deepracer_local.domain import EvaluationResult, TrainResult, TrainSpec
from deepracer_local.errors import RewardError, RunDirectoryError, SpecError
from deepracer_local.runs import CheckpointInfo, Checkpoints, RunDirectory
from deepracer_local.training._algorithms import make_learner
from deepracer_local.training._boundary import (
    Boundary,
    Counters,
    capture,
    read_boundary,
    read_tensors,
    restore,
    write_boundary,
)
from deepracer_local.training._learner import UpdateStatistics
from deepracer_local.training._live import LiveWriter
from deepracer_local.training._observations import batch_of_one
from deepracer_local.training._recorder import EpisodeRecorder, TraceRecorder
from deepracer_local.training._spaces import describe_spaces
from deepracer_local.training._tour import Road, Tour, by_track, evaluate_tour
from deepracer_local.training._vector import InProcessVecEnv, Judge

Clock = Callable[[], float]

SECONDS_BETWEEN_SAVES = 60.0
"""A crash loses at most this much work, and the update under way."""
SECONDS_BETWEEN_PROGRESS = 0.2


class Trainer:
    """One training: owns the model, its environments and what has been counted.

    Law: all that is written and learnt is a function of the spec and the environments; the clock only decides when
    to stop, when to save and what ``progress.json`` says.
    """

    def __init__(  # noqa: PLR0913  # what a training is made of
        self,
        spec: TrainSpec,
        run: RunDirectory,
        make_env: Callable[[int], gymnasium.Env[Any, Any]],
        evaluation_env: gymnasium.Env[Any, Any],
        *,
        should_stop: Callable[[], bool] = lambda: False,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
        initial_policy: Path | None = None,
        judge: Judge | None = None,
        further_roads: Sequence[Road] = (),
    ) -> None:
        """Builds the environments and the model.

        Args:
            spec: the wish.
            run: where everything is written.
            make_env: makes the training environment of a rank from 0 to ``spec.n_envs - 1``.
            evaluation_env: drives the evaluation laps; see ``evaluate`` for what it must offer.
            should_stop: asked often; True ends the training at the last policy update within a moment.
            clock: monotonic seconds.
            wall_clock: seconds since 1970, for the trace.
            initial_policy: weights of another model to begin with (safetensors).
            judge: gives the rewards of all training environments at once; None where each finds its own.
            further_roads: the evaluation's tracks beside the main one, where ``spec.tracks`` names several.

        Raises:
            RunDirectoryError: the initial weights are damaged.
            SpecError: they belong to another network, or the algorithm cannot choose actions of this kind.
        """
        torch.set_num_threads(spec.n_threads)
        self._spec = spec
        self._run = run
        self._roads = (Road(spec.roads[0].label, evaluation_env), *further_roads)
        self._asked_to_stop = should_stop
        self._clock = clock
        self._wall_clock = wall_clock
        env = InProcessVecEnv([functools.partial(make_env, rank) for rank in range(spec.n_envs)], judge)
        env.seed(spec.seed)
        self._model = make_learner(env, spec)
        if initial_policy is not None:
            self._begin_with(initial_policy)
        self._env = env
        self._reward_judge = judge
        self._checkpoints = Checkpoints(run.checkpoints_path)
        self._counters = Counters()
        self._episodes = EpisodeRecorder(
            [road.label for road, n in zip(spec.roads, spec.cars_per_road, strict=True) for _ in range(n)]
        )
        self._live = LiveWriter(run, clock, wall_clock)
        self._started_at = clock()
        self._saved_at = clock()
        self._progress_at = float("-inf")
        self._unsaved = False
        self._phase = "starting"

    def train(self, *, resume: bool = False) -> TrainResult:
        """Trains until a stop rule is met or somebody asks to stop.

        Args:
            resume: go on from the last checkpoint, where there is one.

        Returns:
            The result, which the caller writes.
        """
        if resume and self._checkpoints.index().last is not None:
            self._resume()
            self._evaluate_and_save()
        else:
            self._run.roll_back({}, 0)
            self._model.start()
            self._episodes.start(self._env.reset_infos, self._counters, self._wall_clock())
        boundary = self._boundary()
        while (reason := self._stop_reason()) is None:
            if not self._iterate():
                restore(self._model, boundary)  # a half-done iteration never happened
                self._counters = boundary.counters
                break
            boundary = self._evaluate_and_save()
        if self._unsaved or self._checkpoints.index().last is None:
            self._save(boundary, evaluation=None, is_best=False)
        if reason is None and self._asked_to_stop():
            return self._result("CANCELLED", "stopped on request; resume goes on from the last checkpoint")
        return self._result("SUCCEEDED", reason or self._minutes())

    def close(self) -> None:
        """Closes all environments."""
        self._env.close()
        for road in self._roads:
            road.env.close()

    def _begin_with(self, file: Path) -> None:
        try:
            self._model.policy.load_state_dict(read_tensors(file))
        except RuntimeError as err:
            network = self._spec.model_metadata.neural_network.value
            raise SpecError(
                f"Expected weights for {network}, these sensors and actions, got others: "
                f"{str(err).splitlines()[-1].strip()}. Clone with the parent's own.",
                field="neural_network",
            ) from err

    def _resume(self) -> None:
        boundary = read_boundary(self._checkpoints.find("last"))
        if len(boundary.environments) != self._spec.n_envs:
            raise RunDirectoryError(
                f"Expected a checkpoint of {self._spec.n_envs} cars, got one of {len(boundary.environments)}. "
                "Resume with the run's own spec.json."
            )
        self._counters = boundary.counters.model_copy(deep=True)
        self._run.roll_back(self._counters.file_sizes, self._counters.iterations)
        self._model.start()
        restore(self._model, boundary)
        self._episodes.load(boundary.episodes)
        self._started_at = self._clock() - self._counters.training_seconds

    def _iterate(self) -> bool:
        """Collects and updates once; returns False where it was left half done."""
        counters = self._counters
        try:
            is_complete = self._model.collect(self._on_step, self._should_stop)
        except RewardError:
            # The iteration is lost, but not what says why; resuming cuts it off again.
            self._episodes.take_prints(self._reward_judge.last_words() if self._reward_judge else [])
            self._write_reward_events()
            raise
        if not is_complete:
            return False
        self._write_progress("updating", force=True)
        statistics = self._model.update(self._should_stop)
        if statistics is None:
            return False
        counters.total_steps = self._model.num_timesteps
        counters.iterations += 1
        self._write_iteration(statistics)
        return True

    def _on_step(self, actions: Any, rewards: Any, dones: Any, infos: Sequence[dict[str, Any]]) -> None:
        self._episodes.step(
            rewards,
            dones,
            infos,
            self._env.reset_infos,
            counters=self._counters,
            total_steps=self._model.num_timesteps + len(infos),
            wall_clock_s=self._wall_clock(),
        )
        self._episodes.bound_errors(self._counters.reward_errors, self._spec.max_reward_errors)
        self._live.update("training", infos, self._model.observations)
        self._write_progress("collecting")

    def _write_iteration(self, statistics: UpdateStatistics) -> None:
        counters, episodes = self._counters, self._episodes.finished
        counters.training_seconds = self._clock() - self._started_at
        notes = self._episodes
        self._run.write_trace("training", counters.iterations - 1, notes.rows, notes.objects.rows, notes.actions.rows)
        self._run.append_rows("episodes.jsonl", [episode.model_dump(mode="json") for episode in episodes])
        self._write_reward_events()
        n = len(episodes)
        self._run.append_rows(
            "metrics.jsonl",
            [
                {
                    "iteration": counters.iterations,
                    "total_steps": counters.total_steps,
                    "training_seconds": round(counters.training_seconds, 3),
                    "episodes": counters.episodes,
                    "mean_reward": sum(e.reward for e in episodes) / n if n else None,
                    "mean_progress": sum(e.progress for e in episodes) / n if n else None,
                    **statistics.row(),
                    **({"tracks": by_track(episodes)} if len(self._roads) > 1 else {}),
                }
            ],
        )
        self._episodes.end_iteration()

    def _write_reward_events(self) -> None:
        self._run.append_rows("reward_prints.jsonl", self._episodes.prints)
        self._run.append_rows("reward_errors.jsonl", self._episodes.errors)

    def _evaluate_and_save(self) -> Boundary:
        """Evaluates and saves where that is due; returns the state between two iterations."""
        counters = self._counters
        evaluation = None
        is_best = False
        is_due = counters.iterations % self._spec.evaluate_every == 0
        if is_due and counters.evaluated_iterations < counters.iterations:
            tour = self._evaluate()
            if tour is not None:
                evaluation = tour.result
                is_best = self._judge(evaluation)
                self._write_evaluation(tour, is_best=is_best)
        counters.training_seconds = self._clock() - self._started_at
        counters.file_sizes = self._run.file_sizes()
        boundary = self._boundary()
        self._unsaved = True
        is_due = counters.iterations % self._spec.checkpoint_every == 0
        if is_best or is_due or self._clock() - self._saved_at > SECONDS_BETWEEN_SAVES:
            self._save(boundary, evaluation=evaluation, is_best=is_best)
        return boundary

    def _evaluate(self) -> Tour | None:
        """Drives the evaluation laps and writes them down; random generators are left as they were.

        Returns:
            The laps, or None where somebody asked to stop meanwhile: it is then driven again after resuming.
        """
        self._write_progress("evaluating", force=True)
        trace = TraceRecorder(self._wall_clock)

        def on_step(info: dict[str, Any], observation: Any) -> None:
            trace.add(info)
            self._live.update("evaluation", [info], batch_of_one(observation))

        tour = evaluate_tour(
            self._model.driver,
            self._roads,
            laps=self._spec.evaluation_laps,
            on_step=on_step,
            should_stop=self._should_stop,
            # Laps in a row would all pass the same boxes: several places say more about a policy.
            is_continuous=not self._spec.race.draws_places,
        )
        if self._should_stop():
            return None
        self._counters.evaluated_iterations = self._counters.iterations
        self._run.write_trace(
            "evaluation", self._counters.iterations, trace.rows, trace.objects.rows, trace.actions.rows
        )
        return tour

    def _write_evaluation(self, tour: Tour, *, is_best: bool) -> None:
        counters, evaluation = self._counters, tour.result
        row = {
            "iteration": counters.iterations,
            "total_steps": counters.total_steps,
            "training_seconds": round(self._clock() - self._started_at, 3),
            "wall_clock": round(self._wall_clock(), 3),
            "is_best": is_best,
            "mean_progress": evaluation.mean_progress,
            "mean_lap_time_s": evaluation.mean_lap_time_s,
            **evaluation.model_dump(mode="json"),
        }
        if tour.tracks:
            row["tracks"] = tour.tracks
        self._run.append_rows("evaluations.jsonl", [row])

    def _judge(self, evaluation: EvaluationResult) -> bool:
        """Counts the laps of an evaluation; returns whether it is the best so far."""
        counters = self._counters
        counters.clean_laps_in_a_row = 0
        for lap in evaluation.laps:
            counters.clean_laps_in_a_row = counters.clean_laps_in_a_row + 1 if lap.is_clean else 0
        best_lap = evaluation.best_lap_time_s
        if best_lap is not None:
            counters.best_lap_time_s = min(best_lap, counters.best_lap_time_s or best_lap)
        if not evaluation.is_better_than(counters.best_evaluation):
            return False
        counters.best_evaluation = evaluation
        counters.best_checkpoint = f"{counters.total_steps:09d}"
        return True

    def _save(self, boundary: Boundary, *, evaluation: EvaluationResult | None, is_best: bool) -> None:
        self._checkpoints.publish(
            self._checkpoint_info(evaluation),
            functools.partial(write_boundary, boundary),
            is_best=is_best,
            keep_every=self._spec.checkpoint_every,
        )
        self._saved_at = self._clock()
        self._unsaved = False

    def _checkpoint_info(self, evaluation: EvaluationResult | None) -> CheckpointInfo:
        return CheckpointInfo(
            network=self._spec.model_metadata.neural_network,
            **describe_spaces(self._env.observation_space, self._env.action_space),
            model_metadata=self._spec.model_metadata,
            total_steps=self._counters.total_steps,
            iterations=self._counters.iterations,
            evaluation=evaluation,
        )

    def _boundary(self) -> Boundary:
        return capture(self._model, self._counters, self._episodes.unfinished())

    def _should_stop(self) -> bool:
        self._write_progress(self._phase)  # also tells whoever watches that this process is alive
        if self._asked_to_stop():
            return True
        limit = self._spec.stop.max_minutes
        # The check between iterations ends a training in time; a very long iteration is cut off, and lost, only when
        # it goes far beyond.
        return limit is not None and self._clock() - self._started_at > 1.1 * limit * 60.0

    def _stop_reason(self) -> str | None:
        stop, counters = self._spec.stop, self._counters
        if stop.clean_laps is not None and counters.clean_laps_in_a_row >= stop.clean_laps:
            return f"{counters.clean_laps_in_a_row} clean evaluation laps in a row"
        if stop.max_steps is not None and counters.total_steps >= stop.max_steps:
            return f"{counters.total_steps} steps"
        if stop.max_episodes is not None and counters.episodes >= stop.max_episodes:
            return f"{counters.episodes} episodes"
        if counters.iterations >= self._spec.hyperparameters.term_cond_max_episodes:
            return f"{counters.iterations} policy updates"
        if stop.max_minutes is not None and self._clock() - self._started_at >= stop.max_minutes * 60.0:
            return self._minutes()
        return None

    def _minutes(self) -> str:
        return f"{self._spec.stop.max_minutes:g} minutes"

    def _write_progress(self, phase: str, *, force: bool = False) -> None:
        self._phase = phase
        now = self._clock()
        if not force and now - self._progress_at < SECONDS_BETWEEN_PROGRESS:
            return
        self._progress_at = now
        counters = self._counters
        best = counters.best_evaluation
        self._run.write_progress(
            {
                "phase": phase,
                "total_steps": self._model.num_timesteps,
                "iterations": counters.iterations,
                "episodes": counters.episodes,
                "training_seconds": round(now - self._started_at, 3),
                "mean_reward": self._episodes.recent_reward,
                "mean_progress": self._episodes.recent_progress,
                "best_progress": best.mean_progress if best else None,
                "best_lap_time_s": counters.best_lap_time_s,
                "clean_laps_in_a_row": counters.clean_laps_in_a_row,
                "reward_errors": counters.reward_errors,
            }
        )

    def _result(self, state: Any, reason: str) -> TrainResult:
        counters = self._counters
        return TrainResult(
            state=state,
            reason=reason,
            total_steps=counters.total_steps,
            iterations=counters.iterations,
            episodes=counters.episodes,
            training_seconds=round(self._clock() - self._started_at, 3),
            best_checkpoint=self._checkpoints.index().best,
            best_lap_time_s=counters.best_lap_time_s,
            reward_errors=counters.reward_errors,
        )
