"""The process that trains or evaluates: ``python -m deepracer_local.workers [--resume | --evaluate] [--nice=N]``.

The run directory comes as a line on its input; it has that directory and nothing else. It is started before that
exists, so that it can load its libraries meanwhile. SIGTERM, SIGINT or the end of its input ask it to stop; a training
then leaves a checkpoint.

Exit codes: 0 done or stopped, 1 our fault, 2 the user's.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

from deepracer_local.domain import TrainResult
from deepracer_local.errors import InvalidInputError, RewardError
from deepracer_local.runs import Checkpoints, RunDirectory
from deepracer_local.track import load_track
from deepracer_local.training import Trainer
from deepracer_local.workers._environments import EnvironmentFactory


def main() -> int:
    """Does the work of one run directory; returns the exit code."""
    parser = argparse.ArgumentParser(prog="deepracer_local.workers")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--evaluate", action="store_true")
    parser.add_argument("--nice", type=int, default=0)
    arguments = parser.parse_args()
    os.nice(arguments.nice)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    line = sys.stdin.readline().strip()
    if not line:
        return 0  # whoever started this process changed their mind
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    run = RunDirectory(Path(line))
    _print_to(run.log_path)
    try:
        with _alone_in(run):
            result = _evaluate(run, stop) if arguments.evaluate else _train(run, stop, resume=arguments.resume)
    except Exception as err:  # noqa: BLE001  # the last resort: whatever happened must reach the result
        traceback.print_exc()
        result = _failure(run, err)
    run.write_result(result)
    return 0 if result.state != "FAILED" else 2 if result.is_user_error else 1


@contextlib.contextmanager
def _alone_in(run: RunDirectory) -> Iterator[None]:
    """Waits until no other process works here: the trainer of a killed runner ends by itself, a moment later."""
    import fcntl  # noqa: PLC0415  # not on Windows

    with (run.path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _train(run: RunDirectory, stop: threading.Event, *, resume: bool) -> TrainResult:
    spec = run.read_spec()
    factory = EnvironmentFactory(run, spec)
    initial = run.initial_policy_path
    trainer = Trainer(
        spec,
        run,
        factory.training,
        factory.evaluation(laps=spec.evaluation_laps),
        should_stop=stop.is_set,
        initial_policy=initial if initial.exists() else None,
    )
    try:
        return trainer.train(resume=resume)
    finally:
        trainer.close()


def _evaluate(run: RunDirectory, stop: threading.Event) -> TrainResult:
    from deepracer_local.workers.evaluation import evaluate_run  # noqa: PLC0415  # a training needs no matplotlib

    wish = run.read_evaluate_spec()
    evaluation = evaluate_run(
        run,
        trials=wish.trials,
        checkpoint=wish.checkpoint,
        track=load_track(run.tracks_path / wish.track),
        with_video=wish.video,
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


def _failure(run: RunDirectory, err: Exception) -> TrainResult:
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
    )


def _print_to(log_path: Path) -> None:
    """Sends all that this process prints, the user's reward function included, to a file, each line at once.

    Appending lets whoever follows the file cut it; a full line in each write keeps lines whole there.
    """
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    if isinstance(sys.stdout, io.TextIOWrapper):  # what Python makes it; the standard library's types say less
        sys.stdout.reconfigure(line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(log, stream.fileno())
    os.close(log)


def _stop_at_end_of_input(stop: threading.Event) -> None:
    """Stops when the parent is gone: nobody would read the result or end this process."""
    while sys.stdin.read(1):
        pass
    stop.set()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # All that counts is on the disk. To take torch and PyBullet down in order would cost whoever waits for the end of
    # this process up to three seconds on a busy machine.
    os._exit(code)
