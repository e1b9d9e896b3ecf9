"""A training that never was: cars whose episodes are cut by iterations, and what became of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from deepracer_local.domain import EpisodeSummary, Hyperparameters, LapRecord, Outcome, StepRecord, TrainSpec
from deepracer_local.runs import TRACE_HEADER, trace_row
from deepracer_local.simlog import EvaluationRecord, TrainingRecord

Lines = Sequence[str]


def steps_of(episode: int, count: int, *, start_s: float = 0.0, is_over: bool = True) -> list[str]:
    """Returns the rows of an episode of ``count`` instants that leaves the road at its end."""
    return [
        trace_row(
            StepRecord(
                steps=i,
                x_m=i / 10,
                y_m=-1.5,
                yaw_deg=179.5,
                steering_angle_deg=-15.0,
                speed_mps=1.5,
                action="-1" if i == 1 else "8",
                reward=0.25,
                done=is_over and i == count,
                all_wheels_on_track=i != count,
                progress=i * 2.0,
                closest_waypoint=i + 3,
                track_length_m=17.7,
                time_s=(i - 1) / 15,
                outcome=Outcome.PREPARE if i == 1 else Outcome.OFF_TRACK if i == count else Outcome.IN_PROGRESS,
                measured_speed_mps=1.4,
            ),
            episode=episode,
            wall_clock_s=1.7e9 + start_s + i,
        )
        for i in range(1, count + 1)
    ]


def trace_of(lines: Lines) -> io.BytesIO:
    return io.BytesIO("\n".join([TRACE_HEADER, *lines, ""]).encode())


def summary_of(number: int, episode: int, iteration: int, count: int) -> EpisodeSummary:
    return EpisodeSummary(
        episode=episode,
        number=number,
        phase="training",
        iteration=iteration,
        total_steps=10 * (iteration + 1),
        steps=count - 1,
        reward=0.25 * (count - 1),
        progress=count * 2.0,
        time_s=(count - 1) / 15,
        outcome=Outcome.OFF_TRACK,
        start_ndist=0.0,
        is_reversed=False,
    )


def lap_of(trial: int, steps: int, *, outcome: Outcome = Outcome.LAP_COMPLETE) -> LapRecord:
    return LapRecord(trial=trial, time_s=steps / 15 - 0.02, progress=100.0, steps=steps, outcome=outcome)


def training_of(
    traces: Sequence[Lines], episodes: Sequence[EpisodeSummary], *, evaluations: Sequence[dict[str, Any]] = ()
) -> TrainingRecord:
    """Returns a training with these traces, one an iteration, whose readers expect at least two episodes in each."""
    metrics = [{"iteration": i + 1, "total_steps": 10 * (i + 1), "policy_loss": 0.5} for i in range(len(traces))]
    return TrainingRecord(
        id="first",
        spec=TrainSpec(track="oval", hyperparameters=Hyperparameters(num_episodes_between_training=2)),
        reward_function=b"def reward_function(params):\n    return 1.0\n",
        iterations=len(traces),
        metrics=lambda: metrics,
        episodes=lambda: episodes,
        evaluations=lambda: evaluations,
        open_trace=lambda iteration: closing(trace_of(traces[iteration])),
        best_checkpoint="000000010",
        last_checkpoint=f"{10 * len(traces):09d}",
    )


def evaluation_of(lines: Lines, laps: Sequence[LapRecord], *, name: str = "one") -> EvaluationRecord:
    return EvaluationRecord(
        id=name,
        spec=TrainSpec(track="oval"),
        track="serpent",
        laps=tuple(laps),
        open_trace=lambda: closing(trace_of(lines)),
    )
