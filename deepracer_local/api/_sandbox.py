"""Whether reward functions of strangers can be run here: what the wall of this machine keeps in."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from deepracer_local.api._auth import Reader
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit
from deepracer_local.domain import SandboxPolicy

router = APIRouter(prefix=API, tags=["system"])


class SandboxView(BaseModel):
    """What stands around a reward function on the machine of the API."""

    policy: SandboxPolicy
    is_safe: bool
    """True where code of strangers may be run."""
    message: str
    layers: list[str]
    missing: list[str]
    """A sentence for each layer that cannot be put up."""
    open_probes: list[str]
    """What user code can do of what it should not."""
    probes: int
    """How many attempts to get out were made."""
    system_calls: int | None
    """How many user code can make; null without a filter."""


@router.get("/sandbox")
def sandbox(_: Reader, kit: Kit) -> SandboxView:
    """Tells what stands around reward functions; without a wall only one's own should be run."""
    report = kit.wall.report()
    return SandboxView(
        policy=kit.wall.options.policy,
        is_safe=report.is_safe,
        message=report.sentence,
        layers=list(report.wall.layers),
        missing=list(report.wall.missing),
        open_probes=list(report.open_probes),
        probes=report.n_probes,
        system_calls=report.n_open_calls,
    )
