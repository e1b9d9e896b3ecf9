"""Routes about the whole service: what may be changed while it runs, and how much room its files take."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.db import SLOTS_SETTING

router = APIRouter(prefix=API, tags=["settings"])


class ServiceSettings(BaseModel):
    """What may be changed while the service runs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slots: int | None = Field(
        default=None, ge=1, le=256, description="jobs side by side in each runner; null: as it was started"
    )


class Usage(BaseModel):
    """How much room one's files take in the artifact store."""

    total_bytes: int
    bytes_by_kind: dict[str, int]


@router.get("/settings")
def get_settings(_: Reader, kit: Kit) -> ServiceSettings:
    """Returns what may be changed while the service runs."""
    return _stored(kit)


@router.patch("/settings")
def update_settings(_: Writer, kit: Kit, body: ServiceSettings) -> ServiceSettings:
    """Changes settings; runners follow at their next claim, and what runs is left alone."""
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    for name, value in given.items():
        kit.database.settings.set(name, value)
    return _stored(kit)


@router.get("/usage")
def usage(identity: Reader, kit: Kit) -> Usage:
    """Returns how much room one's files take, by kind."""
    by_kind = kit.database.artifacts.usage(identity.owner)
    return Usage(total_bytes=sum(by_kind.values()), bytes_by_kind=by_kind)


def _stored(kit: Services) -> ServiceSettings:
    return ServiceSettings(slots=kit.database.settings.get(SLOTS_SETTING))
