"""One browser and one service for the tests of a module, and a fresh visitor for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.dashboard.browser import Visitor, launch, visiting
from tests.integration.service import Service, running_service


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service"), "--slots", "1") as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    with visiting(browser, service) as somebody:
        somebody.sign_in()
        yield somebody
