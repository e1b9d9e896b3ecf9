"""How the tests are shared out among processes: whole files, so that what a file sets up is set up once."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling

TOGETHER = {
    "the trained model": ("test_insight.py", "test_laps.py", "test_looks.py", "test_model.py"),
    "the service without models": ("test_journey.py", "test_learn.py"),
}
"""Files of the dashboard that need the same thing, which takes longest to get: one process has it for all of them."""
_GROUPS = {f"tests/dashboard/{file}": f"tests/dashboard: {what}" for what, files in TOGETHER.items() for file in files}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Gives out files in the order of their names: the quick ones of ``unit`` come last and even out the ends."""
    config.option.loadscopereorder = False
    return _WholeFiles(config, log)


class _WholeFiles(LoadFileScheduling):
    """Gives out whole files, and those of ``TOGETHER`` to one process."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _GROUPS.get(file, file)
