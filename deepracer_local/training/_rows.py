"""What a training writes down of itself: rows of its files, and what it is doing now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepracer_local.domain import EpisodeSummary, EvaluationResult, StopRules
from deepracer_local.training._boundary import Counters
from deepracer_local.training._learner import UpdateStatistics
from deepracer_local.training._recorder import EpisodeRecorder
from deepracer_local.training._tour import by_track


def metrics_row(
    counters: Counters, episodes: Sequence[EpisodeSummary], statistics: UpdateStatistics, *, has_tracks: bool
) -> dict[str, Any]:
    """Returns the row of a policy update; ``episodes`` ended before it, on several tracks where it ``has_tracks``."""
    n = len(episodes)
    return {
        "iteration": counters.iterations,
        "total_steps": counters.total_steps,
        "training_seconds": round(counters.training_seconds, 3),
        "episodes": counters.episodes,
        "mean_reward": sum(e.reward for e in episodes) / n if n else None,
        "mean_progress": sum(e.progress for e in episodes) / n if n else None,
        **statistics.row(),
        **({"tracks": by_track(episodes)} if has_tracks else {}),
    }


def evaluation_row(
    counters: Counters, evaluation: EvaluationResult, *, seconds: float, wall_clock_s: float, is_best: bool
) -> dict[str, Any]:
    """Returns the row of an evaluation after ``seconds`` of training."""
    return {
        "iteration": counters.iterations,
        "total_steps": counters.total_steps,
        "training_seconds": round(seconds, 3),
        "wall_clock": round(wall_clock_s, 3),
        "is_best": is_best,
        "mean_progress": evaluation.mean_progress,
        "mean_lap_time_s": evaluation.mean_lap_time_s,
        **evaluation.model_dump(mode="json"),
    }


def progress_row(
    counters: Counters, episodes: EpisodeRecorder, *, phase: str, total_steps: int, seconds: float
) -> dict[str, Any]:
    """Returns what ``progress.json`` says after ``seconds`` of training."""
    best = counters.best_evaluation
    return {
        "phase": phase,
        "total_steps": total_steps,
        "iterations": counters.iterations,
        "episodes": counters.episodes,
        "training_seconds": round(seconds, 3),
        "mean_reward": episodes.recent_reward,
        "mean_progress": episodes.recent_progress,
        "best_progress": best.mean_progress if best else None,
        "best_lap_time_s": counters.best_lap_time_s,
        "clean_laps_in_a_row": counters.clean_laps_in_a_row,
        "reward_errors": counters.reward_errors,
    }


def stop_reason(
    stop: StopRules, counters: Counters, *, seconds: float, most_updates: int, is_last_stage: bool
) -> str | None:
    """Returns which stop rule is met, as a sentence's end, or None.

    Args:
        stop: the rules.
        counters: what has been done.
        seconds: of training.
        most_updates: more policy updates are not made in any case.
        is_last_stage: whether clean laps are those that the training is for.
    """
    if is_last_stage and stop.clean_laps is not None and counters.clean_laps_in_a_row >= stop.clean_laps:
        return f"{counters.clean_laps_in_a_row} clean evaluation laps in a row"
    if stop.max_steps is not None and counters.total_steps >= stop.max_steps:
        return f"{counters.total_steps} steps"
    if stop.max_episodes is not None and counters.episodes >= stop.max_episodes:
        return f"{counters.episodes} episodes"
    if counters.iterations >= most_updates:
        return f"{counters.iterations} policy updates"
    if stop.max_minutes is not None and seconds >= stop.max_minutes * 60.0:
        return minutes_of(stop)
    return None


def minutes_of(stop: StopRules) -> str:
    """Returns the rule about time as a sentence's end."""
    return f"{stop.max_minutes:g} minutes"
