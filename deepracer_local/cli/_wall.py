"""Refusing, or warning, where no wall can be put up around reward functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepracer_local.cli._output import messages
from deepracer_local.domain import SandboxOptions, SandboxPolicy
from deepracer_local.errors import SandboxError

if TYPE_CHECKING:
    from deepracer_local.client import Client


def require_wall(options: SandboxOptions) -> None:
    """Does nothing unless the options demand a wall.

    Raises:
        SandboxError: they do, and this machine has none.
    """
    if options.policy is not SandboxPolicy.REQUIRED:
        return
    from deepracer_local.reward.sandbox import try_wall  # noqa: PLC0415  # the supervisor stays small

    report = try_wall(options)
    if not report.is_safe:
        raise SandboxError(
            f"Expected a wall around reward functions, as DEEPRACER_LOCAL_SANDBOX=required demands, but "
            f"{report.sentence}."
        )


def warn_without_wall(client: Client) -> None:
    """Prints one warning where the machine of the service has no wall."""
    found = client.request("GET", "/sandbox")
    if not found["is_safe"]:
        messages().print(f"warning: {found['message']}", markup=False)
