"""A real S3 server for tests, started once per process, and ways to stand between it and a store."""

from __future__ import annotations

import atexit
import copy
import functools
import itertools
import os
import shutil
import signal
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from deepracer_local.artifacts import S3Store, WeedServer

_numbers = itertools.count(1)


@functools.cache
def shared_server() -> WeedServer:
    """Returns the server of this test process; it ends with the process."""
    folder = tempfile.mkdtemp(prefix="weed-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = WeedServer(Path(folder), bucket="tests")
    server.start()
    return server


def fresh_store() -> S3Store:
    """Returns an empty store on the shared server."""
    # A copy with a prefix of its own shares the client, which takes longer to make than most tests.
    store = copy.copy(_shared_store())
    store._start = f"below/{next(_numbers)}/"
    return store


@functools.cache
def _shared_store() -> S3Store:
    return shared_server().store(prefix="below/0")


def kill(server: WeedServer) -> None:
    """Kills a server without warning, and returns when it is dead."""
    assert server.pid is not None
    assert server._process is not None
    os.kill(server.pid, signal.SIGKILL)
    server._process.wait(10)


class DeafServer:
    """Accepts connections and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()


class LossyProxy:
    """Stands before a server and cuts answers off: the request is done, and the client does not hear of it.

    Attributes:
        cut_after: method → how many bytes of each further answer get through; others get through whole.
        n_cut: how many answers were cut.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.endpoint_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cut_after: dict[bytes, list[int]] = {}
        self.n_cut = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [client, server]
                budget: list[int | None] = [None]
                threading.Thread(target=self._upwards, args=(client, server, budget), daemon=True).start()
                threading.Thread(target=self._downwards, args=(client, server, budget), daemon=True).start()

    def _upwards(self, client: socket.socket, server: socket.socket, budget: list[int | None]) -> None:
        with suppress(OSError):
            while content := client.recv(65536):
                cuts = self.cut_after.get(content.split(b" ", 1)[0])
                if cuts:
                    budget[0] = cuts.pop(0)
                server.sendall(content)

    def _downwards(self, client: socket.socket, server: socket.socket, budget: list[int | None]) -> None:
        with suppress(OSError):
            while content := server.recv(65536):
                left = budget[0]
                # "HTTP/1.1 100 Continue" only invites the client to send what it wants to store.
                if left is None or content.startswith(b"HTTP/1.1 100"):
                    client.sendall(content)
                    continue
                client.sendall(content[:left])
                budget[0] = max(0, left - len(content))
                if len(content) >= left:
                    self.n_cut += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
