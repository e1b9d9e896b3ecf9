"""Trying reward functions, friendly and hostile ones."""

from __future__ import annotations

import os
import select
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deepracer_local.api import Services
from deepracer_local.api._turns import Turns
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


def test_a_loop_that_never_ends_is_ended(services: Services, connect: Connect, token: str) -> None:
    client = connect(token, services=replace(services, check_timeout_s=4.0))
    started_at = time.monotonic()

    report = check(client, HEAD + "    while True: pass\n")

    assert time.monotonic() - started_at < 8.0
    assert not report["usable"]
    assert "4 s" in str(report["findings"])


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


def test_what_the_code_starts_ends_with_it(services: Services, client: Caller, tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    text = (
        f"import os\n{HEAD}    if not os.path.exists({str(fifo)!r}):\n        os.mkfifo({str(fifo)!r})\n"
        f"        if os.fork() == 0:\n            os.open({str(fifo)!r}, os.O_WRONLY)\n"
        "            while True: pass\n    return 1.0\n"
    )

    report = check(client, text)

    assert report["usable"]
    # The child would have been waiting at the other end; nobody holds it open for writing now.
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    waiting = select.poll()
    waiting.register(end)
    waiting.poll(5_000)
    assert os.read(end, 1) == b""
    os.close(end)


def test_many_at_once_wait_their_turn_and_too_many_are_refused(
    services: Services, connect: Connect, token: str
) -> None:
    turns = Turns(at_once=1, waiting=4)
    client = connect(token, services=replace(services, check_timeout_s=0.2, check_turns=turns))
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
