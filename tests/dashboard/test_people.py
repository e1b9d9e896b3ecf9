"""People who use no mouse, who are two, who sit behind a slow line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.browser import TRAINING_MS, Visitor, visiting
from tests.integration.service import Service, wait_until

MOST_TABS = 150
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
"""A third of a second each way, 400 kbit/s."""


@pytest.fixture
def clean_queue(service: Service) -> Iterator[None]:
    """Leaves the queue empty."""
    yield
    with service.client() as client:
        for model in client.models():
            job = client.request("GET", f"/models/{model['id']}")["jobs"][0]
            if not job["finished_at"]:
                client.request("POST", f"/models/{model['id']}/stop")
        wait_until(lambda: not client.request("GET", "/jobs?state=RUNNING")["jobs"], "an empty queue")


def tab_to(page: Page, name: str, *, role: str = "button") -> None:
    """Presses Tab until the focus is on what has this role and name."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    wanted.first.wait_for()
    for _ in range(MOST_TABS):
        if any(one.evaluate("one => one === document.activeElement") for one in wanted.all()):
            return
        if page.locator(".cm-content:focus").count():
            page.keyboard.press("Escape")  # in the editor Tab indents; after Escape it leaves
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to the {role} {name!r} by the Tab key")


@pytest.mark.usefixtures("clean_queue")
def test_a_car_is_trained_stopped_and_evaluated_without_a_mouse(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create")
    tab_to(page, "Name", role="textbox")
    page.keyboard.press("Control+A")
    page.keyboard.type("by keyboard")
    for heading in ("Reward", "Actions", "Learning", "Summary"):
        tab_to(page, "Next")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    tab_to(page, "Train")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="by keyboard", level=1)).to_be_visible()
    updates = page.locator("dt", has_text="Policy updates").locator("xpath=following-sibling::dd[1]")
    expect(updates).to_have_text(re.compile(r"^[1-9]"), timeout=TRAINING_MS)
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    fact = page.locator("dl").first.locator("dd").first
    expect(fact).to_have_text(re.compile("Ready"), timeout=TRAINING_MS)

    tab_to(page, "Evaluate")
    page.keyboard.press("Enter")
    tab_to(page, "Laps", role="spinbutton")
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    tab_to(page, "Drive")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name=re.compile("Off track|Lap complete"))).to_be_visible(timeout=TRAINING_MS)

    tab_to(page, "Evaluations", role="tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Training", exact=True)).to_have_attribute("aria-selected", "true")


@pytest.mark.usefixtures("clean_queue")
def test_two_browsers_see_what_either_does(browser: Browser, service: Service) -> None:
    with visiting(browser, service) as one, visiting(browser, service) as other:
        one.sign_in()
        other.sign_in()
        other.open("/models")
        with service.client() as client:
            model = client.request("POST", "/models", json={"name": "shared", "track": "oval", "max_minutes": 60})
        expect(other.page.get_by_role("link", name="shared")).to_be_visible()
        other.page.get_by_role("link", name="shared").click()
        one.open(f"/models/{model['id']}")

        one.page.get_by_role("button", name="Stop", exact=True).click()

        for visitor in (one, other):
            fact = visitor.page.locator("dl").first.locator("dd").first
            expect(fact).to_have_text(re.compile("Stopped|Ready|Cancel"), timeout=TRAINING_MS)


@pytest.mark.usefixtures("clean_queue")
def test_a_slow_line_shows_that_it_loads_and_then_the_cars(browser: Browser, service: Service) -> None:
    with service.client() as client:
        model = client.request("POST", "/models", json={"name": "far away", "track": "oval", "max_minutes": 60})
    with visiting(browser, service) as visitor:
        visitor.sign_in()
        visitor.notice("Loading")
        visitor.page.set_default_timeout(TRAINING_MS)
        line = visitor.context.new_cdp_session(visitor.page)
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        line.send("Network.emulateNetworkConditions", SLOW)
        visitor.page.goto(f"{service.url}/models/{model['id']}", wait_until="commit")

        visitor.wait_for_noticed("Loading")
        expect(visitor.page.get_by_role("heading", name="far away", level=1)).to_be_visible(timeout=TRAINING_MS)
        progress = visitor.page.locator("dt", has_text="Progress").locator("xpath=following-sibling::dd[1]")
        expect(progress.first).to_have_text(re.compile(r"\d %$"), timeout=TRAINING_MS)
