"""Whether a drive that is driven again comes out as it was recorded; and two cars that drive again together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deepracer_local.domain import StepRecord
from deepracer_local.env import DeepRacerEnv, Duel, Turn
from deepracer_local.errors import ReplayError, RunDirectoryError
from deepracer_local.runs import COLUMNS, Drive, checksum, trace_row

WALL_CLOCK, REWARD = COLUMNS.index("wall_clock"), COLUMNS.index("reward")
_WHY = "Another version, other packages (versions.json) or another kind of processor compute other last digits."


class Comparison:
    """Compares the instants of a drive with its trace, and between the roundings with its checksums."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive
        self._n_taken = 0
        self._crc = 0

    @property
    def is_complete(self) -> bool:
        """Whether all that was recorded has been compared."""
        return self._n_taken == len(self._drive.lines)

    def take(self, record: StepRecord) -> None:
        """Takes in the next instant.

        Raises:
            ReplayError: it is not as it was recorded.
        """
        drive = self._drive
        if self.is_complete:
            raise ReplayError(
                f"Expected the end of episode {drive.episode} after {len(drive.lines)} steps, as recorded, got another "
                f"one. {_WHY}",
                episode=drive.episode,
                steps=record.steps,
            )
        _require_equal(drive, drive.lines[self._n_taken], record)
        self._n_taken += 1
        self._crc = checksum(record, self._crc)
        expected_crc = drive.checksums.get(self._n_taken)
        if expected_crc is None:
            return
        if self._crc != expected_crc:
            raise ReplayError(
                f"Expected the steps of episode {drive.episode} up to {record.steps} bit for bit, got others that "
                f"are equal only as the trace rounds them. {_WHY}",
                episode=drive.episode,
                steps=record.steps,
            )
        self._crc = 0


@dataclass(frozen=True, slots=True)
class Partner:
    """The other car of a race of two models."""

    env: DeepRacerEnv
    drives: Sequence[Drive]
    lanes: tuple[int, int]
    """Of the model and of its opponent on the grid."""
    number: int
    """Of the car that it drives beside: 0 for the model whose evaluation it was, 1 for the opponent."""

    def drive_beside(self, drive: Drive) -> Drive:
        """Returns what it drove at the same time.

        Raises:
            RunDirectoryError: nothing.
        """
        for one in self.drives:
            if one.episode == drive.episode:
                return one
        raise RunDirectoryError(
            f"Expected heat {drive.episode} of the race in the traces of both cars, found it in one. The files are "
            "damaged."
        )


def drive_both(env: DeepRacerEnv, drive: Drive, partner: Partner) -> Iterator[Turn]:
    """Yields the instants of one of two cars that drive again; those of both are compared.

    Raises:
        ReplayError: a step of one of the two is not as it was recorded.
        RunDirectoryError: the other car's drive is not there.
    """
    envs, drives = [env, partner.env], [drive, partner.drive_beside(drive)]
    if partner.number == 1:
        envs.reverse()
        drives.reverse()
    comparisons = [Comparison(one) for one in drives]
    actions = [iter(one.actions) for one in drives]

    def act(car: int, _observation: Any) -> Any:
        for action in actions[car]:
            return action
        raise ReplayError(
            f"Expected no further step of heat {drive.episode}, as recorded, got one. {_WHY}",
            episode=drive.episode,
            steps=len(drives[car].lines) + 1,
        )

    duel = Duel((envs[0], envs[1]), partner.lanes)
    turns = duel.begin([{"origin": one.origin} for one in drives])
    while True:
        for turn in turns:
            comparisons[turn.car].take(turn.info["record"])
            if turn.car == partner.number:
                yield turn
        if all(comparison.is_complete for comparison in comparisons):
            return
        turns = duel.tick(act)


def _require_equal(drive: Drive, line: str, record: StepRecord) -> None:
    written = line.split(",")
    if len(written) != len(COLUMNS):
        raise RunDirectoryError(
            f"Expected {len(COLUMNS)} columns in each row of the trace, got {line[:80]!r}. The file is damaged."
        )
    driven = trace_row(record, episode=drive.episode, wall_clock_s=0.0).split(",")
    driven[WALL_CLOCK] = written[WALL_CLOCK]
    for name, was, now in zip(COLUMNS, written, driven, strict=True):
        if was != now:
            raise ReplayError(
                f"Expected {name} {was} in step {record.steps} of episode {drive.episode}, as recorded, got {now}. "
                + _WHY,
                episode=drive.episode,
                steps=record.steps,
            )
