"""Drawing a track: by mouse and by keys alone, what is wrong shown at its place, and a training on it at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.browser import Visitor
from tests.integration.service import Service, wait_for_job


def verdict(page: Page) -> Locator:
    return page.get_by_test_id("road-check")


def point(page: Page, number: int) -> Locator:
    return page.locator(f"[data-point='{number - 1}']")


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def ends_of(page: Page) -> tuple[float, float]:
    """Returns x and y of the first point as the table has them."""
    return tuple(float(page.get_by_label(f"{axis} of point 1 in metres").input_value()) for axis in "xy")  # type: ignore[return-value]


def test_a_track_is_drawn_by_mouse_mended_saved_and_trained_on(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    visitor.open("/tracks")
    page.get_by_role("link", name="Draw a track").click()
    expect(verdict(page)).to_contain_text("It can be driven on")
    expect(page.get_by_text(re.compile(r"^1\d\.\d s$"))).to_be_visible()  # a lap at 1 m/s

    # A point of the lower straight is dragged through the upper one: the road crosses itself, there.
    x, y = middle(point(page, 2).locator(".knob"))
    _, top = middle(point(page, 6).locator(".knob"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, (y + top) / 2, steps=3)
    page.mouse.move(x, top - 90, steps=3)
    page.mouse.up()
    expect(verdict(page)).to_contain_text("to mend")
    fault = page.locator(".draw-fault[data-rule=crosses]").first
    fault_x, fault_y = middle(fault.locator(".halo"))
    assert abs(fault_x - x) < 120
    assert abs(fault_y - top) < 60
    expect(page.locator(".draw-findings")).to_contain_text("The road crosses itself here")
    expect(page.get_by_role("button", name="Save and train")).to_be_disabled()

    page.get_by_role("button", name="Undo").click()  # the whole drag is one step back
    expect(verdict(page)).to_contain_text("It can be driven on")
    expect(page.locator(".draw-fault")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    # On the road a click puts a point between its neighbours; beside it, behind the one that was set last.
    x1, y1 = middle(point(page, 1).locator(".knob"))
    x2, y2 = middle(point(page, 2).locator(".knob"))
    page.mouse.click((x1 + x2) / 2, (y1 + y2) / 2 + 6)
    expect(page.locator("[data-point]")).to_have_count(9)
    expect(point(page, 2)).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    page.get_by_label("Width of the road in metres").fill("0.9")
    page.get_by_label("Title").fill("Mouse & <b>hand</b>")
    expect(page.get_by_text("Saved as Mouse_b_hand_b")).to_be_visible()
    page.wait_for_function("Object.values(localStorage).some(text => text.includes('Mouse & <b>hand</b>'))")
    page.reload()  # a draft survives it
    expect(page.get_by_label("Title")).to_have_value("Mouse & <b>hand</b>")
    expect(page.get_by_label("Width of the road in metres")).to_have_value("0.9")

    page.get_by_role("button", name="Save and train").click()
    expect(page).to_have_url(re.compile(r"/create\?track=Mouse_b_hand_b$"))
    expect(page.get_by_role("radio", name="Mouse & <b>hand</b>")).to_be_checked()
    with service.client() as client:
        track = client.track("Mouse_b_hand_b")
        assert track["width_m"] == pytest.approx(0.9, abs=0.01)
        wish = {"name": "on it", "track": track["name"], "example": "center_line", "max_steps": 64, "cars": 4}
        wish |= {"sensors": ["STATE"], "hyperparameters": {"num_steps_between_training": 64}}
        job = client.request("POST", "/models", json=wish)["jobs"][0]
        done = wait_for_job(client, job["id"], lambda found: found["finished_at"] is not None, "its end")
        assert done["status"] == "COMPLETED"


def test_a_track_is_drawn_by_keys_alone(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    visitor.open("/tracks/draw")
    expect(verdict(page)).to_contain_text("It can be driven on")
    before = ends_of(page)

    point(page, 1).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert ends_of(page) == (pytest.approx(before[0] - 0.1), pytest.approx(before[1] - 1.0))
    page.keyboard.press("Enter")
    expect(point(page, 2)).to_be_focused()
    expect(page.locator("[data-point]")).to_have_count(9)
    page.keyboard.press("Delete")
    expect(page.locator("[data-point]")).to_have_count(8)
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert ends_of(page) == before
    page.keyboard.press("Control+Shift+z")
    assert ends_of(page) != before

    page.get_by_label("y of point 1 in metres").fill("1.6")  # onto point 7
    page.get_by_label("x of point 1 in metres").fill("-2")
    expect(verdict(page)).to_contain_text("to mend")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_label("y of point 1 in metres").fill("-1.5")
    expect(verdict(page)).to_contain_text("It can be driven on")
    visitor.is_disturbed = True  # the browser writes the refusal to its console
    page.get_by_label("Title").fill("oval")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("is taken. Choose another.")).to_be_visible()
    visitor.is_disturbed = False
    page.get_by_label("Title").fill("By keys")
    page.get_by_role("button", name="Save", exact=True).press("Enter")

    expect(page).to_have_url(re.compile("/tracks$"))
    page.get_by_role("button", name="Delete By keys").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted By keys.")).to_be_visible()
    with service.client() as client:
        assert "By_keys" not in {track["name"] for track in client.tracks()}


def test_an_empty_page_says_what_to_do_and_takes_clicks_in_their_order(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/tracks/draw")
    page.get_by_role("button", name="Shape").click()
    page.get_by_role("menuitem", name="Nothing").click()
    expect(verdict(page)).to_contain_text("Set 4 more points")
    ground = page.locator(".draw-ground").bounding_box()
    assert ground is not None

    for across, up in ((0.2, 0.75), (0.8, 0.75), (0.8, 0.25), (0.2, 0.25)):
        page.mouse.click(ground["x"] + across * ground["width"], ground["y"] + up * ground["height"])

    expect(page.locator("[data-point]")).to_have_count(4)
    expect(verdict(page)).to_contain_text("It can be driven on")
    expect(page.get_by_text("Counter-clockwise")).to_be_visible()
    page.get_by_role("button", name="Shape").click()
    page.get_by_role("menuitem", name="Reverse the direction").click()
    expect(page.get_by_text("Clockwise", exact=True)).to_be_visible()
