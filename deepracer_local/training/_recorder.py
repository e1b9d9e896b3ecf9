"""What the steps of a vector of environments amount to: finished episodes and trace rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from deepracer_local.domain import EpisodeSummary, Outcome
from deepracer_local.errors import RewardError
from deepracer_local.runs import ActionsNotes, ObjectsNotes, trace_row
from deepracer_local.training._boundary import Counters

RECENT_EPISODES = 20
MAX_ERROR_ROWS = 1_000
"""So many failed calls of the reward function are kept with their state; all are counted."""


@dataclass(slots=True)
class _Running:
    """The unfinished episode of one environment."""

    episode: int
    steps: int = 0
    reward: float = 0.0


class EpisodeRecorder:
    """Numbers the episodes of all training environments and sums them up.

    Attributes:
        rows: the trace rows of the present iteration.
        objects: what was on the road meanwhile.
        actions: what was done meanwhile, exactly.
        finished: the episodes that ended in the present iteration.
        prints: rows of what the reward function printed in it.
        errors: rows of its failed calls.
    """

    def __init__(self) -> None:
        self._tracks: Sequence[str] = ()
        self._stage: int | None = None
        self.rows: list[str] = []
        self.objects = ObjectsNotes()
        self.actions = ActionsNotes()
        self.finished: list[EpisodeSummary] = []
        self.prints: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self._last_error: RewardError | None = None
        self._running: list[_Running] = []
        self._recent: deque[EpisodeSummary] = deque(maxlen=RECENT_EPISODES)

    @property
    def recent_reward(self) -> float | None:
        """Mean return of the last episodes; None before the first ends."""
        return sum(e.reward for e in self._recent) / len(self._recent) if self._recent else None

    @property
    def recent_progress(self) -> float | None:
        """Mean progress of the last episodes in percent; None before the first ends."""
        return sum(e.progress for e in self._recent) / len(self._recent) if self._recent else None

    def end_iteration(self) -> None:
        """Forgets the rows and episodes of the present iteration, which have been written.

        Not at the beginning of the next one: the first has the rows of ``start``.
        """
        self.finished = []
        self.rows = []
        self.objects.start_anew()
        self.actions.start_anew()
        self.prints = []
        self.errors = []

    def enter(self, tracks: Sequence[str], stage: int | None) -> None:
        """Takes the name of each environment's track, and what episodes say of their stage; those before are over."""
        self._tracks, self._stage = tracks, stage
        self._running = [_Running(episode=i) for i in range(len(tracks))]
        self._recent.clear()

    def start(self, reset_infos: Sequence[dict[str, Any]], counters: Counters, wall_clock_s: float) -> None:
        """Begins the first episode of every environment in a stage."""
        for i, info in enumerate(reset_infos):
            self._begin(i, info, counters, wall_clock_s)

    def step(
        self,
        rewards: Any,
        dones: Any,
        infos: Sequence[dict[str, Any]],
        reset_infos: Sequence[dict[str, Any]],
        *,
        counters: Counters,
        total_steps: int,
        wall_clock_s: float,
    ) -> None:
        """Takes in one step of every environment; ``reset_infos`` are those of environments that are done."""
        for i, info in enumerate(infos):
            running = self._running[i]
            running.steps += 1
            running.reward += float(rewards[i])
            record = info.get("record")
            if record is not None:
                self.rows.append(trace_row(record, episode=running.episode, wall_clock_s=wall_clock_s))
                self.objects.add(info.get("objects", ()), episode=running.episode, steps=record.steps)
                self.actions.add(info, episode=running.episode)
            self._take_reward_events(running, info, counters)
            if dones[i]:
                self._finish(i, info, counters, total_steps)
                self._begin(i, reset_infos[i], counters, wall_clock_s)

    def bound_errors(self, count: int, at_most: int) -> None:
        """Ends a training whose reward function fails too often to be worth its floor value.

        Raises:
            RewardError: ``count`` is beyond ``at_most``; it carries the last failure's line and parameters.
        """
        if count <= at_most or self._last_error is None:
            return
        last = self._last_error
        raise RewardError(
            f"Expected at most {at_most} failed calls, got {count}; reward_errors.jsonl has them. The last one: {last}",
            line=last.line,
            params=last.params,
            fault=last.fault,
        )

    def take_prints(self, texts: Sequence[str]) -> None:
        """Takes in what was printed for each environment in a step that never ended."""
        for running, text in zip(self._running, texts, strict=False):
            if text:
                self.prints.append({"episode": running.episode, "step": running.steps + 2, "text": text})

    def unfinished(self) -> list[dict[str, Any]]:
        """Returns the unfinished episodes as JSON values."""
        return [asdict(running) for running in self._running]

    def pending(self) -> dict[str, list[Any]]:
        """Returns what was noted and not written yet, as JSON values: between two iterations the starts of a stage."""
        return {"rows": self.rows, "objects": self.objects.rows, "actions": self.actions.rows} if self.rows else {}

    def load(self, unfinished: Sequence[dict[str, Any]], pending: Mapping[str, list[Any]]) -> None:
        """Takes up what ``unfinished`` and ``pending`` returned."""
        self._running = [_Running(**running) for running in unfinished]
        self.rows = list(pending.get("rows", ()))
        self.objects.load(pending.get("objects", ()))
        self.actions.load(pending.get("actions", ()))

    def _begin(self, i: int, reset_info: dict[str, Any], counters: Counters, wall_clock_s: float) -> None:
        self._running[i] = _Running(episode=counters.next_episode)
        counters.next_episode += 1
        record = reset_info.get("record")
        if record is not None:
            episode = self._running[i].episode
            self.rows.append(trace_row(record, episode=episode, wall_clock_s=wall_clock_s))
            self.objects.add(reset_info.get("objects", ()), episode=episode, steps=record.steps)
            self.actions.add(reset_info, episode=episode)

    def _take_reward_events(self, running: _Running, info: dict[str, Any], counters: Counters) -> None:
        """Takes in what the reward function printed, and why it failed, in this step.

        Steps are numbered as in the trace and in params: the car stands in step 1.
        """
        if text := info.get("reward_printed"):
            self.prints.append({"episode": running.episode, "step": running.steps + 1, "text": text})
        error: RewardError | None = info.get("reward_error")
        if error is None:
            return
        counters.reward_errors += 1
        self._last_error = error
        if counters.reward_errors <= MAX_ERROR_ROWS:
            params = {key: value for key, value in (error.params or {}).items() if key != "waypoints"}
            row = {"line": error.line, "message": str(error), "params": params}
            self.errors.append({"episode": running.episode, "step": running.steps + 1} | row)

    def _finish(self, i: int, info: dict[str, Any], counters: Counters, total_steps: int) -> None:
        running = self._running[i]
        record = info.get("record")
        episode = EpisodeSummary(
            episode=running.episode,
            number=counters.episodes,
            phase="training",
            iteration=counters.iterations,
            total_steps=total_steps,
            steps=running.steps,
            reward=round(running.reward, 6),
            progress=record.progress if record is not None else 0.0,
            time_s=record.time_s if record is not None else 0.0,
            outcome=outcome_of(info),
            start_ndist=info.get("start_ndist", 0.0),
            is_reversed=info.get("is_reversed", False),
            track=self._tracks[i],
            stage=self._stage,
        )
        counters.episodes += 1
        self.finished.append(episode)
        self._recent.append(episode)


class TraceRecorder:
    """Collects the trace rows of an evaluation, its actions, and what was on the road; each attempt is an episode."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self.rows: list[str] = []
        self.objects = ObjectsNotes()
        self.actions = ActionsNotes()
        self._wall_clock = wall_clock
        self._episode = -1

    def add(self, info: dict[str, Any]) -> None:
        """Takes in the ``info`` of a reset or a step."""
        record = info.get("record")
        if record is None:
            return
        if record.outcome is Outcome.PREPARE:
            self._episode += 1
        self.rows.append(trace_row(record, episode=self._episode, wall_clock_s=self._wall_clock()))
        self.objects.add(info.get("objects", ()), episode=self._episode, steps=record.steps)
        self.actions.add(info, episode=self._episode)


def outcome_of(info: dict[str, Any]) -> Outcome | None:
    """Returns the outcome that an environment reported, or None for one that reports none."""
    record = info.get("record")
    return record.outcome if record is not None else None
