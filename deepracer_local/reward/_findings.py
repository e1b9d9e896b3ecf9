"""What a check has to say about a reward function."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from deepracer_local.domain import RewardParams


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
    """What was expected, what came, what to do; without the place."""
    rule: str
    """A name for programs: ``docs/reward_functions.md`` lists them."""
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based, in characters."""
    code: str | None = None
    """The text of that line, without its line end."""
    place: str | None = None
    """What the state shows, for example ``off the road on the left``."""
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
    """Errors first, each kind in the order of lines."""
    n_calls: int
    """Successful calls on the states of the tour."""
    min_reward: float | None = None
    mean_reward: float | None = None
    max_reward: float | None = None
    microseconds_per_call: float | None = None
    """Wall-clock mean, the way to the function and back included."""

    printed: str = ""
    """What the function printed, or the beginning of it."""
    missing_layers: tuple[str, ...] = ()
    """A sentence for each layer of the wall that did not stand around the trial, where these were needed."""

    @property
    def is_usable(self) -> bool:
        """True where nothing but warnings was found."""
        return not any(finding.is_error for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Returns the report as the API and ``reward check --json`` give it."""
        return {
            "usable": self.is_usable,
            "findings": [{**asdict(finding), "kind": finding.kind.value} for finding in self.findings],
            "calls": self.n_calls,
            "min_reward": self.min_reward,
            "mean_reward": self.mean_reward,
            "max_reward": self.max_reward,
            "microseconds_per_call": self.microseconds_per_call,
            "printed": self.printed,
        }
