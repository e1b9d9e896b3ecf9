"""How soon a job is over after somebody wished its end: one that waits, one that trains, one that hears nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.bench._processes import trainers_of
from deepracer_local.client import Client, ModelHandle
from deepracer_local.errors import WorldError

PATIENCE_S = 60.0
_POLL_S = 0.02
_READINGS = 5


def measure_cancels(client: Client, service_pid: int) -> list[Measurement]:
    """Measures an idle service with two slots; it is idle again afterwards.

    Args:
        client: of the service.
        service_pid: of the service, whose trainer is halted once.
    """
    running = [_cancelled_while_training(client) for _ in range(_READINGS)]
    with_checkpoint = 100.0 * sum(kept for _, kept in running) / len(running)
    return [
        median_of("cancel a waiting job, answer included", _while_waiting(client), "s", goal="under 0.5"),
        median_of("cancel a running training", [seconds for seconds, _ in running], "s", goal="under 2"),
        Measurement("the same, with a last checkpoint", with_checkpoint, "%", (with_checkpoint,), "100"),
        median_of("cancel a training that hears nothing", [_while_halted(client, service_pid)], "s", goal="under 10"),
    ]


def _while_waiting(client: Client) -> list[float]:
    readings = []
    with _busy(client):
        for i in range(_READINGS):
            model = client.train(name=f"waits-{i}", track="oval", max_steps=512)
            started_at = time.perf_counter()
            model.stop()
            readings.append(time.perf_counter() - started_at)
            if model.refresh().job["status"] != "CANCELED":
                raise WorldError(f"Expected a waiting job to be cancelled at once, it is {model.job['status']}.")
            model.delete()
    return readings


@contextmanager
def _busy(client: Client) -> Iterator[None]:
    """Keeps both slots busy, so that what comes waits."""
    models = [client.train(name=f"busy-{i}", track="oval", max_minutes=10) for i in range(2)]
    _wait_for(lambda: all(_job(client, model)["progress"] for model in models), "two trainings")
    yield
    for model in models:
        _cancel(client, model)


def _cancelled_while_training(client: Client) -> tuple[float, bool]:
    """Returns the seconds from the wish to the end, and whether there is a checkpoint of the last moment."""
    model = client.train(name="runs", track="oval", max_minutes=10)
    _wait_for(lambda: _job(client, model)["progress"].get("iterations", 0) >= 1, "the first policy update")
    seconds = _cancel(client, model)
    rows = client.request("GET", f"/models/{model.id}/metrics")["rows"]
    has_kept = int(model.refresh().info["last_checkpoint"] or 0) == rows[-1]["total_steps"]
    model.delete()
    return seconds, has_kept


def _while_halted(client: Client, service_pid: int) -> float:
    model = client.train(name="hears nothing", track="oval", max_minutes=10)
    _wait_for(lambda: _job(client, model)["progress"].get("iterations", 0) >= 1, "the first policy update")
    [trainer] = trainers_of(service_pid)
    os.kill(trainer, signal.SIGSTOP)
    return _cancel(client, model)


def _cancel(client: Client, model: ModelHandle) -> float:
    """Cancels a running job; returns the seconds from the wish to the end, by the service's own clock."""
    model.stop()
    _wait_for(lambda: _job(client, model)["finished_at"], "the end of a cancelled job")
    at = {event["event"]: datetime.fromisoformat(event["at"]) for event in _job(client, model)["events"]}
    return (at["CANCEL"] - at["WISH_CANCEL"]).total_seconds()


def _job(client: Client, model: ModelHandle) -> dict[str, Any]:
    job: dict[str, Any] = client.request("GET", f"/jobs/{model.job['id']}")
    return job


def _wait_for(look: Callable[[], Any], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > until:
            raise WorldError(f"Expected {what} within {PATIENCE_S:.0f} s.")
        time.sleep(_POLL_S)
