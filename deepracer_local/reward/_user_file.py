"""From an error in the user's file to the finding that points into it."""

from __future__ import annotations

import re

from deepracer_local.domain import SampledState
from deepracer_local.errors import RewardError, RewardFault
from deepracer_local.reward._findings import Finding, FindingKind
from deepracer_local.reward._mistakes import endless_loop_line
from deepracer_local.reward._source import source_lines

_MAX_CODE_CHARS = 200
_RULES = {
    RewardFault.SYNTAX: "syntax",
    RewardFault.IMPORT: "import",
    RewardFault.EXCEPTION: "fails",
    RewardFault.TIMEOUT: "out-of-time",
    RewardFault.MEMORY: "out-of-memory",
    RewardFault.OUTPUT: "prints-too-much",
    RewardFault.PROTOCOL: "breaks-out",
    RewardFault.DEATH: "ends-process",
}


class UserFile:
    """The text that findings point into."""

    def __init__(self, text: str, filename: str) -> None:
        self._text = text
        self._lines = source_lines(text)
        self._filename = filename

    def unreadable(self, err: RewardError) -> Finding:
        """Returns the finding about a text that is no reward function."""
        cause = err.__cause__
        column = cause.offset if isinstance(cause, SyntaxError) else None
        is_shape = cause is None or (isinstance(cause, ValueError) and err.line is not None)
        rule = "signature" if is_shape else "syntax"
        line = self._known(err.line)
        code = self._code(line)
        return Finding(FindingKind.SYNTAX_ERROR, self._sentence(err), rule, line, column or _indent(code), code)

    def failure(self, err: RewardError, kind: FindingKind, state: SampledState | None = None) -> Finding:
        """Returns the finding about an import or a call that failed."""
        line = self._known(err.line)
        if line is None and err.fault is RewardFault.TIMEOUT:
            line = self._known(endless_loop_line(self._text))
        code = self._code(line)
        sentence = self._sentence(err)
        if state is None:
            return Finding(
                kind,
                sentence,
                "import" if err.fault is RewardFault.EXCEPTION else _RULES[err.fault],
                line,
                _indent(code),
                code,
            )
        if "IndexError" in sentence and "object" in (code or "") and not state.params["objects_location"]:
            sentence += " A time trial has no objects: their lists are empty. Ask `if objects_location:` first."
        if kind is FindingKind.WARNING:
            sentence += " A training meets such a state rarely, and would end with it."
        key = re.search(r"There is no parameter ('.*?')", sentence)
        column = _column_of(key[1] if key else None, code)
        rule = "unknown-key" if key else _RULES[err.fault]
        return Finding(kind, sentence, rule, line, column, code, state.place, state.params)

    def _sentence(self, err: RewardError) -> str:
        """Returns an error's message without the place in front and the line of code behind."""
        place = f"{self._filename}, line {err.line}: " if err.line else f"{self._filename}: "
        message = str(err).removeprefix(place)
        code = self._code(self._known(err.line))
        if code and code.strip():
            message = message.partition(f"\n    {code.strip()}")[0]
        return message[:1].upper() + message[1:]

    def _known(self, line: int | None) -> int | None:
        return line if line is not None and 1 <= line <= max(1, len(self._lines)) else None

    def _code(self, line: int | None) -> str | None:
        return self._lines[line - 1][:_MAX_CODE_CHARS] if line and line <= len(self._lines) else None


def _indent(code: str | None) -> int | None:
    return len(code) - len(code.lstrip()) + 1 if code and code.strip() else None


def _column_of(key: str | None, code: str | None) -> int | None:
    if key and code:
        for quoted in (key, key.replace("'", '"')):
            if quoted in code:
                return code.index(quoted) + 1
    return _indent(code)
