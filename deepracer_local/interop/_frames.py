"""What the child says, piece by piece. Loaded in the child and in the service: nothing but the standard library."""

from __future__ import annotations

import struct
from enum import IntEnum

HEADER = struct.Struct("<BQ")
"""In front of every frame: kind, size of the body."""
MAX_JSON_BYTES = 32_000_000
MAX_PART_BYTES = 1 << 22
"""Of one frame of numbers."""
ARCHIVE_FD, REPLY_FD = 0, 1
"""In the child."""


class FrameKind(IntEnum):
    """The kinds of frames, in the order in which they come."""

    WALL = 1
    """JSON: which layers stand, and a sentence for each that does not. Before the first byte is read."""
    MEMBERS = 2
    """JSON: the size of every file by name, and the texts by name."""
    WEIGHTS = 3
    """JSON: what the numbers that follow are. As often as there are checkpoints."""
    NUMBERS = 4
    """Bytes of float32 numbers, as many frames as they need."""
    UNUSABLE = 5
    """JSON: a file of weights that is of no use, and why."""
    REFUSED = 6
    """JSON: the file and the reason; the last frame."""
    DONE = 7
    """Nothing; the last frame."""
