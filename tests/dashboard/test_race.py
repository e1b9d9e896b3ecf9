"""The wizard's race and algorithm: what is chosen by mouse and keys is what the service is asked for."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.dashboard.browser import Visitor


def asked(page: Page) -> dict[str, Any]:
    """Presses Train, and stops it again; returns what the service was asked for."""
    with page.expect_request(re.compile("/api/v1/models$")) as request:
        page.get_by_role("button", name="Train now").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    body: dict[str, Any] = request.value.post_data_json
    return body


def test_obstacles_are_put_by_mouse_and_keys(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create?track=oval")
    page.get_by_role("radio", name=re.compile("^Object avoidance")).check()
    ground = page.locator(".obstacle-map")
    ground.scroll_into_view_if_needed()
    boxes = page.get_by_role("slider", name=re.compile("^Obstacle"))
    expect(boxes).to_have_count(3)

    # The first is dragged to the middle of the road's upper side: half a lap after the start in the lower one.
    area, box = ground.bounding_box(), boxes.nth(0).bounding_box()
    assert area is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] * 0.08, steps=4)
    page.mouse.up()
    expect(boxes.nth(0)).to_have_attribute("aria-valuetext", re.compile(r"^8\.\d m after the start line, outer lane$"))
    page.keyboard.press("ArrowUp")
    expect(boxes.nth(0)).to_have_attribute("aria-valuetext", re.compile(r"^8\.\d m after the start line, inner lane$"))
    page.keyboard.press("Shift+ArrowRight")
    expect(boxes.nth(0)).to_have_attribute("aria-valuetext", re.compile(r"^9\.\d m"))
    boxes.nth(2).press("Delete")
    expect(boxes).to_have_count(2)
    page.get_by_role("button", name="Add an obstacle").click()
    expect(boxes).to_have_count(3)

    race = asked(page)["race"]
    assert race["race_type"] == "OBJECT_AVOIDANCE"
    assert [position.split(",")[1] for position in race["object_positions"]] == ["1", "1", "-1"]
    assert 0.5 < float(race["object_positions"][0].split(",")[0]) < 0.6


def test_bots_and_algorithm_are_sent_and_faults_are_named(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create?track=oval")
    page.get_by_role("radio", name=re.compile("^Head to bot")).check()
    page.get_by_label("Their speed, m/s").fill("9")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Expected a speed of the other cars from 0 to 4 m/s.")).to_be_visible()
    page.get_by_label("Their speed, m/s").fill("0.5")
    page.get_by_text("They change lanes").click()
    for heading in ("Reward", "Actions", "Learning"):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    page.get_by_role("radio", name=re.compile("^SAC")).check()
    expect(page.get_by_label("Temperature")).to_have_value("0.1")

    body = asked(page)
    assert body["race"] == {
        "race_type": "HEAD_TO_BOT",
        "number_of_bot_cars": 3,
        "min_distance_between_bot_cars": 2,
        "randomize_bot_car_locations": False,
        "bot_car_speed": 0.5,
        "is_lane_change": True,
        "lower_lane_change_time": 3,
        "upper_lane_change_time": 5,
    }
    assert body["model_metadata"]["training_algorithm"] == "sac"
    assert body["model_metadata"]["action_space_type"] == "continuous"
    assert body["hyperparameters"]["sac_alpha"] == 0.1
