"""``deepracer-local serve``: the API and a runner, kept alive side by side."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlsplit

import typer

from deepracer_local.cli._data_dir import DataDirLock, allowed_hosts, read_token
from deepracer_local.cli._logging import start_logging
from deepracer_local.cli._output import messages
from deepracer_local.cli._wall import require_wall, warn_without_wall
from deepracer_local.errors import WorldError
from deepracer_local.settings import Settings, inherited_environment

START_TIMEOUT_S = 20.0
RESTART_PAUSE_S = 0.5
STOP_TIMEOUT_S = 20.0

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8321; 0 takes a free one.")] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, max=256, help="Jobs side by side; by default one per core.")
    ] = None,
    s3: Annotated[
        bool, typer.Option("--s3", help="Keep artifacts in an S3 server started beside the service.")
    ] = False,
    api_only: Annotated[
        bool, typer.Option("--api-only", help="Start no runner; `deepracer-local runner` is one.")
    ] = False,
) -> None:
    """Start the service on this machine: the API, and a runner that works on the queue.

    Both run in processes of their own. Prints a link that opens the page signed in, once, within a minute.
    """
    settings = Settings()
    address = (host or settings.host, settings.port if port is None else port)
    if api_only:
        _serve_api(settings, *address)
        return
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(_s3_server(settings)) if s3 else {}
        _supervise(settings, address[0], address[1] or free_port(), slots, environment)


def _serve_api(settings: Settings, host: str, port: int) -> None:
    """Runs the API in this process."""
    gc.disable()  # what is loaded stays: to look for garbage in it takes a quarter of a second here, and again later
    import uvicorn  # noqa: PLC0415  # the supervisor stays small

    from deepracer_local.api import create_guarded_app  # noqa: PLC0415
    from deepracer_local.cli._composition import open_services  # noqa: PLC0415

    hosts = allowed_hosts(host)
    lock = DataDirLock(settings, "api", url=f"http://{host}:{port}")
    services = open_services(settings)
    start_logging(settings)
    app = create_guarded_app(services, hosts=hosts)
    gc.freeze()
    gc.enable()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # To press each message for each watcher anew would take more than sending it.
        ws_per_message_deflate=False,
        ws="websockets-sansio",
        server_header=False,
        # Nobody stands in front whose word on the caller's address could be taken.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
    )
    services.close()
    lock.release()


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


def _supervise(settings: Settings, host: str, port: int, slots: int | None, environment: Mapping[str, str]) -> None:
    allowed_hosts(host)
    require_wall(settings.sandbox_options)
    lock = DataDirLock(settings, "service", url=f"http://{host}:{port}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    api = Child(["serve", "--api-only", "--host", host, "--port", str(port)], environment)
    from deepracer_local.client import Client, ServiceError  # noqa: PLC0415  # while the API loads its own

    runner = Child(["runner", "--until-input-ends", *(["--slots", str(slots)] if slots else [])], environment)
    try:
        _print_link(settings, f"http://{host}:{port}", api)
        with contextlib.suppress(ServiceError), Client(f"http://{host}:{port}", read_token(settings)) as client:
            warn_without_wall(client)
        while not stop.wait(RESTART_PAUSE_S):
            for child in (api, runner):
                child.revive()
    finally:
        for child in (runner, api):
            child.stop()
        for child in (runner, api):
            child.wait()
        lock.release()


class Child:
    """A part of the service in a process of its own, started again when it dies."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str] | None = None) -> None:
        self._environment = inherited_environment() | dict(environment or {})
        self._command = [sys.executable, "-m", "deepracer_local", *arguments]
        self._process = self._start()

    def revive(self) -> None:
        """Starts the process again if it has died."""
        if self._process.poll() is not None:
            messages().print(
                f"{self._command[3]} ended with {self._process.returncode}; starting it again", markup=False
            )
            self._process = self._start()

    def require_alive(self) -> None:
        """Raises WorldError if the process has died."""
        if self._process.poll() is not None:
            raise WorldError(f"Expected {self._command[3]} to start, but it ended with {self._process.returncode}.")

    def stop(self) -> None:
        """Asks the process to stop."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self) -> None:
        """Waits for its end, and makes it after a while."""
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C reaches the supervisor alone, which stops both in order.
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True, env=self._environment)


def wait_until_ready(settings: Settings, url: str, child: Child) -> str:
    """Waits until the API answers at ``url``; returns a path that signs a browser in, once.

    Raises:
        WorldError: the child has ended, or nothing answers in time.
    """
    from deepracer_local.client import Client, ServiceError  # noqa: PLC0415  # the child loads its own meanwhile

    started_at = time.monotonic()
    address = urlsplit(url)
    while True:
        child.require_alive()
        try:
            # A client of ours takes as long to make as this waits; the API needs the processor now.
            socket.create_connection((address.hostname or "", address.port or 0), timeout=2.0).close()
            token = settings.token_path.read_text(encoding="utf-8").strip()
            with Client(url, token, timeout_s=2.0) as client:
                return str(client.request("POST", "/links")["path"])
        except (OSError, ServiceError) as err:
            if time.monotonic() - started_at > START_TIMEOUT_S:
                raise WorldError(f"Expected the API to answer at {url} within {START_TIMEOUT_S:.0f} s: {err}") from err
            time.sleep(0.02)


def _print_link(settings: Settings, url: str, api: Child) -> None:
    """Waits until the API answers, then prints where it is and how to get in."""
    started_at = time.monotonic()
    path = wait_until_ready(settings, url, api)
    out = messages()
    out.print(f"ready at {url} after {time.monotonic() - started_at:.1f} s", markup=False)
    out.print(f"open once, within a minute: {url}{path}", markup=False)
    out.print(f"data: {settings.data_dir}; Ctrl-C stops the service, running jobs go back to the queue", markup=False)


def free_port() -> int:
    """Returns a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
