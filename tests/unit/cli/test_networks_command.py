"""``deepracer-local networks``: sizes and times."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from deepracer_local import training
from deepracer_local.cli._networks import app
from deepracer_local.domain import Network, Sensor
from deepracer_local.training import NetworkSize, measure_networks


def one_size() -> Iterator[NetworkSize]:
    sensors = (Sensor.STEREO_CAMERAS, Sensor.LIDAR)
    yield NetworkSize(Network.DEEP, sensors, acting=1_000, ppo=2_000, sac=3_000, action_ms=1.234)


def test_the_smallest_sizes_are_those_of_the_original() -> None:
    first = next(measure_networks())

    assert (first.network, first.sensors) == (Network.SHALLOW, (Sensor.FRONT_FACING_CAMERA,))
    assert first.ppo == pytest.approx(2 * 5.84e6, rel=0.002)
    assert first.sac > first.ppo
    assert first.acting == pytest.approx(5.84e6, rel=0.002)
    assert first.action_ms > 0


def test_the_command_prints_a_table_or_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "measure_networks", one_size)

    table = CliRunner().invoke(app, []).output
    printed = json.loads(CliRunner().invoke(app, ["--json"]).output)

    assert all(text in table for text in ("deep", "1,000", "2,000", "3,000", "1.23"))
    assert printed["networks"] == [
        {
            "network": "deep",
            "sensors": ["STEREO_CAMERAS", "LIDAR"],
            "acting_parameters": 1000,
            "ppo_parameters": 2000,
            "sac_parameters": 3000,
            "action_ms": 1.23,
        }
    ]
