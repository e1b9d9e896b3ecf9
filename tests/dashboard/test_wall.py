"""The page warns where reward functions cannot be kept in, and only there."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.dashboard.browser import SCREENSHOTS, Visitor, visiting
from tests.integration.service import running_service
from tests.unit.reward import sandbox

WARNING = "Train only your own reward functions"
OLD_KERNEL = Path(sandbox.__file__).with_name("old_kernel.py")


def test_a_machine_without_the_wall_is_said_on_the_page(browser: Browser, tmp_path: Path) -> None:
    prefix = f"{sys.executable} {OLD_KERNEL}"
    with (
        running_service(tmp_path, "--api-only", DEEPRACER_LOCAL_SANDBOX_PREFIX=prefix) as service,
        visiting(browser, service) as visitor,
    ):
        visitor.sign_in()

        expect(visitor.page.get_by_text(WARNING)).to_be_visible()
        SCREENSHOTS.mkdir(exist_ok=True)
        visitor.page.screenshot(path=SCREENSHOTS / "no-wall.png")


def test_a_machine_with_the_wall_is_not_warned_about(visitor: Visitor) -> None:
    with visitor.page.expect_response("**/api/v1/sandbox"):
        visitor.open("/")
    visitor.page.wait_for_load_state("networkidle")

    expect(visitor.page.get_by_text(WARNING)).to_have_count(0)
