"""The service's log: every line stands for one event, with its fields, whatever they hold."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepracer_local.cli._logging import LineFormatter


def record(event: str = "job.claimed", **fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("deepracer_local.workers", logging.INFO, "file.py", 1, event, (), None)
    vars(made).update(fields)
    return made


def test_a_line_names_the_event_and_its_fields() -> None:
    line = LineFormatter(as_json=False).format(record(job_id="abc", attempt=2, error="no such file"))

    assert line.split(" ", 2)[2] == "INFO job.claimed job_id=abc attempt=2 error='no such file'"


def test_json_says_the_same() -> None:
    found = json.loads(LineFormatter(as_json=True).format(record(job_id="abc", attempt=2)))

    assert (found["event"], found["level"], found["job_id"], found["attempt"]) == ("job.claimed", "INFO", "abc", 2)
    assert found["logger"] == "deepracer_local.workers"


@pytest.mark.parametrize("as_json", [False, True])
@given(event=st.text(), value=st.text())
def test_nothing_breaks_a_line_or_reaches_the_terminal_as_a_command(as_json: bool, event: str, value: str) -> None:
    line = LineFormatter(as_json=as_json).format(record(event, text=value))

    assert len(line.splitlines()) == 1
    assert as_json or line.isprintable()


def test_a_traceback_is_a_field_of_json_and_indented_below_a_line() -> None:
    made = record("request.failed")
    try:
        raise ValueError("broken\n2026-01-01 INFO nothing.happened")
    except ValueError:
        made.exc_info = sys.exc_info()

    assert "ValueError: broken" in json.loads(LineFormatter(as_json=True).format(made))["traceback"]
    first, *rest = LineFormatter(as_json=False).format(made).splitlines()
    assert first.endswith("INFO request.failed")
    assert "    ValueError: broken" in rest
    assert all(line.startswith("    ") for line in rest)
