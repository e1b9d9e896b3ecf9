"""The benchmarks measure what they say; how fast this machine is, is not asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepracer_local.bench import machine, measure_cameras, measure_environments, measure_imports, measure_lidar


# The peer's physics is a SWIG module: its import warns, and crashes where warnings are errors.
@pytest.mark.filterwarnings("ignore")
def test_the_environments_are_measured_side_by_side() -> None:
    found = {m.name: m for m in measure_environments(seconds=0.02)}

    ours = next(m for name, m in found.items() if name.startswith("environment steps"))
    peer = next(m for name, m in found.items() if name.startswith("CarRacing"))
    assert len(ours.readings) == 7
    assert ours.value == sorted(ours.readings)[3]
    assert peer.value > 0 or "deepracer-local[bench]" in peer.note


def test_the_cameras_are_measured_on_the_same_poses() -> None:
    fast, reference, ratio = measure_cameras(n_poses=3)

    assert fast.unit == reference.unit
    assert ratio.value * fast.value == pytest.approx(reference.value)


def test_the_lidar_is_measured_with_six_boxes() -> None:
    [scan] = measure_lidar(n_scans=3)

    assert "6 boxes" in scan.name
    assert scan.value == sorted(scan.readings)[3]


def test_an_import_is_measured(tmp_path: Path) -> None:
    [found] = measure_imports(tmp_path, n=1)

    assert (found.unit, len(found.readings)) == ("s", 1)
    assert found.value > 0


def test_a_report_is_json() -> None:
    report = {"machine": machine(), "measurements": [m.to_json() for m in measure_cameras(n_poses=2)]}

    assert json.loads(json.dumps(report))["machine"]["cores"] >= 1
