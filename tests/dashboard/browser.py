"""Debian's Chromium, driven by Playwright against the real service; and what may not happen on any page."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.integration.service import Service, wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
PATIENCE_MS = 60_000
"""For all that a page does by itself: several times what the slowest machine was seen to take."""
TRAINING_MS = 480_000
"""For all that a training or an evaluation has to do first."""
_NOTICE = """{
  window.noticed ??= [];
  const texts = %s;
  const look = () => {
    const shown = document.body?.textContent ?? "";
    for (const text of texts) if (shown.includes(text) && !window.noticed.includes(text)) window.noticed.push(text);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}
"""


def launch(playwright: Playwright) -> Browser:
    """Returns a browser of this machine; fails without one where it must be there, and says how to get it."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "Expected a Chromium on the PATH to test the dashboard with. `apt-get install chromium` brings one."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return playwright.chromium.launch(executable_path=path, chromium_sandbox=False, args=QUIET)


class Visitor:
    """Somebody with a browser of their own, signed in by a link."""

    def __init__(self, context: BrowserContext, service: Service) -> None:
        self.context = context
        self.service = service
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.is_disturbed = False
        """Set by a test while requests fail because it wants them to."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"a fault: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("dialog", self._on_dialog)

    def sign_in(self) -> None:
        """Opens a fresh link, as `deepracer-local jobs link` prints it."""
        with self.service.client() as client:
            path = client.request("POST", "/links")["path"]
        self.page.goto(f"{self.service.url}{path}")

    def open(self, path: str) -> None:
        """Opens an address of the dashboard and waits for its heading."""
        self.page.goto(f"{self.service.url}{path}")
        self.page.locator("h1, [class*=wizard] h1").first.wait_for()

    def notice(self, *texts: str) -> None:
        """Has the pages that are opened from now on remember which of these texts they have shown, however shortly."""
        self.context.add_init_script(_NOTICE % json.dumps(texts))

    def wait_for_noticed(self, text: str) -> None:
        """Waits until the open page has shown one of the texts of ``notice``, or is told that it has."""
        self.page.wait_for_function("text => window.noticed.includes(text)", arg=text, timeout=TRAINING_MS)

    def _on_console(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        is_expected = self.is_disturbed and re.search(r"ERR_|WebSocket|Failed to load resource", text)
        if kind == "error" and not is_expected:
            self.complaints.append(f"the console: {text}")

    def _on_request(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        own = (self.service.url, self.service.url.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(own):
            self.complaints.append(f"a request elsewhere: {url}")

    def _on_dialog(self, dialog: object) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]


def choose(page: Page, what: str, option: str) -> None:
    """Takes an option from a list, whose name begins so, and waits until it is taken.

    A list that has just opened may still move: on a machine that has much else to do a click then falls beside it.
    """
    field = page.get_by_role("button", name=re.compile(f"^{what}"))
    wanted = page.get_by_role("option", name=re.compile(f"^{option}")).first

    def is_taken() -> bool:
        if field.get_attribute("aria-expanded") != "true":
            field.click()
        wanted.click()
        try:
            expect(field).to_contain_text(option, timeout=2_000)
        except AssertionError:
            return False
        return True

    wait_until(is_taken, f"the choice of {option}", timeout_s=PATIENCE_MS / 1000)


@contextmanager
def visiting(browser: Browser, service: Service, **options: object) -> Iterator[Visitor]:
    """Gives somebody a browser for the block; whatever their pages complained about fails at its end."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 900}} | options)  # type: ignore[arg-type]
    visitor = Visitor(context, service)
    try:
        yield visitor
    finally:
        context.close()
    assert visitor.complaints == [], visitor.complaints
