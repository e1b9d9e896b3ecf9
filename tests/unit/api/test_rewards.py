"""Trying reward functions, friendly and hostile ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepracer_local.api import Services
from deepracer_local.api._turns import Turns
from deepracer_local.cli._reward import app as commands
from tests.unit.api.service import REWARD, Caller, Connect, assert_error

URL = "/api/v1/reward-functions"
HEAD = "def reward_function(params):\n"


def check(client: Caller, text: str) -> dict[str, object]:
    answer = client.post(f"{URL}/check", json={"reward_function": text, "track": "oval"})
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_the_examples_are_listed_with_their_text(client: Caller) -> None:
    examples = client.get(f"{URL}/examples").json()["examples"]

    assert len(examples) >= 10
    assert all("def reward_function" in example["text"] for example in examples)


def test_a_good_function_is_tried(client: Caller) -> None:
    report = check(client, REWARD)

    assert report["usable"]
    assert (report["min_reward"], report["max_reward"]) == (1.0, 1.0)
    assert report["calls"]


def test_a_syntax_error_is_told_with_its_line(client: Caller) -> None:
    report = check(client, HEAD + "    return 1 +\n")

    assert not report["usable"]
    [finding] = report["findings"]  # type: ignore[misc]  # a list of one
    assert (finding["kind"], finding["line"]) == ("SYNTAX_ERROR", 2)
    assert "/tmp" not in finding["message"]


def test_a_loop_that_never_ends_is_ended_and_named(client: Caller) -> None:
    report = check(client, HEAD + "    while True: pass\n")

    assert not report["usable"]
    [finding] = report["findings"]  # type: ignore[misc]  # a list of one
    assert (finding["kind"], finding["rule"], finding["line"]) == ("TEST_FAILURE", "out-of-time", 2)
    assert finding["params"]["steps"] == 2.0


def test_a_mistake_comes_with_place_code_state_and_advice(client: Caller) -> None:
    report = check(client, HEAD + "    return params['trackwidth']\n")

    [finding] = report["findings"]  # type: ignore[misc]  # a list of one
    assert (finding["kind"], finding["rule"], finding["line"], finding["column"]) == (
        "TEST_FAILURE",
        "unknown-key",
        2,
        19,
    )
    assert finding["code"] == "    return params['trackwidth']"
    assert finding["place"] == "at the start"
    assert finding["message"].endswith("Did you mean 'track_width'?")


@pytest.mark.parametrize(
    "body",
    ["return params['trackwidth']", "return 1.0", "return (", "return params['x'] / (params['progress'] > 50)"],
    ids=["key", "flat", "syntax", "state"],
)
def test_the_command_finds_the_same(client: Caller, tmp_path: Path, body: str) -> None:
    file = tmp_path / "reward_function.py"
    file.write_text(HEAD + f"    {body}\n", encoding="utf-8")

    printed = CliRunner().invoke(commands, ["check", str(file), "--track", "oval", "--json"]).stdout

    report = check(client, file.read_text(encoding="utf-8"))
    assert json.loads(printed)["findings"] == report["findings"]
    assert report["findings"]


def test_what_the_code_prints_is_part_of_the_answer_as_plain_text(client: Caller) -> None:
    report = check(client, HEAD + "    if params['steps'] == 2: print('\\x1b[2Jhello')\n    return params['x']\n")

    assert report["usable"]
    assert report["printed"] == "\\x1b[2Jhello\n"


@pytest.mark.parametrize(
    "body",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os; os._exit(0)",
        "import os; os.write(1, b'{}' * 100); os._exit(0)",
        "import os\n    while True: os.write(1, b'x' * 10**6)",
    ],
    ids=["kill", "exit", "talk", "shout"],
)
def test_code_that_ends_its_process_ends_nothing_else(client: Caller, body: str) -> None:
    report = check(client, HEAD + f"    {body}\n    return 1.0\n")

    assert not report["usable"]
    assert client.get("/readyz").status_code == 200


def test_the_code_reaches_no_file_and_starts_nothing(client: Caller, tmp_path: Path) -> None:
    file = tmp_path / "held"
    body = f"    import os\n    for act in (lambda: os.mkfifo({str(file)!r}), os.fork):\n"
    body += "        try: act()\n        except PermissionError: continue\n        return 'escaped'\n"

    report = check(client, HEAD + body + "    return params['x']\n")

    assert report["usable"], report["findings"]
    assert not file.exists()


def test_many_at_once_wait_their_turn_and_too_many_are_refused(
    services: Services, connect: Connect, token: str
) -> None:
    turns = Turns(at_once=1, waiting=4)
    client = connect(token, services=replace(services, check_turns=turns))
    request = ("POST", f"{URL}/check", {"json": {"reward_function": REWARD}})

    answers = client.all_of([request] * 10 + [("GET", "/healthz", {})])

    statuses = [answer.status_code for answer in answers]
    assert statuses[-1] == 200
    assert set(statuses) == {200, 429}
    assert statuses.count(429) == 5
    assert_error(answers[statuses.index(429)], 429)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reward_function"),
        ({"reward_function": REWARD, "track": "nowhere"}, "track"),
        ({"reward_function": REWARD, "track": "../x.npy"}, "track"),
        ({"reward_function": "x" * 140_001}, "reward_function"),
        ({"reward_function": "\x00"}, "reward_function"),
    ],
)
def test_a_bad_request_is_named(client: Caller, body: dict[str, str], field: str) -> None:
    assert_error(client.post(f"{URL}/check", json=body), 422, field=field)
