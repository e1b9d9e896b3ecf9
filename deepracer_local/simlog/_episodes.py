"""Whole episodes out of traces in which those of several cars are mixed, and go on from one file to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from deepracer_local.errors import RunDirectoryError
from deepracer_local.simlog._files import Draft
from deepracer_local.simlog._rows import EPISODE, STEPS, damaged, fields_of, trace_lines


class OpenEpisodes:
    """The rows of episodes that have not ended, of each car one."""

    def __init__(self) -> None:
        self._drafts: dict[int, Draft] = {}

    def take(self, trace: BinaryIO) -> None:
        """Takes in the steps of an iteration.

        Raises:
            RunDirectoryError: it is no step trace.
        """
        for line in trace_lines(trace):
            number, comma, _ = line.partition(b",")
            if not comma or not number.isdigit():
                raise damaged(line)
            episode = int(number)
            if episode not in self._drafts:
                self._drafts[episode] = Draft()
            self._drafts[episode].write(line)

    def finish(self, episode: int, *, rows: int) -> Iterator[list[bytes]]:
        """Yields the columns of each of the rows of an episode that has ended, and forgets it.

        Raises:
            RunDirectoryError: some of them are not there.
        """
        draft = self._drafts.pop(episode, None)
        if draft is None:
            raise _incomplete(episode)
        seen = 0
        try:
            for i, line in enumerate(draft.lines()):
                fields = fields_of(line)
                if i == 0 and (fields[EPISODE], fields[STEPS]) != (b"%d" % episode, b"1"):
                    raise _incomplete(episode)
                seen += 1
                yield fields
        finally:
            draft.close()
        if seen != rows:
            raise _incomplete(episode)

    def close(self) -> None:
        """Forgets those that have not ended."""
        for draft in self._drafts.values():
            draft.close()


def _incomplete(episode: int) -> RunDirectoryError:
    return RunDirectoryError(
        f"Expected the whole trace of episode {episode}, but steps of it are missing. A trace file of the training has "
        "been lost."
    )
