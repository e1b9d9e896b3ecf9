"""The service's own log: one line for each thing that happened, on standard error."""

from __future__ import annotations

import json
import logging
from typing import Any

from deepracer_local.settings import Settings

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class LineFormatter(logging.Formatter):
    """Writes ``time level event key=value ...``, or the same as one JSON object.

    A value never breaks the line: what is not a plain word is quoted, line breaks and control characters escaped.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self.default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line; a traceback follows it, indented, or is the object's field ``traceback``."""
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        traceback = self.formatException(record.exc_info) if record.exc_info else ""
        head = {"time": self.formatTime(record), "level": record.levelname, "event": record.getMessage()}
        if self._as_json:
            given = {"traceback": traceback} if traceback else {}
            return json.dumps(head | {"logger": record.name} | fields | given, default=str)
        words = [head["time"], head["level"], _printable(head["event"])]
        line = " ".join(words + [f"{name}={_word(value)}" for name, value in fields.items()])
        return "\n".join([line, *(f"    {_printable(text)}" for text in traceback.splitlines())])


def start_logging(settings: Settings) -> None:
    """Sends what this process logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(as_json=settings.log_format == "json"))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    for talkative in ("alembic", "botocore", "uvicorn"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))


def _word(value: Any) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(" ='\"") else repr(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
