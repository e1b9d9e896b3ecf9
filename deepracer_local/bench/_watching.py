"""What it costs a training to be watched, and how much of it goes over the wire."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.sync.client import connect

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.client import Client, ModelHandle
from deepracer_local.errors import WorldError

N_WATCHERS = 50
_PAIRS = 5
_STEPS = 8_000
_LISTENED_S = 5.0


def measure_watching(client: Client, port: int, token: str) -> list[Measurement]:
    """Measures an idle service; it is idle again afterwards.

    Args:
        client: of the service.
        port: where it listens on loopback.
        token: of the client.
    """
    alone, watched = [], []
    for i in range(_PAIRS):
        alone.append(_speed(client, client.train(name=f"alone-{i}", track="oval", max_steps=_STEPS, seed=7)))
        model = client.train(name=f"watched-{i}", track="oval", max_steps=_STEPS, seed=7)
        with _watchers(port, token, model.job["id"]):
            watched.append(_speed(client, model))
    cost = [100.0 * (1.0 - seen / unseen) for unseen, seen in zip(alone, watched, strict=True)]
    return [
        median_of("training that nobody watches", alone, "steps/s"),
        median_of(f"the same with {N_WATCHERS} watchers", watched, "steps/s"),
        median_of("what the watchers cost it", cost, "%", goal="under 5"),
        _telemetry(client, port, token),
    ]


def _speed(client: Client, model: ModelHandle) -> float:
    model.wait()
    row = client.request("GET", f"/models/{model.id}/metrics")["rows"][-1]
    return float(row["total_steps"] / row["training_seconds"])


def _telemetry(client: Client, port: int, token: str) -> Measurement:
    """Returns the bytes a second for each car of the messages that say where the cars are."""
    model = client.train(name="telemetry", track="oval", max_minutes=10)
    sizes: list[int] = []
    n_cars = 1
    began_at = 0.0
    path = f"ws://127.0.0.1:{port}/api/v1/jobs/{model.job['id']}/ws"
    with connect(path, additional_headers={"Authorization": f"Bearer {token}"}) as messages:
        for text in messages:
            message = json.loads(text)
            if message["event"] != "telemetry" or message["data"]["phase"] != "training":
                continue
            began_at = began_at or time.perf_counter()
            sizes.append(len(text))
            n_cars = len(message["data"]["cars"])
            if time.perf_counter() - began_at > _LISTENED_S:
                break
    model.stop()
    rate = sum(sizes) / (time.perf_counter() - began_at) / n_cars / 1e3
    note = f"{n_cars} cars, {statistics.mean(sizes):.0f} bytes a message"
    return Measurement("telemetry for each car", rate, "kB/s", (rate,), "under 5", note)


@contextmanager
def _watchers(port: int, token: str, job_id: str) -> Iterator[None]:
    """Has as many connections as two classes read everything that a job tells, and do nothing with it."""
    stop = threading.Event()
    request = (
        f"GET /api/v1/jobs/{job_id}/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with contextlib.ExitStack() as open_ones, selectors.DefaultSelector() as selector:
        for _ in range(N_WATCHERS):
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            connection.sendall(request.encode())
            if not connection.recv(65_536).startswith(b"HTTP/1.1 101"):
                raise WorldError(f"Expected to watch job {job_id} over a WebSocket, but the service refused.")
            selector.register(connection, selectors.EVENT_READ)
        thread = threading.Thread(target=_listen, args=(selector, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _listen(selector: selectors.BaseSelector, stop: threading.Event) -> None:
    """Reads and throws away: a library's client would take more of the two cores than the service that it watches."""
    while not stop.is_set() and selector.get_map():
        for key, _ in selector.select(timeout=0.2):
            assert isinstance(key.fileobj, socket.socket)
            if not key.fileobj.recv(65_536):
                selector.unregister(key.fileobj)
