from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepracer_local.cli._reward import app
from deepracer_local.errors import RewardError, UnknownNameError
from deepracer_local.reward import list_examples, parse_reward

runner = CliRunner()
GOOD = "def reward_function(params):\n    print('hello from user code')\n    return params['progress']\n"
BROKEN = "def reward_function(params):\n    return params['tarck_width']\n"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(GOOD, encoding="utf-8")
    return file


def test_a_sound_file_is_summed_up_with_exit_code_0(written: Path) -> None:
    result = runner.invoke(app, ["check", str(written)])

    assert result.exit_code == 0
    assert "312 calls on reinvent_2018" in result.stdout
    assert "can be used" in result.stdout


def test_json_is_one_object_and_what_the_user_prints_goes_elsewhere(written: Path) -> None:
    result = runner.invoke(app, ["check", str(written), "--json", "--track", "oval"])

    report = json.loads(result.stdout)
    assert (report["usable"], report["findings"], report["calls"], report["track"]) == (True, [], 312, "oval")
    assert (report["min_reward"], report["max_reward"]) == (-0.2, 100.0)
    assert "hello from user code" in result.stderr


def test_a_broken_file_ends_with_exit_code_2_and_its_line(written: Path) -> None:
    written.write_text(BROKEN, encoding="utf-8")

    result = runner.invoke(app, ["check", str(written), "--json"])

    report = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [(finding["kind"], finding["line"]) for finding in report["findings"]] == [("TEST_FAILURE", 2)]
    assert report["findings"][0]["params"]["steps"] == 2.0
    assert report["min_reward"] is None


def test_a_broken_file_is_explained_to_a_person(written: Path) -> None:
    written.write_text(BROKEN, encoding="utf-8")

    result = runner.invoke(app, ["check", str(written)])

    assert "Did you mean 'track_width'?" in result.stdout
    assert "line 2" in result.stdout
    assert "cannot be used" in result.stdout


def test_a_finding_shows_the_line_with_a_caret_and_the_state(written: Path) -> None:
    written.write_text("def reward_function(params):\n\treturn params['tarck_width']\n", encoding="utf-8")

    lines = runner.invoke(app, ["check", str(written)]).stdout.splitlines()

    assert lines[0] == f"{written}, line 2, column 16: TEST_FAILURE (unknown-key)"
    code = next(i for i, line in enumerate(lines) if line.startswith("  2 |"))
    assert lines[code] == "  2 |     return params['tarck_width']"
    assert lines[code + 1].index("^") == lines[code].index("'tarck_width'")
    assert lines[code + 2].startswith("  at the start: all_wheels_on_track=True, x=")


def test_nothing_that_the_users_code_says_steers_the_terminal(written: Path) -> None:
    written.write_text(
        "def reward_function(params):\n    raise ValueError('\x1b[2J\u202e')  # \x1b[31m\n", encoding="utf-8"
    )

    result = runner.invoke(app, ["check", str(written)])

    assert "\\x1b[2J\\u202e" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


def test_a_talkative_function_does_not_flood_the_terminal(written: Path) -> None:
    written.write_text(
        "def reward_function(params):\n    print('word ' * 40)\n    return params['x']\n", encoding="utf-8"
    )

    result = runner.invoke(app, ["check", str(written)])

    assert 2_000 < len(result.stderr) < 2_200
    assert "it printed more than 2000 characters" in result.stderr


def test_a_syntax_error_is_a_finding_with_exit_code_2(written: Path) -> None:
    written.write_text("def reward_function(params)\n", encoding="utf-8")

    result = runner.invoke(app, ["check", str(written), "--json"])

    assert result.exit_code == 2
    assert json.loads(result.stdout)["findings"][0]["kind"] == "SYNTAX_ERROR"


def test_a_missing_file_and_an_unknown_track_raise_our_errors(written: Path, tmp_path: Path) -> None:
    absent = runner.invoke(app, ["check", str(tmp_path / "absent.py")])
    unknown = runner.invoke(app, ["check", str(written), "--track", "reinvent_2081"])

    assert isinstance(absent.exception, RewardError)
    assert isinstance(unknown.exception, UnknownNameError)


def test_examples_are_listed_for_people_and_for_programs() -> None:
    names = [example.name for example in list_examples()]

    text = runner.invoke(app, ["examples"]).stdout
    rows = json.loads(runner.invoke(app, ["examples", "--json"]).stdout)["examples"]

    assert [line.split()[0] for line in text.splitlines()] == names
    assert [row["name"] for row in rows] == names
    assert all(Path(row["path"]).is_file() and row["title"] for row in rows)


def test_a_shown_example_is_a_reward_function_ready_to_use() -> None:
    result = runner.invoke(app, ["show", "center_line"])

    assert parse_reward(result.stdout).style == "params"


def test_showing_an_unknown_example_raises() -> None:
    assert isinstance(runner.invoke(app, ["show", "nothing"]).exception, UnknownNameError)
