"""The load of the benchmark: nine reads to a write, every answer counted, failures seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deepracer_local.bench._load import Target, put_under_load
from deepracer_local.client import Client
from tests.integration.service import api_in_thread
from tests.unit.api.service import add_token, make_services


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    services = make_services(tmp_path)
    token = add_token(services.database)
    with api_in_thread(services) as url:
        with Client(url, token) as client:
            path = f"/api/v1/models/{client.train(name='m', track='oval').id}"
        yield Target(int(url.rsplit(":", 1)[1]), token, ("/api/v1/models", path), (path,))
    services.database.close()


def test_nine_of_ten_requests_read_and_all_are_answered(target: Target) -> None:
    load = put_under_load(target, n_clients=10, seconds=0.5)

    assert load.errors == 0
    assert len(load.reads_ms) > 5 * len(load.writes_ms) > 0
    assert load.latencies_ms == sorted(load.latencies_ms)
    assert load.requests_per_second == len(load.latencies_ms) / 0.5


def test_clients_that_take_turns_ask_as_often_as_they_should(target: Target) -> None:
    load = put_under_load(target, n_clients=4, seconds=0.5, interval_s=0.1)

    assert load.errors == 0
    assert 12 <= len(load.latencies_ms) <= 24


def test_refusals_are_errors(target: Target) -> None:
    stranger = Target(target.port, "wrong", target.reads, target.writes)

    load = put_under_load(stranger, n_clients=2, seconds=0.1)

    assert load.errors == len(load.latencies_ms) > 0
