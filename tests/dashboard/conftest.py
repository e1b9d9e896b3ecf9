"""One browser, one service and one trained model for the tests of the dashboard, and a fresh visitor for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.dashboard.browser import PATIENCE_MS, Visitor, launch, visiting
from tests.dashboard.racer import Racer, make_racer
from tests.integration.service import Service, running_service, wait_until

FOLDER = Path(__file__).parent
TIMEOUT_S = 1_200
"""The first test of a module may train the model of all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.timeout(TIMEOUT_S), append=False)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture(scope="package")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service"), "--slots", "1") as running:
        yield running


@pytest.fixture(scope="package")
def racer(shared_service: Service) -> Racer:
    """A model of the shared service that has been trained and evaluated; nobody changes it."""
    return make_racer(shared_service)


@pytest.fixture(scope="package")
def second_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("second"), "--slots", "1") as running:
        yield running


@pytest.fixture(scope="module")
def empty_service(second_service: Service) -> Service:
    """A service as if it were new: all its work is ended and its models are deleted."""
    with second_service.client() as client:
        paths = [f"/models/{model['id']}" for model in client.models()]
        for path in paths:
            if not client.request("GET", path)["jobs"][0]["finished_at"]:
                client.request("POST", f"{path}/stop")
        for path in paths:
            wait_until(lambda path=path: client.request("GET", path)["jobs"][0]["finished_at"], "the end of a job")
            client.request("DELETE", path)
    return second_service


@pytest.fixture(scope="module")
def service(shared_service: Service) -> Service:
    """The service of a module; one that needs an empty one overrides this."""
    return shared_service


@pytest.fixture
def visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    with visiting(browser, service) as somebody:
        somebody.sign_in()
        yield somebody
