"""The route about domain randomisation: its presets, and what may be asked of ranges of one's own."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from deepracer_local.api._auth import Reader
from deepracer_local.api._paths import API
from deepracer_local.domain import RANDOMISATIONS, randomisation_limits

router = APIRouter(prefix=f"{API}/randomisations", tags=["randomisation"])


class RandomisationPreset(BaseModel):
    """A name that `randomisation` takes."""

    name: str
    ranges: dict[str, list[float]] = Field(description="lower and upper end of every range")


class RangeView(BaseModel):
    """A range that `randomisation` takes."""

    name: str
    description: str
    unit: str = Field(description="`x`: a factor; `deg`, `steps` of 1/15 s, `m`, `share`, `px`, `grey` levels")
    low: float = Field(description="no end is below it")
    high: float = Field(description="no end is above it")
    specified: float = Field(description="both ends where it is left out")
    is_whole: bool = Field(description="its ends are whole numbers")


class RandomisationList(BaseModel):
    """All that `randomisation` takes."""

    presets: list[RandomisationPreset]
    ranges: list[RangeView]


@router.get("")
def randomisations(_: Reader) -> RandomisationList:
    """Lists the presets, and the ranges with their limits."""
    return RandomisationList(
        presets=[
            RandomisationPreset(name=name, ranges={field: list(ends) for field, ends in spec})
            for name, spec in RANDOMISATIONS.items()
        ],
        ranges=[RangeView(**limits._asdict()) for limits in randomisation_limits()],
    )
