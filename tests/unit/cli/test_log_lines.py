"""How printed lines are shown: nothing in them reaches the terminal but characters."""

from __future__ import annotations

import json

import pytest

from deepracer_local.cli._log_lines import print_log, printable

LINES = [{"number": 1, "text": "a\x1b[2Jb"}, {"number": 2, "text": "grüße\t🏁"}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, grüße 🏁\t!", "plain, grüße 🏁\t!"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("50 %\r100 %", "50 %\\r100 %"),
        ("\x9b31m \x7f", "\\x9b31m \\x7f"),
        ("a\u202eb\u2028c", "a\\u202eb\\u2028c"),
        ("", ""),
    ],
)
def test_characters_that_a_terminal_obeys_are_written_as_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_are_printed_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_log("j", iter(LINES), follow=True, as_json=False)

    assert capsys.readouterr().out == "a\\x1b[2Jb\ngrüße\t🏁\n"


def test_json_is_one_object_or_one_for_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_log("j", iter(LINES), follow=False, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"job_id": "j", "lines": LINES}

    print_log("j", iter(LINES), follow=True, as_json=True)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == LINES
