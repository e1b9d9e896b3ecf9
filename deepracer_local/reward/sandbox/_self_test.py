"""Trying the wall of this machine from inside."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from deepracer_local.domain import DEFAULT_SANDBOX, SandboxOptions, SandboxPolicy
from deepracer_local.errors import RewardError, SandboxError
from deepracer_local.reward.sandbox import _probes
from deepracer_local.reward.sandbox._sandbox import open_sandbox
from deepracer_local.reward.sandbox._seccomp import calls_of
from deepracer_local.reward.sandbox._state import Wall

_N_CALLS = 512
"""Numbers of system calls in use on x86-64 and aarch64 end below."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What a wall on this machine keeps in."""

    wall: Wall
    open_probes: tuple[str, ...]
    """What got through."""
    n_probes: int
    n_open_calls: int | None
    """System calls that user code can make; None where there is no filter. Two that the kernel lets past every filter
    and that do nothing for user code are not counted: see ``_seccomp.Calls.unfiltered``."""

    @property
    def is_safe(self) -> bool:
        """True where code of strangers may be run."""
        return self.wall.is_up and not self.open_probes

    @property
    def sentence(self) -> str:
        """What to tell the operator."""
        if self.is_safe:
            landlock = "" if "landlock" in self.wall.layers else ", without Landlock"
            return (
                f"reward functions run behind a wall: {self.n_open_calls} system calls, no file, no network{landlock}"
            )
        reasons = [*self.wall.missing, *(f"user code can {probe}" for probe in self.open_probes[:3])]
        return (
            "reward functions are NOT confined on this machine, so run only your own: "
            f"{'; '.join(reasons) or 'the wall could not be tried'}. docs/sandbox.md says what is needed"
        )


def try_wall(options: SandboxOptions = DEFAULT_SANDBOX) -> SandboxReport:
    """Runs about thirty attempts to get out in a child like those of users, and tries every system call.

    Takes a third of a second. Where no wall stands, only the attempts are made, which do no harm.
    """
    text = Path(_probes.__file__).read_text(encoding="utf-8")
    names = list(_probes.PROBES)
    try:
        sandbox = open_sandbox(text, filename="probes", options=replace(options, policy=SandboxPolicy.PREFERRED))
    except (SandboxError, RewardError) as err:
        return SandboxReport(Wall((), (str(err),)), (), 0, None)
    try:
        answers = [sandbox.call_batch([{"probe": name}])[0] for name in names]
        open_probes = [name for name, answer in zip(names, answers, strict=True) if answer != 1.0]
        n_open_calls = None
        table = calls_of(os.uname().machine)
        if "seccomp" in sandbox.wall.layers and table is not None:
            allowed = sorted(table.allowed.values())
            untried = [*allowed, *table.unfiltered]
            [further] = sandbox.call_batch([{"calls": [0, _N_CALLS], "allowed": untried}])
            n_open_calls = len(allowed) + int(further) if isinstance(further, float) else None
        return SandboxReport(sandbox.wall, tuple(open_probes), len(names), n_open_calls)
    except RewardError as err:
        return SandboxReport(Wall((), (str(err),)), (), len(names), None)
    finally:
        sandbox.close()
