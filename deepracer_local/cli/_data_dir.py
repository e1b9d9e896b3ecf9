"""The data directory of a service on this machine: who works in it, and how its own client gets in.

Loads nothing large: the supervisor of ``serve`` stays small.
"""

from __future__ import annotations

import hashlib
import os
import socket
from datetime import UTC, datetime

from deepracer_local.errors import InvalidInputError, WorldError
from deepracer_local.settings import Settings

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def allowed_hosts(host: str) -> frozenset[str]:
    """Returns the names that the service may be called by when it listens on ``host``.

    Raises:
        InvalidInputError: others could reach it there, and there are no accounts to tell them apart.
    """
    if host not in LOOPBACK_HOSTS:
        raise InvalidInputError(
            f"--host: expected an address of this machine alone (127.0.0.1), got {host}: the service has no accounts, "
            "so everybody who reaches it would be you. To use it from elsewhere, forward the port: "
            "ssh -L 8321:127.0.0.1:8321 USER@THIS-MACHINE."
        )
    return LOOPBACK_HOSTS


def make_data_dir(settings: Settings) -> None:
    """Makes the data directory if it is missing, for its user alone."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def worker_name(settings: Settings) -> str:
    """Returns what the leases of this data directory's runner are called; the same after every start."""
    folder = hashlib.sha256(str(settings.data_dir.resolve()).encode()).hexdigest()[:8]
    return f"{socket.gethostname()}-{folder}"


class DataDirLock:
    """One service per data directory; the second one learns who the first is."""

    def __init__(self, settings: Settings, role: str, *, url: str = "") -> None:
        """Takes the lock of ``role`` until ``release`` or the end of the process.

        Args:
            settings: they name the directory.
            role: ``service``, ``api`` or ``runner``.
            url: where it will be reached, for whoever comes second.

        Raises:
            InvalidInputError: another process has it.
        """
        import fcntl  # noqa: PLC0415  # not on Windows, where the service is started by hand only

        make_data_dir(settings)
        self._path = settings.data_dir / f"{role}.lock"
        self._file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            self._file.close()
            holder = self._path.read_text(encoding="utf-8").strip()
            raise InvalidInputError(
                f"Expected {settings.data_dir} to be free, but {holder or 'another process'} works there as {role}. "
                "Stop it first, or set DEEPRACER_LOCAL_DATA_DIR to another folder."
            ) from err
        self._file.truncate(0)
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._file.write(f"process {os.getpid()} (since {since}{f', at {url}' if url else ''})")
        self._file.flush()

    def release(self) -> None:
        """Gives the lock back."""
        self._file.close()


def read_token(settings: Settings) -> str:
    """Returns the token of this machine's own client.

    Raises:
        WorldError: the service has never been started here.
    """
    try:
        return settings.token_path.read_text(encoding="utf-8").strip()
    except OSError as err:
        raise WorldError(f"Expected a token in {settings.token_path}: start the service once with serve.") from err
