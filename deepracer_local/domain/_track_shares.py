"""Several tracks in one training: which, and how many of the cars drive on each."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

MAX_TRACKS = 16


class TrackShare(BaseModel):
    """One of the tracks of a training."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    track: str = Field(max_length=200, description="its name")
    weight: float = Field(default=1.0, gt=0, le=1000, description="its share of the cars, beside the other weights")
    reverse: bool | None = Field(default=None, description="drive against the file's rows; null: as the training does")

    @property
    def label(self) -> str:
        """What rows and plots call it: the name, and the direction where it has one of its own."""
        return self.track if self.reverse is None else f"{self.track} {'reversed' if self.reverse else 'forward'}"


def spread_cars(shares: Sequence[TrackShare], n_cars: int) -> tuple[int, ...]:
    """Returns how many cars drive on each track: at least one, the rest by weight, largest remainders first."""
    left = n_cars - len(shares)
    total = sum(share.weight for share in shares)
    exact = [left * share.weight / total for share in shares]
    counts = [int(part) for part in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: left - sum(counts)]:
        counts[i] += 1
    return tuple(1 + count for count in counts)


def spread_laps(n_tracks: int, laps: int) -> tuple[int, ...]:
    """Returns how many evaluation laps are driven on each track: evenly, the first ones more, at least one."""
    return tuple(max(1, laps // n_tracks + (i < laps % n_tracks)) for i in range(n_tracks))
