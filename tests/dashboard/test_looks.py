"""Every page in light, dark and on a phone: it fits, it can be read by everybody, and shows text as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.browser import SCREENSHOTS, Visitor, visiting
from tests.dashboard.payloads import PAYLOADS
from tests.dashboard.racer import DESCRIPTION, Racer
from tests.integration.service import Service, wait_until

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
ALL_RULES = {"resultTypes": ["violations"]}
RULES = {"dark": {"runOnly": ["color-contrast"], **ALL_RULES}}
"""What is looked for: in the dark the colours alone, all else is as in the light."""
MOST_DESCRIPTION = 255
PAGES = {
    "home": "/",
    "models": "/models",
    "create": "/create",
    "tracks": "/tracks",
    "draw": "/tracks/draw",
    "learn": "/learn",
    "system": "/system",
    "model": "/models/{id}",
    "model-evaluations": "/models/{id}?tab=evaluations",
    "model-logs": "/models/{id}?tab=logs",
    "model-settings": "/models/{id}?tab=settings",
    "model-files": "/models/{id}?tab=files",
    "insight": "/models/{id}/evaluations/{lap}/insight?lap=1&step=3",
    "compare": "/models/compare?ids={id},{other}",
    "laps-none": "/laps",
    "laps": "/laps?lap={id}:best&lap={id}:episode:0&t=1",
}


def choose_obstacles(page: Page) -> None:
    page.get_by_role("radio", name=re.compile("^Object avoidance")).check()
    expect(page.locator(".obstacle-map")).to_be_visible()


def choose_several_tracks(page: Page) -> None:
    page.get_by_text("Train on several tracks at once").click()
    page.get_by_role("checkbox", name="Chicane").check()
    expect(page.get_by_role("group", name="Track 2: Chicane")).to_be_visible()


def choose_ranges(page: Page) -> None:
    for heading in ("Reward", "Actions", "Learning"):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Strong")).check()
    page.get_by_role("radio", name=re.compile("^Ranges of my own")).check()
    expect(page.get_by_label("Friction, at least")).to_have_value("0.6")


def open_import(page: Page) -> None:
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_evaluate(page: Page) -> None:
    page.get_by_role("button", name="Evaluate", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("radio", name=re.compile("Something else")).check()


OPENED: dict[str, tuple[str, Callable[[Page], None]]] = {
    "create-tracks": ("/create?track=oval", choose_several_tracks),
    "create-randomisation": ("/create?track=oval", choose_ranges),
    "create-race": ("/create?track=oval", choose_obstacles),
    "evaluate": ("/models/{id}", open_evaluate),
    "import": ("/models", open_import),
}
"""What is seen only after something has been pressed."""


@pytest.fixture(scope="module")
def models(service: Service, racer: Racer) -> dict[str, str]:
    """The model whose code, prints and description attack the page, and one that goes on from it and was stopped."""
    with service.client() as client:
        other = client.request("POST", f"/models/{racer.id}/clone", json={"name": "stopped", "example": "center_line"})
        path = f"/models/{other['id']}"
        client.request("POST", f"{path}/stop")
        wait_until(lambda: client.request("GET", path)["jobs"][0]["finished_at"], "the other's end")
    return {"id": racer.id, "other": other["id"], "lap": racer.evaluation}


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_fits_and_is_accessible(
    browser: Browser, service: Service, models: dict[str, str], look: str
) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    found = {}

    with visiting(browser, service, **LOOKS[look]) as visitor:
        visitor.sign_in()
        for name, path in (PAGES | {name: path for name, (path, _) in OPENED.items()}).items():
            visitor.open(path.format(**models))
            settle(visitor)
            if name in OPENED:
                OPENED[name][1](visitor.page)
                settle(visitor)
            visitor.page.screenshot(path=SCREENSHOTS / f"{name}-{look}.png", full_page=True)
            wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            serious = [
                f"{fault['id']}: {fault['nodes'][0]['html'][:200]}"
                for fault in Axe().run(visitor.page, options=RULES.get(look, ALL_RULES)).response["violations"]
                if fault["impact"] in {"serious", "critical"} and not is_cloudscapes(fault)
            ]
            if wide > 0 or serious:
                found[name] = (wide, serious)

    assert found == {}


def test_names_logs_and_code_are_text(visitor: Visitor, models: dict[str, str]) -> None:
    page = visitor.page

    for name in ("home", "models", "model", "model-settings", "compare", "learn", "laps", "insight"):
        visitor.open(PAGES[name].format(**models))
        settle(visitor)
        assert page.evaluate("window.wasRun") is None
    visitor.open(PAGES["model-logs"].format(**models))
    lines = page.get_by_role("log").locator("div")
    expect(lines.first).to_be_visible()

    shown = {text.split("\n")[-1].lstrip("0123456789") for text in lines.all_inner_texts()}
    assert [payload for payload in PAYLOADS if payload not in shown] == []
    assert page.evaluate("document.querySelectorAll('.log img, .log svg, .log script, .log style').length") == 0
    expect(page.get_by_text(DESCRIPTION, exact=True).first).to_be_visible()


def test_descriptions_are_text_and_come_by_themselves(
    visitor: Visitor, service: Service, models: dict[str, str]
) -> None:
    page = visitor.page
    visitor.open(f"/models/{models['other']}")
    expect(page.get_by_role("heading", name="stopped", level=1)).to_be_visible()

    with service.client() as client:
        for text in descriptions():
            client.request("PATCH", f"/models/{models['other']}", json={"description": text})
            expect(page.get_by_text(text, exact=True).first).to_be_visible()
            assert page.evaluate("window.wasRun") is None
        client.request("PATCH", f"/models/{models['other']}", json={"description": ""})


def descriptions() -> list[str]:
    """Returns the payloads, as many in each text as a description takes."""
    texts = [""]
    for payload in PAYLOADS:
        joined = f"{texts[-1]} {payload}".strip()
        texts[-1:] = [joined] if len(joined) <= MOST_DESCRIPTION else [texts[-1], payload]
    return texts


def is_cloudscapes(fault: dict[str, Any]) -> bool:
    """Tells whether a fault is the one that the components have on narrow screens: `aria-orientation` of a nav."""
    return fault["id"] == "aria-allowed-attr" and all("mobile-toolbar-nav" in node["html"] for node in fault["nodes"])


def settle(visitor: Visitor) -> None:
    """Waits until nothing loads any more."""
    visitor.page.wait_for_load_state("networkidle")
    expect(visitor.page.get_by_text("Loading")).to_have_count(0)
