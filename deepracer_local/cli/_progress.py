"""What ``train`` shows while it trains: a live panel on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deepracer_local.cli._output import messages
from deepracer_local.domain import StopRules, TrainSpec
from deepracer_local.runs import RunDirectory

SECONDS_BETWEEN_LINES = 2.0
_RATE_WINDOW_S = 5.0


class ProgressView(Protocol):
    """Shows a training while it is under way."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def update(self, run: RunDirectory) -> None:
        """Shows the present state of ``run``; called several times a second."""
        ...


def make_progress_view(spec: TrainSpec, *, quiet: bool) -> ProgressView:
    """Returns the view that suits where standard error goes; a silent one with ``quiet``."""
    console = messages()
    if quiet:
        return SilentView()
    return LiveView(spec.stop, console) if console.is_terminal else LineView(spec.stop, console)


class SilentView:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, run: RunDirectory) -> None:
        """Does nothing."""


class StepRate:
    """Steps a second over the last few seconds."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()

    def add(self, now_s: float, steps: int) -> float | None:
        """Takes in a reading; returns the rate, or None before there are two."""
        points = self._points
        points.append((now_s, steps))
        while len(points) > 2 and now_s - points[0][0] > _RATE_WINDOW_S:
            points.popleft()
        (first_s, first), (last_s, last) = points[0], points[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else None


def seconds_left(stop: StopRules, progress: dict[str, Any], rate: float | None) -> float | None:
    """Returns the seconds to the nearest stop rule that can be foreseen, or None."""
    left = []
    if stop.max_minutes is not None:
        left.append(stop.max_minutes * 60.0 - progress["training_seconds"])
    if stop.max_steps is not None and rate:
        left.append((stop.max_steps - progress["total_steps"]) / rate)
    return max(0.0, min(left)) if left else None


class LineView(SilentView):
    """Prints a line every two seconds."""

    def __init__(self, stop: StopRules, console: Console) -> None:
        self._stop = stop
        self._console = console
        self._rate = StepRate()
        self._printed_at = time.monotonic()
        self._printed_steps = -1

    def update(self, run: RunDirectory) -> None:
        """Prints a line where one is due and something has changed."""
        now = time.monotonic()
        if now - self._printed_at < SECONDS_BETWEEN_LINES:
            return
        progress = run.read_progress()
        if not progress or progress["total_steps"] == self._printed_steps:
            return
        rate = self._rate.add(now, progress["total_steps"])
        self._printed_at, self._printed_steps = now, progress["total_steps"]
        self._console.print(", ".join(f"{k} {v}" for k, v in describe(self._stop, progress, rate)), markup=False)


class LiveView(SilentView):
    """Keeps a small table up to date."""

    def __init__(self, stop: StopRules, console: Console) -> None:
        self._stop = stop
        self._rate = StepRate()
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def update(self, run: RunDirectory) -> None:
        """Redraws the table."""
        progress = run.read_progress()
        table = Table.grid(padding=(0, 2))
        if not progress:
            table.add_row("loading the simulator and the learner ...")
        else:
            rate = self._rate.add(time.monotonic(), progress["total_steps"])
            for name, value in describe(self._stop, progress, rate):
                table.add_row(name, value)
        self._live.update(table, refresh=True)


def describe(stop: StopRules, progress: dict[str, Any], rate: float | None) -> list[tuple[str, str]]:
    """Returns what there is to say about a training, as names and values with their units."""
    left_s = seconds_left(stop, progress, rate)
    return [
        *_stage(progress),
        ("steps", f"{progress['total_steps']:,}"),
        ("steps/s", f"{rate:,.0f}" if rate is not None else "-"),
        ("episodes", f"{progress['episodes']:,}"),
        ("reward", _number(progress["mean_reward"], "{:.1f}")),
        ("progress", _number(progress["mean_progress"], "{:.0f} %")),
        ("evaluation", _number(progress["best_progress"], "{:.0f} %")),
        ("best lap", _number(progress["best_lap_time_s"], "{:.2f} s")),
        ("time", _clock(progress["training_seconds"])),
        ("left", _clock(left_s) if left_s is not None else "-"),
        ("now", progress["phase"]),
    ]


def _stage(progress: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns which stage of a curriculum a training is in, and which it has forgotten."""
    if "stage" not in progress:
        return []
    said = [("stage", f"{progress['stage']} of {progress['stages']} {progress['stage_name']}")]
    forgotten = progress["forgotten_stages"]
    return [*said, ("forgotten", f"stage {' '.join(map(str, forgotten))}")] if forgotten else said


def _number(value: float | None, form: str) -> str:
    return form.format(value) if value is not None else "-"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
