"""Why something is not taken, and the caps of what is read. Loaded in the child: nothing but the standard library."""

from __future__ import annotations

MAX_ARCHIVE_BYTES = 400_000_000
"""Of an archive as it comes: the largest network's own archive has 350 MB."""
MAX_UNPACKED_BYTES = 600_000_000
"""Of everything in it."""
MAX_MEMBERS = 4_096
MAX_NAME_BYTES = 240
MAX_DEPTH = 12
MAX_RATIO = 200
"""Unpacked to packed; weights have 1.1, text 10."""
RATIO_SLACK_BYTES = 4_000_000
"""So much may come out before the ratio is looked at."""
MAX_TEXT_BYTES = 1_000_000
MAX_ROWS_BYTES = 4_000_000
"""Of a track's rows, and of the rows of a training."""
MAX_TEXTS_BYTES = 16_000_000
MAX_WEIGHTS_BYTES = 400_000_000


class RefusedError(Exception):
    """The whole archive is refused.

    Attributes:
        file: the name in the archive, as far as it can be shown.
        reason: a sentence: what was expected, what came.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = shown(file)
        self.reason = reason
        super().__init__(f"{self.file}: {reason}")


class UnusableError(Exception):
    """Weights that are harmless and of no use here; what else the archive holds is taken."""


def shown(text: str) -> str:
    """Returns ``text`` as it can be printed: one line, no control characters, at most 120 characters."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 120 else plain[:117] + "..."
