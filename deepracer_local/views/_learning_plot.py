"""Reward and completion over the steps of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, MaxNLocator

from deepracer_local.domain import EpisodeSummary, FloatArray
from deepracer_local.errors import InvalidInputError
from deepracer_local.views._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    SKY,
    VERMILION,
    make_figure,
    save_figure,
    tidy_axes,
)

MIN_WINDOW, MAX_WINDOW = 5, 100
"""Episodes in the running mean: a tenth of all, within these."""
_TRACK_COLOURS = (VERMILION, GREEN, INK, MUTED)
_TRACK_DASHES = ("--", ":", "-.", "-")
MAX_MARKERS = 60
"""More evaluations than this are drawn as a bare line."""


@dataclass(frozen=True, slots=True)
class LearningUpdate:
    """What the plot needs of one policy update."""

    total_steps: int
    """Environment steps of the run when it ended; never falls from one update to the next."""
    training_s: float
    """Wall-clock seconds of training so far."""
    evaluation_progress: float | None = None
    """Percent, mean over the laps of the deterministic evaluation that followed; None where there was none."""
    is_best: bool = False
    """True where this update's checkpoint became the best of the run."""
    progress_by_track: Mapping[str, float] = field(default_factory=dict)
    """Percent, of the same evaluation on each of several tracks; empty where there is one."""
    stage: str | None = None
    """What to call the stage of the curriculum in which it was made; None without one."""


def draw_learning(
    updates: Sequence[LearningUpdate], episodes: Sequence[EpisodeSummary], path: Path, *, title: str = "Training"
) -> None:
    """Writes a PNG: above completion, below reward, both over steps, with wall-clock seconds along the top.

    Args:
        updates: in order.
        episodes: of both phases, in order; evaluation episodes are left out, as ``updates`` holds their mean.
        path: where to write.
        title: the heading.

    Raises:
        InvalidInputError: there is neither an update nor a training episode.
    """
    training = [episode for episode in episodes if episode.phase == "training"]
    if not updates and not training:
        raise InvalidInputError("Expected a training with at least one episode, got none. Train first.")
    has_stages = any(update.stage is not None for update in updates)
    figure = make_figure(12.0 if has_stages else 9.6, 6.6)
    completion, reward = figure.subplots(2, 1, sharex=True, height_ratios=[1.25, 1])
    _draw_episodes(completion, training, [episode.progress for episode in training])
    _draw_episodes(reward, training, [episode.reward for episode in training])
    _draw_tracks(completion, updates)
    _draw_evaluations(completion, updates)
    completion.set_ylim(-3, 104)
    completion.set_ylabel("completion (% of a lap)", color=INK, fontsize=10)
    reward.set_ylabel("reward of an episode", color=INK, fontsize=10)
    reward.set_xlabel("environment steps", color=INK, fontsize=10)
    reward.xaxis.set_major_formatter(EngFormatter(sep=" "))
    last = max([update.total_steps for update in updates] + [episode.total_steps for episode in training])
    reward.set_xlim(0, last * 1.02)
    for axes in (completion, reward):
        tidy_axes(axes)
        if axes.get_legend_handles_labels()[0]:
            # Fixed corners: matplotlib's search for an empty one takes seconds on ten thousand points.
            # An early stage may be as good as it gets: its curve must not lie under the legend.
            beside = {"bbox_to_anchor": (1.01, 1.0)} if has_stages else {}
            axes.legend(loc="upper left", fontsize=9, framealpha=0.9, edgecolor="none", **beside)
    _draw_stages((completion, reward), updates)
    _draw_seconds(completion, updates)
    figure.suptitle(title, x=0.012, ha="left", fontsize=14, fontweight="bold", color=INK)
    save_figure(figure, path)


def _draw_episodes(axes: Axes, episodes: Sequence[EpisodeSummary], values: Sequence[float]) -> None:
    """Draws a point for each episode and their running mean, which begins anew with each stage."""
    if not episodes:
        return
    steps = np.array([episode.total_steps for episode in episodes], dtype=np.float64)
    axes.scatter(steps, values, s=9, color=SKY, alpha=0.45, linewidths=0, label="training episode", zorder=2)
    window = int(np.clip(len(values) // 10, MIN_WINDOW, MAX_WINDOW))
    label: str | None = f"mean of {window} episodes"
    for stage in dict.fromkeys(episode.stage for episode in episodes):
        own = np.array([episode.stage == stage for episode in episodes])
        if own.sum() >= window:
            mean = _running_mean(np.array(values, dtype=np.float64)[own], window)
            axes.plot(steps[own][window - 1 :], mean, color=BLUE, linewidth=2.0, label=label, zorder=3)
            label = None


def _running_mean(values: FloatArray, window: int) -> FloatArray:
    """Returns float64 (n - window + 1,): the mean of each ``window`` neighbours."""
    return np.convolve(values, np.full(window, 1.0 / window), mode="valid")


def _draw_evaluations(axes: Axes, updates: Sequence[LearningUpdate]) -> None:
    evaluated = [u for u in updates if u.evaluation_progress is not None]
    if evaluated:
        steps, progress = _points(evaluated, [u.evaluation_progress or 0.0 for u in evaluated])
        axes.plot(
            steps,
            progress,
            color=ORANGE,
            linewidth=2.0,
            marker="o" if len(evaluated) <= MAX_MARKERS else None,
            markersize=4.5,
            markeredgecolor="white",
            label="evaluation, all tracks" if updates[-1].progress_by_track else "evaluation, deterministic",
            zorder=4,
        )
    best = [update for update in updates if update.is_best and update.evaluation_progress is not None]
    if best:
        axes.scatter(
            [best[-1].total_steps],
            [best[-1].evaluation_progress or 0.0],
            s=240,
            marker="*",
            color=GREEN,
            edgecolors="white",
            linewidths=1.0,
            label="best checkpoint",
            zorder=5,
            clip_on=False,
        )


def _draw_tracks(axes: Axes, updates: Sequence[LearningUpdate]) -> None:
    """Draws the evaluation on each of several tracks by itself."""
    tracks = list(dict.fromkeys(track for update in updates for track in update.progress_by_track))
    for i, track in enumerate(tracks):
        driven = [u for u in updates if track in u.progress_by_track]
        steps, progress = _points(driven, [u.progress_by_track[track] for u in driven])
        axes.plot(
            steps,
            progress,
            color=_TRACK_COLOURS[i % len(_TRACK_COLOURS)],
            linestyle=_TRACK_DASHES[i // len(_TRACK_COLOURS) % len(_TRACK_DASHES)],
            linewidth=1.3,
            label=f"evaluation on {track}",
            zorder=3.5,
        )


def _points(updates: Sequence[LearningUpdate], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Returns the points of a line; between two stages, whose values cannot be compared, it is broken."""
    steps: list[float] = []
    points: list[float] = []
    for i, (update, value) in enumerate(zip(updates, values, strict=True)):
        if i and update.stage != updates[i - 1].stage:
            steps.append(update.total_steps)
            points.append(float("nan"))
        steps.append(update.total_steps)
        points.append(value)
    return steps, points


def _draw_stages(pair: Sequence[Axes], updates: Sequence[LearningUpdate]) -> None:
    """Marks where the stages of a curriculum begin, with their names along the bottom."""
    began, before, n_before = 0, None, 0
    for update in updates:
        if update.stage is not None and update.stage != before:
            for axes in pair:
                if before is not None:
                    axes.axvline(began, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
            pair[0].annotate(
                update.stage,
                (began, 0.0),
                xycoords=("data", "axes fraction"),
                xytext=(4, 5 + 14 * (n_before % 3)),  # names of short stages stand above each other
                textcoords="offset points",
                fontsize=9,
                color=INK,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
                zorder=6,
            )
            n_before += 1
        began, before = update.total_steps, update.stage


def _draw_seconds(axes: Axes, updates: Sequence[LearningUpdate]) -> None:
    """Puts a second axis on top: wall-clock seconds at the steps that were reached then."""
    if not updates:
        return
    steps = np.array([0, *(update.total_steps for update in updates)], dtype=np.float64)
    seconds = np.array([0.0, *(update.training_s for update in updates)])
    is_minutes = seconds[-1] >= 300.0
    unit_s = 60.0 if is_minutes else 1.0
    ticks = [tick for tick in MaxNLocator(9).tick_values(0.0, seconds[-1] / unit_s) if tick * unit_s <= seconds[-1]]
    top = axes.secondary_xaxis("top")
    top.set_xticks(np.interp(np.array(ticks) * unit_s, seconds, steps), [f"{tick:g}" for tick in ticks])
    top.set_xlabel("wall-clock minutes" if is_minutes else "wall-clock seconds", color=INK, fontsize=10)
    top.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    top.spines["top"].set_color(MUTED)
