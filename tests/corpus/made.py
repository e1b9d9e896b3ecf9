"""Reward functions that are too large or too odd to lie in a file: each is made when it is needed."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = "# {title}\n# check: {check}\n# train: {train}\n\n"
_SOUND = "def reward_function(params):\n    return 1.0 / (1.0 + params['distance_from_center'])\n"


def _made(title: str, check: str, train: str, rest: str) -> Callable[[], str]:
    return lambda: _HEAD.format(title=title, check=check, train=train) + rest


def _refused(title: str, line: str, word: str, rest: str) -> Callable[[], str]:
    return _made(title, f'SYNTAX_ERROR * {line} "{word}"', f'fails {line} "{word}"', rest)


MADE: dict[str, Callable[[], str]] = {
    "F01_nothing_but_comments": _refused("F1: no code at all", "-", "no function at all", ""),
    "F05a_nul_byte": _refused("F5: a NUL byte", "-", "NUL", _SOUND + "x = '\0'\n"),
    "F05b_lone_surrogate": _refused("F5: half a character", "-", "got", _SOUND + "x = '\ud800'\n"),
    "F06_carriage_returns_and_mark": lambda: (
        "\ufeff" + _made("F6: CRLF and a byte order mark", "clean", "runs", _SOUND)().replace("\n", "\r\n")
    ),
    "F07_two_megabytes": _refused("F7: 2 MB", "-", "140000 characters", _SOUND + "# filler\n" * 230_000),
    "F08a_nested_parentheses": _refused("F8: nested parentheses", "5", "too many nested", "x = " + "(" * 60_000 + "\n"),
    "F08b_nested_signs": _refused("F8: nested signs", "-", "deep nesting", "x = " + "-" * 100_000 + "1\n"),
    "F08c_long_chain": _refused("F8: a chain of attributes", "-", "deep nesting", "x = a" + ".b" * 60_000 + "\n"),
    "F09_one_long_line": _refused(
        "F9: one line of a megabyte", "-", "140000 characters", "x = '" + "a" * 1_000_000 + "'\n"
    ),
    "F11_large_literal": _made(
        "F11: a literal of 30,000 numbers", "clean", "runs", f"x = [{'1.5, ' * 25_000}]\n\n\n{_SOUND}"
    ),
}
