"""What the trainer's process does with its run directory. It loads the learner, hence a file of its own."""

from __future__ import annotations

import contextlib
import functools
import threading
import time

from deepracer_local.domain import ExportFormat, SandboxOptions, TrainResult
from deepracer_local.errors import InvalidInputError, RewardError
from deepracer_local.reward.sandbox import ChildProcess
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.track import load_track
from deepracer_local.training import Road, StageEnvironments, Trainer
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._rewards import SandboxJudge
from deepracer_local.workers.exporting import describe_report, export_run


def train(
    run: RunDirectory, stop: threading.Event, *, resume: bool, options: SandboxOptions, child: ChildProcess | None
) -> TrainResult:
    """Trains what the run directory asks for.

    Args:
        run: with its specification, track and reward function.
        stop: asks to end at the last policy update.
        resume: go on from the last checkpoint.
        options: how the reward function is run.
        child: its process, started ahead of time.
    """
    spec = run.read_spec()
    factory = EnvironmentFactory(run, spec)
    initial = run.initial_policy_path
    with contextlib.closing(SandboxJudge(run, spec, options, child)) as judge:

        def environments(stage: int) -> StageEnvironments:
            of_stage = factory.in_stage(stage)
            makers = tuple(
                functools.partial(of_stage.training, rank, judge.for_car(rank)) for rank in range(spec.n_envs)
            )
            return StageEnvironments(makers, tuple(Road(label, env) for label, env in of_stage.evaluations()))

        trainer = Trainer(
            spec,
            run,
            environments,
            should_stop=stop.is_set,
            initial_policy=initial if initial.exists() else None,
            judge=judge,
        )
        with contextlib.closing(trainer):
            result = trainer.train(resume=resume)
    if result.state == "SUCCEEDED" and not stop.is_set():
        export_best(run, stop)
    return result


def evaluate(run: RunDirectory, stop: threading.Event) -> TrainResult:
    """Drives the laps that the run directory asks for; none of the user's code is run."""
    # A training needs no matplotlib.
    from deepracer_local.workers._signs_of_life import SignsOfLife  # noqa: PLC0415
    from deepracer_local.workers.evaluation import Opponent, evaluate_run  # noqa: PLC0415

    wish = run.read_evaluate_spec()
    who = wish.opponent
    opponent = None
    if who is not None:
        opponent = Opponent(RunDirectory(run.opponent_path), who.checkpoint, who.name, who.model_id)
    evaluation = evaluate_run(
        run,
        trials=wish.trials,
        checkpoint=wish.checkpoint,
        track=load_track(run.tracks_path / wish.track),
        with_video=wish.video,
        with_insight=wish.insight,
        race=wish.race,
        reverse=wish.reverse,
        randomisation=wish.randomisation,
        seed=wish.seed,
        opponent=opponent,
        signs=SignsOfLife(run, wish.trials),
        should_stop=stop.is_set,
    )
    laps = evaluation.result.laps
    clean = sum(lap.is_clean for lap in laps)
    return TrainResult(
        state="CANCELLED" if stop.is_set() else "SUCCEEDED",
        reason=f"{clean} of {len(laps)} laps clean",
        total_steps=sum(lap.steps for lap in laps),
        iterations=0,
        episodes=len(laps),
        training_seconds=evaluation.wall_s,
        best_checkpoint=evaluation.checkpoint,
        best_lap_time_s=evaluation.result.best_lap_time_s,
    )


def export(run: RunDirectory, stop: threading.Event) -> TrainResult:
    """Makes the files that the run directory asks for; none of the user's code is run."""
    from deepracer_local.workers._signs_of_life import SignsOfLife  # noqa: PLC0415  # as above

    wish = run.read_export_spec()
    started_at = time.monotonic()
    made = export_run(
        run,
        wish.formats,
        checkpoint=wish.checkpoint,
        signs=SignsOfLife(run, planned_laps=None),
        should_stop=stop.is_set,
    )
    return TrainResult(
        state="CANCELLED" if stop.is_set() else "SUCCEEDED",
        reason="; ".join(describe_report(one.report) for one in made),
        total_steps=0,
        iterations=0,
        episodes=0,
        training_seconds=time.monotonic() - started_at,
        best_checkpoint=made[0].report.checkpoint if made else None,
        best_lap_time_s=None,
    )


def export_best(run: RunDirectory, stop: threading.Event) -> None:
    """Makes the car's archive of the best checkpoint, the last act of a training; what prevents it is printed."""
    try:
        [made] = export_run(run, [ExportFormat.CAR], should_stop=stop.is_set)
    except Exception as err:  # noqa: BLE001  # the training has succeeded all the same
        print(f"no archive for the physical car: {err}")  # noqa: T201  # the log of this process
    else:
        print(describe_report(made.report))  # noqa: T201


def failure(run: RunDirectory, err: Exception) -> TrainResult:
    """Returns the result of a run that ended with ``err``."""
    index = Checkpoints(run.checkpoints_path).index()
    rows = run.read_rows("metrics.jsonl")
    last = rows[-1] if rows else {}
    return TrainResult(
        state="FAILED",
        reason=f"{err}" if isinstance(err, InvalidInputError) else f"{type(err).__name__}: {err}",
        is_user_error=isinstance(err, InvalidInputError),
        reward_line=err.line if isinstance(err, RewardError) else None,
        reward_params=err.params if isinstance(err, RewardError) else None,
        total_steps=last.get("total_steps", 0),
        iterations=last.get("iteration", 0),
        episodes=last.get("episodes", 0),
        training_seconds=last.get("training_seconds", 0.0),
        best_checkpoint=index.best,
        best_lap_time_s=None,
        reward_errors=run.read_progress().get("reward_errors", 0),
        stage=run.read_progress().get("stage"),
    )
