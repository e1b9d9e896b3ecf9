"""Trying a reward function out before a training starts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from deepracer_local.domain import RewardParams
from deepracer_local.errors import RewardError
from deepracer_local.reward._in_process import InProcessReward
from deepracer_local.reward._source import parse_reward

_MAX_FAILURES = 10
_SLOW_SECONDS = 0.005


class FindingKind(StrEnum):
    """What a finding is about; all but WARNING make the function unusable."""

    SYNTAX_ERROR = "SYNTAX_ERROR"
    IMPORT_ERROR = "IMPORT_ERROR"
    TEST_FAILURE = "TEST_FAILURE"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the user."""

    kind: FindingKind
    message: str
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based."""
    params: RewardParams | None = None
    """The state that showed it."""

    @property
    def is_error(self) -> bool:
        """True unless it is a warning."""
        return self.kind is not FindingKind.WARNING


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of the trial; the figures are None where no call succeeded."""

    findings: tuple[Finding, ...]
    n_calls: int
    """Successful calls."""
    min_reward: float | None = None
    mean_reward: float | None = None
    max_reward: float | None = None
    microseconds_per_call: float | None = None
    """Wall-clock mean, the copy of the parameters included."""

    @property
    def is_usable(self) -> bool:
        """True where nothing but warnings was found."""
        return not any(finding.is_error for finding in self.findings)


def check_reward(
    text: str,
    states: Sequence[RewardParams],
    *,
    filename: str = "reward_function.py",
    max_speed_mps: float = 4.0,
    max_steering_angle_deg: float = 30.0,
) -> list[Finding]:
    """Returns what there is to say about the reward function in ``text``; see ``try_reward``."""
    report = try_reward(
        text,
        states,
        filename=filename,
        max_speed_mps=max_speed_mps,
        max_steering_angle_deg=max_steering_angle_deg,
    )
    return list(report.findings)


def try_reward(
    text: str,
    states: Sequence[RewardParams],
    *,
    filename: str = "reward_function.py",
    max_speed_mps: float = 4.0,
    max_steering_angle_deg: float = 30.0,
) -> CheckReport:
    """Parses, imports and calls the reward function in ``text`` on every state, in this process.

    Failures at the same line are reported once, with the first state that showed it, and at most ten of them. The
    function is warned about where it gives the same reward everywhere, needs more than 5 ms a call, or has notices.
    """
    try:
        source = parse_reward(text, filename)
    except RewardError as err:
        column = err.__cause__.offset if isinstance(err.__cause__, SyntaxError) else None
        return CheckReport((Finding(FindingKind.SYNTAX_ERROR, str(err), err.line, column),), 0)
    try:
        reward = InProcessReward(source, max_speed_mps=max_speed_mps, max_steering_angle_deg=max_steering_angle_deg)
    except RewardError as err:
        return CheckReport((Finding(FindingKind.IMPORT_ERROR, str(err), err.line),), 0)
    try:
        return _drive(reward, states)
    finally:
        reward.close()


def _drive(reward: InProcessReward, states: Sequence[RewardParams]) -> CheckReport:
    failures: dict[int | None, Finding] = {}
    rewards: list[float] = []
    reward.begin()
    started_s = time.perf_counter()
    for params in states:
        try:
            rewards.append(reward.call(params))
        except RewardError as err:
            failures.setdefault(err.line, Finding(FindingKind.TEST_FAILURE, str(err), err.line, params=err.params))
            if len(failures) >= _MAX_FAILURES:
                break
    seconds = (time.perf_counter() - started_s) / max(1, len(states))
    findings = [*failures.values(), *(Finding(FindingKind.WARNING, notice) for notice in reward.notices)]
    if not rewards:
        return CheckReport(tuple(findings), 0)
    low, high = min(rewards), max(rewards)
    if low == high and len(rewards) > 1:
        sentence = f"The reward is {low:g} in all {len(rewards)} states; a flat reward teaches the car nothing."
        findings.append(Finding(FindingKind.WARNING, sentence))
    if seconds > _SLOW_SECONDS:
        sentence = f"One call takes {1000 * seconds:.1f} ms; every training step waits for it. Compute less per call."
        findings.append(Finding(FindingKind.WARNING, sentence))
    mean = sum(rewards) / len(rewards)
    return CheckReport(tuple(findings), len(rewards), low, mean, high, 1e6 * seconds)
