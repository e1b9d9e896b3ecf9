"""How the findings of a check look in a terminal: place, sentence, the line with a caret, the state."""

from __future__ import annotations

import textwrap
from typing import Any

from deepracer_local.domain import RewardParams

_WIDTH = 100
_MAX_LINE_CHARS = 160
_MAX_PRINTED_CHARS = 2_000


def as_text(report: dict[str, Any]) -> str:
    """Returns a report, as ``--json`` gives it, for a person; nothing in it can steer the terminal."""
    blocks = [_finding(finding, report["file"]) for finding in report["findings"]]
    summary = []
    if report["calls"]:
        microseconds = report["microseconds_per_call"]
        speed = f", {microseconds:.0f} µs a call" if microseconds is not None else ""
        summary.append(
            f"{report['calls']} calls on {report['track']}: reward {report['min_reward']:.4g} to "
            f"{report['max_reward']:.4g}, mean {report['mean_reward']:.4g}{speed}"
        )
    summary.append(f"{report['file']}: {'can be used' if report['usable'] else 'cannot be used'}")
    return "\n\n".join([*blocks, "\n".join(summary)])


def laps_text(report: dict[str, Any]) -> str:
    """Returns what each lap of a preview is paid, as a table; the shares are of the first lap, per step and in all."""
    first = report["laps"][0]
    width = max(len(_plain(lap["title"])) for lap in report["laps"])
    lines = [f"{'':<{width}}  {'total':>10}  {'':>5}  {'a step':>10}  {'':>5}  {'steps':>5}"]
    for lap in report["laps"]:
        figures = [
            f"{_figure(lap[key]):>10}  {_share(lap[key], first[key]) if lap is not first else '':>5}"
            for key in ("total", "mean")
        ]
        end = "" if lap["complete"] else f"  ends at {lap['progress']:.0f} %"
        lines.append(f"{_plain(lap['title']):<{width}}  {'  '.join(figures)}  {lap['steps']:>5}{end}")
    low, high = report["low"], report["high"]
    if low is not None:
        lines.append(f"on laps and grid the reward goes from {low:.4g} to {high:.4g}")
    if report["cut"] is not None:
        lines.append(report["cut"])
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _share(value: float | None, of: float | None) -> str:
    return "" if value is None or of is None or of <= 0.0 else f"{100.0 * value / of:.0f} %"


def printed_text(report: dict[str, Any]) -> str:
    """Returns the beginning of what the function printed, for a person."""
    printed: str = report["printed"]
    shown = printed[:_MAX_PRINTED_CHARS]
    more = "" if shown == printed else f"\n... it printed more than {_MAX_PRINTED_CHARS} characters; see --json"
    return shown.rstrip("\n") + more


def _finding(finding: dict[str, Any], file: str) -> str:
    line, column, code = finding["line"], finding["column"], finding["code"]
    place = [file, *([f"line {line}"] if line else []), *([f"column {column}"] if column else [])]
    lines = [f"{', '.join(place)}: {finding['kind']} ({finding['rule']})", f"  {_plain(finding['message'])}"]
    if code is not None and line is not None:
        lines += _with_caret(code, line, column)
    if finding["params"] is not None:
        shown = f"{finding['place'] or 'in the state'}: {_state(finding['params'])}"
        lines += textwrap.wrap(shown, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def _with_caret(code: str, line: int, column: int | None) -> list[str]:
    """Returns the line of code and, below it, a caret under the column."""
    margin = " " * len(str(line))
    before, shown = code[: (column or 1) - 1].expandtabs(4), code.expandtabs(4)
    lines = [f"  {line} | {_plain(shown[:_MAX_LINE_CHARS])}"]
    if column is not None and len(before) < _MAX_LINE_CHARS:
        lines.append(f"  {margin} | {' ' * len(_plain(before))}^")
    return lines


def _state(params: RewardParams) -> str:
    """Returns the parameters rounded, without the long and the empty ones."""
    items = [f"{key}={_short(value)}" for key, value in params.items() if key != "waypoints" and value != []]
    return ", ".join(items)


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_short, value))}]"
    return str(value)


def _plain(text: str) -> str:
    """Returns text in which control characters are shown as escapes."""
    return "".join(it if it.isprintable() else it.encode("unicode_escape").decode() for it in text)
