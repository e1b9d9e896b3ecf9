"""The laps page: laps of a real training and evaluation driven again, compared, and taken apart."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.dashboard.browser import Visitor, choose
from tests.dashboard.racer import Racer
from tests.integration.service import Service, wait_until

STEP_S = 1 / 15
MOST_MEAN_MS = 100
LAP_BYTES = 50_000
COLUMNS = "X,Y,yaw,steer,throttle,measured_speed,reward,all_wheels_on_track,progress,tstamp,episode,steps"
FRAMES = """(n) => new Promise((done) => {
  const at = [];
  const next = (ms) => (at.push(ms) > n ? done((ms - at[0]) / n) : requestAnimationFrame(next));
  requestAnimationFrame(next);
})"""
"""Measures the mean of so many frames in ms."""


def shown(page: Page, label: str) -> Locator:
    """Returns what is read out of the chosen lap."""
    return page.get_by_test_id("readout").locator("dt", has_text=label).locator("xpath=following-sibling::dd[1]")


def scrub(page: Page) -> Locator:
    return page.get_by_role("slider", name="Instant")


def test_a_lap_with_what_a_replay_needs_is_small(service: Service, racer: Racer) -> None:
    with service.client() as client:
        for lap in racer.laps:
            query = {"lap": lap["trial"], "columns": COLUMNS}
            text = client.text(f"/models/{racer.id}/evaluations/{racer.evaluation}/trace.csv", params=query)

            assert len(text.splitlines()) == 1 + lap["steps"]
            assert len(text) / lap["steps"] * 200 < LAP_BYTES


def test_a_lap_of_the_table_is_replayed_and_scrubbed_with_the_keyboard(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/models/{racer.id}?tab=evaluations")
    page.get_by_role("link", name="Replay lap 1").first.click()
    expect(page.get_by_role("heading", name="Laps", level=1)).to_be_visible()
    expect(shown(page, "Lap time")).to_have_text("0.00 s")

    scrub(page).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(shown(page, "Lap time")).to_have_text(f"{3 * STEP_S:.2f} s")
    page.keyboard.press("PageUp")
    expect(shown(page, "Lap time")).to_have_text(f"{18 * STEP_S:.2f} s")
    page.get_by_role("button", name="One step back").click()
    expect(shown(page, "Lap time")).to_have_text(f"{17 * STEP_S:.2f} s")
    scrub(page).press("Home")
    expect(shown(page, "Lap time")).to_have_text("0.00 s")

    before = page.get_by_test_id("ghosts").screenshot()
    choose(page, "Speed of the replay", "8 ×")
    page.get_by_role("button", name="Play", exact=True).click()
    end = f"{racer.laps[0]['time_s']:.2f} s"
    expect(shown(page, "Lap time")).to_have_text(end)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    wait_until(lambda: page.get_by_test_id("ghosts").screenshot() != before, "cars elsewhere")


def test_a_link_to_an_instant_brings_it_back(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open(f"/laps?lap={racer.lap(1)}&lap={racer.lap(2)}&on=2&by=steering")
    scrub(page).focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    facts = page.get_by_test_id("readout").locator("dd")
    expect(facts.first).to_have_text(f"{20 * STEP_S:.2f} s")
    before = facts.all_inner_texts()

    page.get_by_role("button", name="Copy link to this instant").click()
    expect(page.get_by_text("Copied the link to 1.33 s")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)

    expect(facts.first).to_have_text(f"{20 * STEP_S:.2f} s")
    assert facts.all_inner_texts() == before
    expect(page.get_by_role("radio", name=re.compile("^Lap 2:"))).to_be_checked()
    expect(page.get_by_test_id("legend")).to_contain_text("straight")


def test_an_episode_and_a_lap_are_compared(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/laps?lap={racer.lap(1)}")
    expect(page.get_by_role("heading", name="Gap to lap 1")).to_have_count(0)

    page.get_by_role("button", name="Add a lap").click()
    dialog = page.get_by_role("dialog")
    choose(page, "Which lap", "A training episode")
    dialog.get_by_label("Number of the episode").fill("0")
    expect(dialog.get_by_text(re.compile(r"at [\d.]+ % after"))).to_be_visible()
    dialog.get_by_role("button", name="Add it").click()

    expect(page.get_by_text("Training episode 0")).to_be_visible()
    expect(page.get_by_role("heading", name="Gap to lap 1")).to_be_visible()
    choose(page, "Ghosts together in", "Distance")
    expect(page).to_have_url(re.compile("align=distance"))
    page.get_by_role("button", name="Leave out racer, training episode 0").click()
    expect(page.get_by_role("heading", name="Gap to lap 1")).to_have_count(0)

    visitor.open(f"/laps?lap={racer.lap(1)}&lap={racer.lap(2)}")
    expect(page.locator(".chart canvas")).to_have_count(1)


def test_the_line_is_painted_and_a_corner_is_named(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/laps?lap={racer.lap(1)}")
    legend = page.get_by_test_id("legend")
    ground = page.locator(".laps-map canvas").first
    expect(legend).to_contain_text("m/s")
    pictures = {ground.screenshot()}

    for choice, unit in (("Reward", "per step"), ("Steering", "straight"), ("Off-track", "A wheel off the track")):
        choose(page, "Paint the lap by", choice)
        expect(legend).to_contain_text(unit)
        pictures.add(wait_until(lambda: {ground.screenshot()} - pictures, f"another picture for {choice}").pop())
    expect(page.get_by_test_id("worst-corner")).to_have_text(re.compile(r"Corner [12], left, at (4|12)\.\d m"))
    steps = sum(int(count) for count in re.findall(r"\((\d+)\)", page.get_by_test_id("actions").inner_text()))
    assert steps == racer.laps[0]["steps"] - 1  # the first is the start, when the car stands


def test_ten_ghosts_are_fluent(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    names = [racer.lap(1), racer.lap(2), *(f"{racer.id}:episode:{n}" for n in range(8))]
    visitor.open("/laps?" + "&".join(f"lap={name}" for name in names))
    expect(page.get_by_role("radio")).to_have_count(10)
    expect(page.get_by_role("button", name="Add a lap")).to_be_disabled()
    choose(page, "Speed of the replay", "0.25 ×")

    play = page.get_by_role("button", name="Play", exact=True)

    def mean_ms() -> float:
        if play.count():  # not yet begun, or over already
            play.click()
        found: float = page.evaluate(FRAMES, 20)
        return found

    # While something else has the machine, all is slow: it is the page's fault where it stays so.
    wait_until(lambda: mean_ms() < MOST_MEAN_MS, "ten pictures a second", timeout_s=120.0)


def test_what_cannot_be_replayed_is_said_and_can_be_left_out(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.is_disturbed = True  # the browser writes the refusals to its console
    visitor.open(f"/laps?lap={racer.lap(1)}&lap={racer.lap(9)}&lap=nonsense")

    expect(page.get_by_text("got nonsense")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Leave it out").first.click()

    expect(page.get_by_role("button", name="Leave it out")).to_have_count(0)
    expect(shown(page, "Lap time")).to_be_visible()
