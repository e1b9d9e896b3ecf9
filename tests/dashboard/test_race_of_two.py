"""A race of two models by mouse and keys: asked for in the dialog, told of on the page, and replayed with both cars."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.dashboard.browser import SCREENSHOTS, Visitor
from tests.dashboard.racer import Racer

DRIVING_MS = 240_000


def test_two_models_race_and_are_seen_as_each_others_ghosts(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/models/{racer.id}")
    page.get_by_role("button", name="Evaluate").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Laps").first.fill("1")
    dialog.get_by_label("Another model: the two race").check()
    dialog.get_by_role("button", name="Drive").click()
    expect(dialog.get_by_text("Choose the model to race against.")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("^Opponent")).click()
    page.get_by_role("option", name=re.compile("^racer")).click()
    dialog.get_by_label("By so many metres").fill("99")
    dialog.get_by_role("button", name="Drive").click()
    expect(dialog.get_by_text("Expected metres from 0.1 to 50.")).to_be_visible()
    dialog.get_by_label("By so many metres").fill("1.5")
    page.screenshot(path=SCREENSHOTS / "race-of-two-dialog-light.png")
    for what in ("Film the best lap", "Look into the network"):
        dialog.get_by_text(what, exact=True).click()

    with page.expect_request(re.compile("/evaluations$")) as request:
        dialog.get_by_role("button", name="Drive").click()

    body = request.value.post_data_json
    assert body["race"] == {"race_type": "HEAD_TO_MODEL", "opponent_distance": 1.5}
    assert (body["opponent"], body["opponent_checkpoint"]) == (racer.id, "best")
    theirs = page.get_by_role("link", name="Replay lap 1 of the opponent")
    expect(theirs).to_be_visible(timeout=DRIVING_MS)
    expect(page.get_by_role("heading", name="Opponent: racer")).to_be_visible()
    expect(page.get_by_text(re.compile("won: |^A draw: ")).first).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "race-of-two-page-light.png", full_page=True)

    page.get_by_role("link", name="Replay", exact=True).first.click()
    expect(page.get_by_text(re.compile("^Lap 1 of a race against racer$"))).to_have_count(2)
    expect(page.get_by_test_id("ghosts")).to_be_visible()
    page.get_by_role("slider", name="Instant").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.screenshot(path=SCREENSHOTS / "race-of-two-laps-light.png", full_page=True)
