"""How somebody's reward function is run on a machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SandboxPolicy(StrEnum):
    """What to do where no wall can be put up around a reward function."""

    REQUIRED = "required"
    """Refuse to run it."""
    PREFERRED = "preferred"
    """Run it in a process with limits only: for the user's own code on their own machine."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What the operator of a machine decides."""

    policy: SandboxPolicy = SandboxPolicy.PREFERRED
    prefix: tuple[str, ...] = ()
    """A command that runs the command after it behind a further wall, for example ``("bwrap", "--ro-bind", ...)``."""


DEFAULT_SANDBOX = SandboxOptions()
