"""What a reward function prints, followed live from the command line while the API dies and comes back."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from deepracer_local.client import Client
from tests.integration.commands import COMMAND
from tests.integration.service import Service, running_service, wait_for_job, wait_until

TALKATIVE = """\
print("loaded")
def reward_function(params):
    print("step", params["steps"], "\\x1b[31mred\\x1b[0m")
    return 1.0
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running_service(tmp_path / "data", "--slots", "1") as started:
        yield started


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with service.client() as connected:
        yield connected


class Command:
    """``deepracer-local models logs`` in a process of its own, read as it prints."""

    def __init__(self, service: Service, *arguments: str) -> None:
        environment = {"DEEPRACER_LOCAL_DATA_DIR": str(service.data_dir), "DEEPRACER_LOCAL_PORT": str(service.port)}
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*COMMAND, "models", "logs", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | environment,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def finish(self) -> list[str]:
        """Waits for its end and returns what it printed."""
        assert self.process.wait(120) == 0
        self._thread.join(10)
        return self.lines


def test_a_log_is_followed_while_it_grows_and_through_a_restart(
    service: Service, client: Client, tmp_path: Path
) -> None:
    reward = tmp_path / "reward.py"
    reward.write_text(TALKATIVE)
    model = client.train(reward, name="talker", track="oval", cars=4, seed=5, max_steps=3_000)
    with Command(service, "talker", "--follow", "--json") as followed:
        wait_until(lambda: len(followed.lines) > 50, "the first lines")
        assert client.request("GET", f"/jobs/{model.job['id']}")["finished_at"] is None
        os.kill(service.child("serve"), signal.SIGKILL)
        service.wait_for_line(r"serve ended with -9; starting it again")
        wait_for_job(client, model.job["id"], lambda job: job["finished_at"] is not None, "the end of the training")
        lines: list[dict[str, Any]] = [json.loads(line) for line in followed.finish()]
    with Command(service, "talker") as printed:
        plain = printed.finish()

    numbers = [line["number"] for line in lines]
    assert numbers == sorted(set(numbers))
    gaps = {line["number"] for line in lines if "not kept" in line["text"]}
    assert all(b == a + 1 or b in gaps for a, b in itertools.pairwise(numbers)), "a gap is said"
    assert any(line["text"].startswith("step ") and line["text"].endswith("\\x1b[31mred\\x1b[0m") for line in lines)
    assert "loaded" in plain
    assert not any("\x1b" in line for line in plain)
    assert any(line.endswith("\\x1b[31mred\\x1b[0m") for line in plain)
    assert list(model.logs())[-1] == lines[-1]["text"]
