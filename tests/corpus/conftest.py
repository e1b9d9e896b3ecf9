"""What every case of the corpus runs with."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepracer_local.domain import RewardSamples
from deepracer_local.race import sample_reward
from deepracer_local.track import builtin_tracks_dir, find_track
from tests.corpus.drive import ShortTraining
from tests.corpus.watch import CANARY_VARIABLE, Watch, adopting_orphans

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # the wall stands on Linux alone, and these must not run without it


@pytest.fixture(scope="package")
def samples() -> RewardSamples:
    return sample_reward(find_track("oval", [builtin_tracks_dir()]))


@pytest.fixture(scope="package")
def training() -> Iterator[ShortTraining]:
    driven = ShortTraining()
    yield driven
    driven.close()


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    secret = f"canary-{secrets.token_hex(8)}"
    monkeypatch.setenv(CANARY_VARIABLE, secret)
    with adopting_orphans():
        yield Watch(tmp_path, secret)
