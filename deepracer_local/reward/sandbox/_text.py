"""Text that somebody else's code wrote, made harmless to terminals and pages that show it as text."""

from __future__ import annotations

import unicodedata


def plain_text(content: bytes) -> str:
    """Returns ``content`` read as UTF-8, with control characters shown as escapes; tab and line feed stay.

    Terminal escapes, carriage returns, NUL and the marks that turn the direction of writing could make a log show
    what was never written.
    """
    text = content.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if _is_plain(char) else char.encode("unicode_escape").decode() for char in text)


def _is_plain(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
