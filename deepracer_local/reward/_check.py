"""Trying a reward function out before a training starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from statistics import fmean
from typing import Protocol

from deepracer_local.domain import DEFAULT_SANDBOX, RewardParams, RewardSamples, SampledState, SandboxOptions
from deepracer_local.errors import RewardError
from deepracer_local.reward._behaviour import Measured, Rewards, find_behaviour
from deepracer_local.reward._findings import CheckReport, Finding, FindingKind
from deepracer_local.reward._mistakes import find_mistakes
from deepracer_local.reward._source import RewardSource, parse_reward
from deepracer_local.reward._user_file import UserFile
from deepracer_local.reward.sandbox import SandboxLimits, open_sandbox

MAX_PRINTED_CHARS = 16_000
CHECK_LIMITS = SandboxLimits(import_s=4.0, episode_output_bytes=1 << 20)
"""A little less time than a training gives: a verdict is to be there within five seconds."""

_MAX_FAILURES = 10
_TOUR_BUDGET_S = 1.0
"""A slow function is tried on fewer states, spread over the tour."""
_LEGS_BUDGET_S = 1.0
"""A function that would take longer for the drives is not tried on them."""
_N_TIMED = 5
"""Calls after which it is known whether a function is slow."""
_STRIDE = 97
"""Walks over a thinned tour; a prime, so that it meets every lane."""


class TriedReward(Protocol):
    """What a check asks of a reward function; ``sandbox.SandboxedReward`` is one."""

    notices: list[str]

    def call_batch(self, states: Sequence[RewardParams]) -> list[float | RewardError]:
        """Returns the reward or the error of each state; raises a fatal RewardError."""
        ...

    def begin(self, car: int) -> None:
        """Tells that a new episode starts."""
        ...

    def close(self) -> None:
        """Gives back what the function holds."""
        ...


def check_reward(
    text: str,
    samples: RewardSamples,
    *,
    filename: str = "reward_function.py",
    options: SandboxOptions = DEFAULT_SANDBOX,
    parsing: AbstractContextManager[object] | None = None,
) -> CheckReport:
    """Reads, imports and calls the reward function in ``text``, and returns what there is to say about it.

    Nothing of it runs in this process: it is imported and called in a child behind the wall. Failures at the same line
    are reported once, with the first state that showed it, and at most ten of them. What fails only in states that a
    time trial hardly meets is a warning.

    Args:
        text: of the user's file.
        samples: what to try it on.
        filename: as the messages name it.
        options: how this machine runs somebody's code.
        parsing: held while Python source is parsed here: CPython 3.11's parser fails at times in two threads at once.

    Raises:
        SandboxError: the wall is required and cannot be put up, or no process can be started.
    """
    printed: list[str] = []
    missing: tuple[str, ...] = ()

    @contextmanager
    def opened(source: RewardSource) -> Iterator[TriedReward]:
        nonlocal missing
        reward = open_sandbox(source.text, filename=filename, limits=CHECK_LIMITS, options=options)
        missing = () if reward.wall.is_up else reward.wall.missing
        try:
            yield reward
        finally:
            printed.extend(it.text for it in reward.take_printed())
            reward.close()

    report = check_with(opened, text, samples, filename=filename, parsing=parsing)
    return replace(report, printed="".join(printed)[:MAX_PRINTED_CHARS], missing_layers=missing)


def check_with(
    opened: Callable[[RewardSource], AbstractContextManager[TriedReward]],
    text: str,
    samples: RewardSamples,
    *,
    filename: str = "reward_function.py",
    parsing: AbstractContextManager[object] | None = None,
) -> CheckReport:
    """Does what ``check_reward`` does with a function that is ``opened`` elsewhere, which raises RewardError."""
    user_file = UserFile(text, filename)
    try:
        with parsing or nullcontext():
            source = parse_reward(text, filename)
            mistakes = find_mistakes(source, samples.tour[0].params.keys())
    except RewardError as err:
        return CheckReport((user_file.unreadable(err),), 0)
    try:
        with opened(source) as reward:
            return _Trial(reward, samples, user_file).report(mistakes)
    except RewardError as err:
        return CheckReport(in_order([user_file.failure(err, FindingKind.IMPORT_ERROR), *mistakes]), 0)


class _Trial:
    """One function on all samples."""

    def __init__(self, reward: TriedReward, samples: RewardSamples, user_file: UserFile) -> None:
        self._reward = reward
        self._samples = samples
        self._file = user_file
        self._failures: dict[int | None, Finding] = {}
        self._is_dead = False

    def report(self, mistakes: list[Finding]) -> CheckReport:
        """Returns all findings, those about the text included."""
        tour, seconds = self._tour()
        driving: tuple[Rewards, ...] = ()
        standing: tuple[Rewards, ...] = ()
        backwards: tuple[Rewards, ...] = ()
        waiting: Rewards = ()
        if not any(it.is_error for it in self._failures.values()) and seconds <= _LEGS_BUDGET_S / self._n_leg_states():
            driving = self._legs(self._samples.driving, "driving along the centre line")
            standing = self._legs(self._samples.standing, "standing on the centre line")
            backwards = self._legs(self._samples.backwards, "driving against the road")
            waiting = next(iter(self._legs([self._samples.waiting], "standing on the centre line")), ())
        paid = [reward for reward in tour if reward is not None]
        findings = [_placed(finding, mistakes) for finding in self._failures.values()] + self._notices()
        blamed = {finding.line for finding in self._failures.values()}
        findings += [finding for finding in mistakes if finding.line not in blamed]
        if not paid:
            return CheckReport(in_order(findings), 0)
        if self._is_dead:  # half a tour tells nothing
            return CheckReport(in_order(findings), len(paid), min(paid), fmean(paid), max(paid))
        measured = Measured(tour, driving, standing, backwards, waiting, seconds)
        findings += find_behaviour(self._samples, measured)
        return CheckReport(in_order(findings), len(paid), min(paid), fmean(paid), max(paid), 1e6 * seconds)

    def _tour(self) -> tuple[list[float | None], float]:
        """Returns the rewards of the tour, None where not tried or failed, and the seconds of a usual call."""
        states = self._samples.tour
        rewards: list[float | None] = [None] * len(states)
        taken_s: list[float] = []
        pending = list(range(len(states)))
        while pending and not self._is_dead and len(self._failures) < _MAX_FAILURES:
            index = pending.pop(0)
            started_s = time.perf_counter()
            rewards[index] = self._call(states[index])
            taken_s.append(time.perf_counter() - started_s)
            if len(taken_s) == _N_TIMED:
                pending = _thinned(pending, usual_s=_usual(taken_s))
            if sum(taken_s) > _TOUR_BUDGET_S:
                break
        return rewards, _usual(taken_s)

    def _call(self, state: SampledState) -> float | None:
        try:
            [reward] = self._reward.call_batch([state.params])
        except RewardError as err:
            self._is_dead = True
            reward = err
        if not isinstance(reward, RewardError):
            return reward
        kind = FindingKind.TEST_FAILURE if state.is_certain or self._is_dead else FindingKind.WARNING
        finding = self._file.failure(reward, kind, state)
        known = self._failures.get(reward.line)
        if known is None or (finding.is_error and not known.is_error):
            self._failures[reward.line] = finding
        return None

    def _legs(self, legs: Iterable[Sequence[RewardParams]], place: str) -> tuple[list[float | None], ...]:
        """Returns the rewards of drives that are only compared.

        No car stands still by its own command, so a failure there is none of the user's business, unless it was the
        last one.
        """
        rows = []
        for leg in legs:
            self._reward.begin(0)
            rewards: list[float | None] = []
            for params in leg:
                if self._is_dead:
                    return ()
                before = dict(self._failures)
                rewards.append(self._call(SampledState(place, params)))
                if params["speed"] == 0.0 and not self._is_dead:
                    self._failures = before
            rows.append(rewards)
        return tuple(rows)

    def _n_leg_states(self) -> int:
        legs = (*self._samples.driving, *self._samples.standing, *self._samples.backwards, self._samples.waiting)
        return max(1, sum(map(len, legs)))

    def _notices(self) -> list[Finding]:
        return [Finding(FindingKind.WARNING, notice, "notice") for notice in self._reward.notices]


def _placed(failure: Finding, mistakes: list[Finding]) -> Finding:
    """Returns the failure with the column of the name that its text is known to get wrong in that line."""
    for mistake in mistakes:
        if (
            mistake.line == failure.line
            and mistake.rule.startswith("unknown-")
            and failure.rule in {"fails", mistake.rule}
        ):
            return replace(failure, rule=mistake.rule, column=mistake.column)
    return failure


def _usual(taken_s: list[float]) -> float:
    """Returns the mean without the slowest call, which may build what later calls use."""
    return fmean(sorted(taken_s)[:-1] or taken_s)


def _thinned(pending: list[int], usual_s: float) -> list[int]:
    """Returns as many of the states as there is time for, spread over the tour, in their order."""
    n_states = int(_TOUR_BUDGET_S / max(usual_s, 1e-9))
    if n_states >= len(pending):
        return pending
    return sorted(pending[i * _STRIDE % len(pending)] for i in range(n_states))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by line; what has no line comes last."""
    return tuple(sorted(findings, key=lambda it: (not it.is_error, it.line is None, it.line or 0, it.column or 0)))
