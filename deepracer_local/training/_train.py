"""The training loop: collect, update, evaluate, write, until a stop rule is met."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from deepracer_local.domain import EvaluationResult, TrainResult, TrainSpec, clean_laps_at_the_end
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
from deepracer_local.training._rows import evaluation_row, metrics_row, minutes_of, progress_row, stop_reason
from deepracer_local.training._spaces import describe_spaces
from deepracer_local.training._stages import EnvironmentsOf, LookBack, Stages
from deepracer_local.training._tour import Tour, evaluate_tour
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

    def __init__(  # what a training is made of
        self,
        spec: TrainSpec,
        run: RunDirectory,
        environments: EnvironmentsOf,
        *,
        should_stop: Callable[[], bool] = lambda: False,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
        initial_policy: Path | None = None,
        judge: Judge | None = None,
    ) -> None:
        """Builds the environments of the first stage, and the model.

        Args:
            spec: the wish.
            run: where everything is written.
            environments: of each stage; see ``evaluate`` for what those of its roads must offer.
            should_stop: asked often; True ends the training at the last policy update within a moment.
            clock: monotonic seconds.
            wall_clock: seconds since 1970, for the trace.
            initial_policy: weights of another model to begin with (safetensors).
            judge: gives the rewards of all training environments at once; None where each finds its own.

        Raises:
            RunDirectoryError: the initial weights are damaged.
            SpecError: they belong to another network, or the algorithm cannot choose actions of this kind.
        """
        torch.set_num_threads(spec.n_threads)
        self._spec = spec
        self._run = run
        self._stages = Stages(spec, environments)
        self._asked_to_stop = should_stop
        self._clock = clock
        self._wall_clock = wall_clock
        env = InProcessVecEnv(self._stages.makers(0), judge)
        env.seed(self._stages.seed(0))
        self._model = make_learner(env, spec)
        if initial_policy is not None:
            self._begin_with(initial_policy)
        self._env = env
        self._stage_of_env = 0
        self._reward_judge = judge
        self._checkpoints = Checkpoints(run.checkpoints_path)
        self._counters = Counters()
        self._episodes = EpisodeRecorder()
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
            self._enter_stage()
            self._episodes.start(self._env.reset_infos, self._counters, self._wall_clock())
        boundary = self._boundary()
        while (reason := self._stop_reason()) is None:
            if not self._iterate():
                restore(self._model, boundary)  # a half-done iteration never happened
                self._counters = boundary.counters
                break
            boundary = self._evaluate_and_save()
        if self._unsaved or self._checkpoints.index().last is None:
            self._save(boundary, evaluation=None, is_best=False, stage=boundary.counters.stage.stage)
        if reason is None and self._asked_to_stop():
            return self._result("CANCELLED", "stopped on request; resume goes on from the last checkpoint")
        return self._result("SUCCEEDED", reason or minutes_of(self._spec.stop))

    def close(self) -> None:
        """Closes all environments."""
        self._env.close()
        self._stages.close()

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
        self._enter_stage()
        restore(self._model, boundary)
        self._episodes.load(boundary.episodes, boundary.pending)
        self._started_at = self._clock() - self._counters.training_seconds

    def _enter_stage(self) -> None:
        """Puts the cars at the starts of the present stage, in its environments; what was learnt stays."""
        stages, stage = self._stages, self._counters.stage.stage
        if stage != self._stage_of_env:
            self._env.replace_all(stages.makers(stage), seed=stages.seed(stage))
            self._stage_of_env = stage
        self._model.start()
        self._episodes.enter(stages.car_labels(stage), stages.number(stage))

    def _advance(self) -> bool:
        """Goes on to the next stage where the present one is over; returns whether it did."""
        said = self._stages.advance(self._counters)
        if said is None:
            return False
        print(said, flush=True)  # noqa: T201  # the log of this process
        self._enter_stage()
        self._episodes.start(self._env.reset_infos, self._counters, self._wall_clock())
        return True

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
        stage = counters.stage.stage
        has_tracks = len(self._stages.spec(stage).roads) > 1
        row = metrics_row(counters, episodes, statistics, has_tracks=has_tracks)
        self._run.append_rows("metrics.jsonl", [row | self._stages.field(stage)])
        self._episodes.end_iteration()

    def _write_reward_events(self) -> None:
        self._run.append_rows("reward_prints.jsonl", self._episodes.prints)
        self._run.append_rows("reward_errors.jsonl", self._episodes.errors)

    def _evaluate_and_save(self) -> Boundary:
        """Evaluates, advances to the next stage and saves where due; returns the state between two iterations."""
        counters = self._counters
        evaluation = None
        is_best = False
        stage = counters.stage.stage
        is_due = counters.iterations % self._spec.evaluate_every == 0
        if is_due and counters.evaluated_iterations < counters.iterations:
            driven = self._evaluate()
            if driven is not None:
                tour, looks = driven
                evaluation = tour.result
                is_best = self._judge(evaluation)
                self._write_evaluation(tour, looks, is_best=is_best)
        counters.training_seconds = self._clock() - self._started_at
        is_evaluated = not is_due or counters.evaluated_iterations == counters.iterations
        has_advanced = is_evaluated and self._advance()
        counters.file_sizes = self._run.file_sizes()
        boundary = self._boundary()
        self._unsaved = True
        is_due = counters.iterations % self._spec.checkpoint_every == 0
        if is_best or has_advanced or is_due or self._clock() - self._saved_at > SECONDS_BETWEEN_SAVES:
            self._save(boundary, evaluation=evaluation, is_best=is_best, stage=stage)
        return boundary

    def _evaluate(self) -> tuple[Tour, tuple[LookBack, ...]] | None:
        """Drives the evaluation laps and writes them down; random generators are left as they were.

        Returns:
            The laps, and how former stages were driven where that is due. None where somebody asked to stop
            meanwhile: it is then driven again after resuming.
        """
        self._write_progress("evaluating", force=True)
        counters, stages = self._counters, self._stages
        stage = counters.stage.stage
        trace = TraceRecorder(self._wall_clock)

        def on_step(info: dict[str, Any], observation: Any) -> None:
            trace.add(info)
            self._live.update("evaluation", [info], batch_of_one(observation))

        tour = evaluate_tour(
            self._model.driver,
            stages.roads(stage),
            laps=stages.spec(stage).evaluation_laps,
            on_step=on_step,
            should_stop=self._should_stop,
        )
        looks: tuple[LookBack, ...] = ()
        if stages.is_look_back_due(stage, counters.stage.evaluations + 1):
            looks = stages.look_back(self._model.driver, counters.left, should_stop=self._should_stop)
        if self._should_stop():
            return None
        counters.evaluated_iterations = counters.iterations
        self._run.write_trace("evaluation", counters.iterations, trace.rows, trace.objects.rows, trace.actions.rows)
        return tour, looks

    def _write_evaluation(self, tour: Tour, looks: Sequence[LookBack], *, is_best: bool) -> None:
        counters, evaluation = self._counters, tour.result
        seconds = self._clock() - self._started_at
        row = evaluation_row(
            counters, evaluation, seconds=seconds, wall_clock_s=self._wall_clock(), is_best=is_best
        ) | self._stages.field(counters.stage.stage)
        if tour.tracks:
            row["tracks"] = tour.tracks
        if looks:
            row["earlier"] = [look.row() for look in looks]
            for said in self._stages.note_forgotten(self._counters, looks):
                print(said, flush=True)  # noqa: T201
        self._run.append_rows("evaluations.jsonl", [row])

    def _judge(self, evaluation: EvaluationResult) -> bool:
        """Counts the laps of an evaluation; returns whether it is the best of this stage so far."""
        counters = self._counters
        counters.stage = counters.stage.after(evaluation, self._stages.rules(counters.stage.stage))
        counters.clean_laps_in_a_row = clean_laps_at_the_end(evaluation)
        best_lap = evaluation.best_lap_time_s
        if best_lap is not None and counters.stage.stage == self._stages.last:
            counters.best_lap_time_s = min(best_lap, counters.best_lap_time_s or best_lap)
        if not evaluation.is_better_than(counters.best_evaluation):
            return False
        counters.best_evaluation = evaluation
        counters.best_checkpoint = f"{counters.total_steps:09d}"
        return True

    def _save(self, boundary: Boundary, *, evaluation: EvaluationResult | None, is_best: bool, stage: int) -> None:
        self._checkpoints.publish(
            self._checkpoint_info(evaluation, stage),
            functools.partial(write_boundary, boundary),
            is_best=is_best,
            keep_every=self._spec.checkpoint_every,
        )
        self._saved_at = self._clock()
        self._unsaved = False

    def _checkpoint_info(self, evaluation: EvaluationResult | None, stage: int) -> CheckpointInfo:
        return CheckpointInfo(
            network=self._spec.model_metadata.neural_network,
            **describe_spaces(self._env.observation_space, self._env.action_space),
            model_metadata=self._spec.model_metadata,
            total_steps=self._counters.total_steps,
            iterations=self._counters.iterations,
            evaluation=evaluation,
            stage=self._stages.number(stage),
        )

    def _boundary(self) -> Boundary:
        return capture(self._model, self._counters, self._episodes.unfinished(), self._episodes.pending())

    def _should_stop(self) -> bool:
        self._write_progress(self._phase)  # also tells whoever watches that this process is alive
        if self._asked_to_stop():
            return True
        limit = self._spec.stop.max_minutes
        # The check between iterations ends a training in time; a very long iteration is cut off, and lost, only when
        # it goes far beyond.
        return limit is not None and self._clock() - self._started_at > 1.1 * limit * 60.0

    def _stop_reason(self) -> str | None:
        return stop_reason(
            self._spec.stop,
            self._counters,
            seconds=self._clock() - self._started_at,
            most_updates=self._spec.hyperparameters.term_cond_max_episodes,
            is_last_stage=self._counters.stage.stage == self._stages.last,
        )

    def _write_progress(self, phase: str, *, force: bool = False) -> None:
        self._phase = phase
        now = self._clock()
        if not force and now - self._progress_at < SECONDS_BETWEEN_PROGRESS:
            return
        self._progress_at = now
        counters, steps = self._counters, self._model.num_timesteps
        row = progress_row(counters, self._episodes, phase=phase, total_steps=steps, seconds=now - self._started_at)
        self._run.write_progress(row | self._stages.progress(counters.stage.stage, counters.forgotten))

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
            stage=self._stages.number(counters.stage.stage),
        )
