"""How the tests are shared out among processes: whole files, so that what a file sets up is set up once."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Gives out files in the order of their names: the quick ones of ``unit`` come last and even out the ends."""
    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)
