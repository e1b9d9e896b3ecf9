"""The real service: its processes started, waited for and stopped; and the API alone in a thread."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from deepracer_local.api import Services, create_guarded_app
from deepracer_local.client import Client, ServiceError
from tests.integration.commands import COMMAND

PATIENCE_S = 60.0
JOB_PATIENCE_S = 480.0
"""For all that a job does, on a machine that has ten times as much to do as it can."""
POLL_S = 0.02

T = TypeVar("T")


class Service:
    """``deepracer-local serve`` in a process of its own, with a data directory of its own."""

    def __init__(self, data_dir: Path, *arguments: str, port: int | None = None, **environment: str) -> None:
        """Starts it on ``port``, or on a free one, with these variables."""
        self.data_dir = data_dir
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._lines: list[str] = []
        self._more = threading.Condition()
        self._process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(self.port), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"DEEPRACER_LOCAL_DATA_DIR": str(data_dir)} | environment,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def token(self) -> str:
        """The token of this machine's own client."""
        return (self.data_dir / "token").read_text().strip()

    def client(self) -> Client:
        """Returns a new client."""
        return Client(self.url, self.token)

    def wait_for_line(self, pattern: str, *, timeout_s: float = PATIENCE_S) -> str:
        """Returns the first line of the messages that ``pattern`` is found in; waits for it."""
        deadline = time.monotonic() + timeout_s
        with self._more:
            while True:
                for line in self._lines:
                    if re.search(pattern, line):
                        return line
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no line with {pattern!r} in:\n{self.output}"
                assert self._reader.is_alive(), f"it ended without a line with {pattern!r}:\n{self.output}"
                self._more.wait(min(left_s, 1.0))

    @property
    def output(self) -> str:
        """All messages so far."""
        return "".join(self._lines)

    def child(self, word: str) -> int:
        """Returns the process id of a part: of the ``serve``, which is the API, or of the ``runner``."""
        return wait_until(lambda: next(iter(children(self._process.pid, word)), None), f"a child {word}")

    def kill(self) -> None:
        """Ends its process at once, as a crash would; what it has started is left to itself."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def stop(self) -> int:
        """Stops it as Ctrl-C would; returns its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        self._reader.join(PATIENCE_S)
        assert self._process.stderr is not None
        self._process.stderr.close()
        return code

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._more:
                self._lines.append(line)
                self._more.notify_all()
        with self._more:
            self._more.notify_all()


@contextmanager
def running_service(data_dir: Path, *arguments: str, port: int | None = None, **environment: str) -> Iterator[Service]:
    """Runs the service, with these variables, until the end of the block; it is ready inside."""
    service = Service(data_dir, *arguments, port=port, **environment)
    try:
        if "--api-only" in arguments:
            wait_until(lambda: is_ready(service), "the API to answer")
        else:
            service.wait_for_line("^ready at ")
        yield service
    finally:
        service.stop()
        print(service.output)  # shown where the test fails


@contextmanager
def api_in_thread(services: Services, around: Callable[[Any], Any] = lambda app: app) -> Iterator[str]:
    """Serves the guarded API, and what is put around it, over real sockets from a thread; yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            around(create_guarded_app(services)),
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started, "the server to start")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


def is_ready(service: Service) -> bool:
    """Tells whether the API answers its own client."""
    try:
        with service.client() as client:
            client.request("GET", "/jobs")
    except (ServiceError, OSError):
        return False
    return True


def wait_until(look: Callable[[], T], what: str, *, timeout_s: float = PATIENCE_S, state: Callable[[], str] = str) -> T:
    """Asks until the answer is true and returns it; fails with ``state`` when that takes too long."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}; now {state()}"
        time.sleep(POLL_S)
    return found


def wait_for_job(client: Client, job_id: str, is_so: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    """Asks for a job until it is so and returns it; fails when it ends otherwise."""
    job: dict[str, Any] = {}

    def look() -> bool:
        try:
            job.update(client.request("GET", f"/jobs/{job_id}"))
        except ServiceError as err:
            if err.status != 0:  # the API may be down for a moment, and answers nothing wrong
                raise
            return False
        assert is_so(job) or job["finished_at"] is None, f"it ended before {what}: {job}"
        return is_so(job)

    wait_until(look, what, timeout_s=JOB_PATIENCE_S, state=lambda: str(job))
    return job


def children(pid: int, word: str) -> list[int]:
    """Returns the children of a process that have ``word`` in their command line."""
    found = []
    for line in " ".join(file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")).split():
        try:
            arguments = Path(f"/proc/{line}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if word.encode() in arguments:
            found.append(int(line))
    return found


def free_port() -> int:
    """Returns a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
