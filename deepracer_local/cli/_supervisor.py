"""What ``serve`` does while its processes work: tells where they are, and starts again the one that dies."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from deepracer_local.cli._child import Child
from deepracer_local.cli._data_dir import DataDirLock, allowed_hosts, read_token
from deepracer_local.cli._output import messages
from deepracer_local.cli._wall import require_wall, warn_without_wall
from deepracer_local.errors import WorldError
from deepracer_local.settings import Settings, inherited_environment

START_TIMEOUT_S = 20.0
RESTART_PAUSE_S = 0.5
REQUEST_TIMEOUT_S = 2.0


def supervise(api: Child, *, host: str | None, port: int | None, slots: int | None, s3: bool) -> None:
    """Has the API listen, starts a runner, prints how to get in, and keeps both alive until a signal comes.

    Args:
        api: a process that waits to be told where to listen.
        host: None for what the settings say.
        port: None for what the settings say; 0 takes a free one.
        slots: of the runner; None for what the settings say.
        s3: keep artifacts in an S3 server that runs as long as this.

    Raises:
        InvalidInputError: an address for which there are no accounts, or another service works in the data directory.
        SandboxError: the settings demand a wall and there is none.
        WorldError: the API does not start.
    """
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    allowed_hosts(host)
    require_wall(settings.sandbox_options)
    port = port or free_port()
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(_s3_server(settings)) if s3 else {}
        lock = DataDirLock(settings, "service", url=f"http://{host}:{port}")
        stack.callback(lock.release)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        api.tell({"host": host, "port": port, "environment": environment})
        runner = Child(
            ["runner", "--until-input-ends", *(["--slots", str(slots)] if slots else [])],
            inherited_environment() | environment,
        )
        try:
            _print_link(settings, f"http://{host}:{port}", api)
            _warn(settings, f"http://{host}:{port}")
            while not stop.wait(RESTART_PAUSE_S):
                for child in (api, runner):
                    child.revive()
        finally:
            for child in (runner, api):
                child.stop()
            for child in (runner, api):
                child.wait()


def wait_until_ready(settings: Settings, url: str, child: Child) -> str:
    """Waits until the API answers at ``url``; returns a path that signs a browser in, once.

    Raises:
        WorldError: the child has ended, or nothing answers in time.
    """
    started_at = time.monotonic()
    address = urlsplit(url)
    while True:
        child.require_alive()
        try:
            return _new_link(settings, address.hostname or "", address.port or 0)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as err:
            if time.monotonic() - started_at > START_TIMEOUT_S:
                raise WorldError(f"Expected the API to answer at {url} within {START_TIMEOUT_S:.0f} s: {err}") from err
            time.sleep(0.02)


def free_port() -> int:
    """Returns a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _new_link(settings: Settings, host: str, port: int) -> str:
    """Asks for a link with what Python has: the client takes 0.2 s to load, while the API needs the processor."""
    connection = http.client.HTTPConnection(host, port, timeout=REQUEST_TIMEOUT_S)
    with contextlib.closing(connection):
        connection.connect()
        token = settings.token_path.read_text(encoding="utf-8").strip()
        connection.request("POST", "/api/v1/links", headers={"Authorization": f"Bearer {token}"})
        return str(json.load(connection.getresponse())["path"])


def _print_link(settings: Settings, url: str, api: Child) -> None:
    """Waits until the API answers, then prints where it is and how to get in."""
    started_at = time.monotonic()
    path = wait_until_ready(settings, url, api)
    out = messages()
    out.print(f"ready at {url} after {time.monotonic() - started_at:.1f} s", markup=False)
    out.print(f"open once, within a minute: {url}{path}", markup=False)
    out.print(f"data: {settings.data_dir}; Ctrl-C stops the service, running jobs go back to the queue", markup=False)


def _warn(settings: Settings, url: str) -> None:
    from deepracer_local.client import Client, ServiceError  # noqa: PLC0415  # not before the link is printed

    with contextlib.suppress(ServiceError), Client(url, read_token(settings)) as client:
        warn_without_wall(client)


@contextlib.contextmanager
def _s3_server(settings: Settings) -> Iterator[dict[str, str]]:
    """Runs SeaweedFS on loopback; yields the settings by which API and runner find it."""
    from deepracer_local.artifacts import WeedServer  # noqa: PLC0415  # only with --s3

    with WeedServer(settings.data_dir / "s3") as server:
        messages().print(f"S3 server at {server.endpoint_url}, bucket {server.bucket}", markup=False)
        yield {
            "DEEPRACER_LOCAL_ARTIFACTS_URL": f"s3://{server.bucket}",
            "DEEPRACER_LOCAL_S3_ENDPOINT_URL": server.endpoint_url,
            "DEEPRACER_LOCAL_S3_ACCESS_KEY": server.access_key,
            "DEEPRACER_LOCAL_S3_SECRET_KEY": server.secret_key,
            "DEEPRACER_LOCAL_S3_ADDRESSING_STYLE": "path",
        }
