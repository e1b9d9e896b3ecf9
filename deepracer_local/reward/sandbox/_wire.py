"""What goes over the pipes between the service and the child that runs a reward function.

    requests  service to child   4 bytes of length, then marshal's encoding of plain values
    replies   child to service   8 bytes per state that was sent: a double, NaN where the function failed; nothing else
    reports   child to service   frames: kind (1 byte), row (2), size (4), then that many bytes

The child is not trusted, so nothing of what it sends is decoded by more than ``struct`` and UTF-8. Requests go to it
from a trusted side and may use ``marshal``, which keeps every type and every bit and needs 2 microseconds for a state.

This file is loaded in the child too: nothing but the standard library.
"""

from __future__ import annotations

import struct
from enum import IntEnum

LENGTH = struct.Struct("<I")
"""In front of every request."""
FRAME = struct.Struct("<BHI")
"""In front of every report: kind, row, size of the body."""
FAILURE = struct.Struct("<BI")
"""In front of a failure's sentence: index into ``FAULTS``, line (0 for none)."""
WALL = struct.Struct("<I")
"""In front of the sentences about missing layers: one bit per entry of ``LAYERS``."""

NO_ROW = 0xFFFF
MAX_ROWS = 1_024
"""States of one round trip."""
MAX_TEXT_BYTES = 65_536
"""Of one frame's body; longer prints come in pieces."""
MAX_SENTENCE_BYTES = 8_192
"""Of a failure or a notice."""
FLUSH_S = 0.02
"""Answers that wait longer are sent before the batch is complete, which tells that the child is alive."""

REQUEST_FD, REPLY_FD, REPORT_FD, LIFELINE_FD = 3, 4, 5, 6
"""In the child, once it has moved its standard streams away."""


class Report(IntEnum):
    """The kinds of frames."""

    WARM = 0
    """Its modules are imported; it waits for a text."""
    WALL = 1
    """The wall stands; the body says of which layers. Before the user's text is compiled."""
    READY = 2
    """The function of the car in ``row`` can be called."""
    FAILURE = 3
    """The call of that row failed, or, with ``NO_ROW``, the function cannot be used."""
    NOTICE = 4
    """A sentence for the user that is no error."""
    PRINT = 5
    """What the function printed in that row's call, or, with ``NO_ROW``, on import."""


FAULTS = ("syntax", "import", "exception", "timeout", "memory")
"""What a child may say of itself; the values of ``errors.RewardFault``."""

LAYERS = ("limits", "lifeline", "no_new_privs", "not_dumpable", "single_thread", "landlock", "seccomp")
"""What the wall is made of, in the order in which it is put up."""
