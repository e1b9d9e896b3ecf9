"""The wizard's race and algorithm: what is chosen by mouse and keys is what the service is asked for."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.dashboard.browser import SCREENSHOTS, TRAINING_MS, Visitor, choose, visiting
from tests.integration.service import Service, wait_until

STRAIGHT_ON = {
    "action_space": [{"steering_angle": angle, "speed": 1.0} for angle in (-1, 0, 1)],
    "action_space_type": "discrete",
    "version": "5",
}
LONG_S = TRAINING_MS / 1000
TITLES = ("Kitchen Table Oval", "Chicane")
BOXES = """(canvas) => {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(document.body).getPropertyValue("--box").trim();
  probe.fillRect(0, 0, 1, 1);
  const wanted = probe.getImageData(0, 0, 1, 1).data;
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const places = [];
  for (let i = 0; i < data.length; i += 4) {
    const away = [0, 1, 2].map((k) => Math.abs(data[i + k] - wanted[k]));
    if (away[0] + away[1] + away[2] > 6) continue;
    const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
    if (places.every(([px, py]) => Math.hypot(px - x, py - y) > 60)) places.push([x, y]);
  }
  return places.length;
}"""
"""How many places of a canvas, sixty pixels apart, have the colour of a box."""


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


def test_an_obstacle_is_dragged_by_a_finger(browser: Browser, service: Service) -> None:
    with visiting(browser, service, has_touch=True, viewport={"width": 390, "height": 844}) as visitor:
        visitor.sign_in()
        page = visitor.page
        visitor.open("/create?track=oval")
        page.get_by_role("radio", name=re.compile("^Object avoidance")).check()
        ground = page.locator(".obstacle-map")
        ground.scroll_into_view_if_needed()
        first = page.get_by_role("slider", name="Obstacle 1")
        area, box = ground.bounding_box(), first.bounding_box()
        assert area is not None
        assert box is not None
        finger = visitor.context.new_cdp_session(page)
        begin = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        end = (area["x"] + area["width"] / 2, area["y"] + area["height"] * 0.08)
        for kind, places in (("touchStart", [begin]), ("touchMove", [end]), ("touchEnd", [])):
            points = [{"x": x, "y": y} for x, y in places]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(first).to_have_attribute("aria-valuetext", re.compile(r"^8\.\d m after the start line"))


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
        if heading == "Actions":
            page.get_by_role("button", name="Late, slow or noisy sensors").click()
            page.get_by_label("Delay, steps").fill("16")
            page.get_by_role("button", name="Next").click()
            expect(page.get_by_text("Expected a delay of 0 to 15 whole steps.")).to_be_visible()
            page.get_by_label("Delay, steps").fill("1")
            page.get_by_label("Noise, grey levels").fill("4")
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
    assert body["sensor_settings"] == {"FRONT_FACING_CAMERA": {"rate_hz": 15, "delay_steps": 1, "noise_sigma": 4}}
    assert body["model_metadata"]["training_algorithm"] == "sac"
    assert body["model_metadata"]["action_space_type"] == "continuous"
    assert body["hyperparameters"]["sac_alpha"] == 0.1


def test_several_tracks_and_ranges_are_sent_and_a_clone_begins_with_them(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create?track=oval")
    page.get_by_text("Train on several tracks at once").click()
    page.get_by_role("checkbox", name="Chicane").check()
    oval, chicane = (page.get_by_role("group", name=f"Track {i + 1}: {title}") for i, title in enumerate(TITLES))
    chicane.get_by_label("Weight").fill("0")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text('Expected a weight above 0 and up to 1,000, got "0".')).to_be_visible()
    chicane.get_by_label("Weight").fill("2")
    expect(chicane).to_contain_text("Cars10")
    expect(oval).to_contain_text("Cars6")
    oval.get_by_role("button", name="the other way too").click()
    page.get_by_role("button", name="Make Chicane the main track").click()
    for heading in ("Reward", "Actions", "Learning"):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()

    page.get_by_role("radio", name=re.compile("^Mild")).check()
    expect(page.get_by_role("group", name="Friction")).to_contain_text("0.85 to 1.15")
    page.get_by_role("radio", name=re.compile("^Ranges of my own")).check()
    page.get_by_label("Action delay, at most").fill("1.5")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Action delay: expected two whole numbers from 0 to 10.")).to_be_visible()
    page.get_by_label("Action delay, at most").fill("4")
    page.get_by_label("Cars", exact=True).fill("2")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Expected at least a car for each of 3 tracks.")).to_be_visible()
    page.get_by_label("Cars", exact=True).fill("16")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Chicane, weight 2, the main one")).to_be_visible()
    expect(page.get_by_text("Action delay 0 to 4")).to_be_visible()
    page.get_by_role("button", name="Change Learning").click()

    body = asked(page)
    assert (body["track"], body["tracks"]) == (
        "chicane",
        [
            {"track": "chicane", "weight": 2, "reverse": None},
            {"track": "oval", "weight": 1, "reverse": None},
            {"track": "oval", "weight": 1, "reverse": True},
        ],
    )
    assert (body["randomisation"]["friction"], body["randomisation"]["action_delay_steps"]) == ([0.85, 1.15], [0, 4])
    expect(page.get_by_text("Chicane and 2 more")).to_be_visible()

    # What is not changed in a clone is as in its parent.
    visitor.open(f"/create?from={page.url.rpartition('/')[2].partition('?')[0]}")
    expect(page.get_by_role("group", name="Track 1: Chicane").get_by_label("Weight")).to_have_value("2")
    expect(page.get_by_role("group", name="Track 3: Kitchen Table Oval")).to_contain_text("The other way")
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Action delay, at most")).to_have_value("4")


def test_every_track_of_a_training_has_its_cars_its_curves_and_its_episodes(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    with service.client() as client:
        wish = {"name": "two roads", "tracks": [{"track": "oval"}, {"track": "chicane", "weight": 3}]}
        wish |= {"sensors": ["STATE"], "cars": 6, "hyperparameters": {"num_steps_between_training": 128}}
        wish |= {"max_minutes": 60}
        model = client.request("POST", "/models", json=wish)
        path = f"/models/{model['id']}"

        def episode_on_chicane() -> int | None:
            rows = client.request("GET", f"{path}/episodes")["rows"]
            return next((row["number"] + 1 for row in rows if row["track"] == "chicane"), None)

        wait_until(episode_on_chicane, "an episode on the second track", timeout_s=LONG_S)
        number = episode_on_chicane() or 0
    visitor.open(path)
    expect(page.get_by_label("The cars on the track Kitchen Table Oval, live, from above")).to_be_visible()
    choose(page, "Track", "Chicane")
    expect(page.get_by_label("The cars on the track Chicane, live, from above")).to_be_visible()

    # Of six cars the last four are on the second track. While an evaluation drives, it is one.
    cars = page.get_by_role("button", name=re.compile("^Car to follow"))

    def told() -> list[str]:
        cars.click()
        names = page.get_by_role("option").all_inner_texts()
        page.keyboard.press("Escape")
        return names

    wait_until(lambda: told()[1:] == [f"Car {n}" for n in (3, 4, 5, 6)], "its cars", timeout_s=LONG_S)
    expect(page.get_by_role("img", name="Mean reward of each update on Kitchen Table Oval, Chicane")).to_be_visible()
    choose(page, "Curves of the tracks", "Chicane")
    expect(page.get_by_role("slider", name=re.compile(r"^Reward of \d+ training episodes"))).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()

    with service.client() as client:
        wait_until(lambda: client.request("GET", path)["jobs"][0]["finished_at"], "its end", timeout_s=LONG_S)
    visitor.open(f"/laps?lap={model['id']}:episode:{number - 1}")
    expect(page.get_by_role("heading", name="Chicane", level=2)).to_be_visible()


def test_boxes_are_seen_live_and_in_the_replay_of_an_evaluation_with_penalties(
    visitor: Visitor, service: Service
) -> None:
    page = visitor.page
    race = {"race_type": "OBJECT_AVOIDANCE", "object_positions": ["0.06,-1", "0.4,1", "0.7,-1"]}
    with service.client() as client:
        wish = {"name": "among boxes", "track": "oval", "race": race, "model_metadata": STRAIGHT_ON}
        wish |= {"cars": 4, "hyperparameters": {"num_steps_between_training": 128}, "max_minutes": 60}
        model = client.request("POST", "/models", json=wish)
    visitor.open(f"/models/{model['id']}")
    live = page.get_by_label(re.compile("^The cars on the track .*, live, from above"))
    boxes_on(live, at_least=3)
    for view in ("Top 3D", "Chase"):
        page.get_by_role("button", name=view, exact=True).click()
        scene = page.get_by_label(re.compile("^The cars on the track .*, live, in three dimensions"))
        expect(scene).to_be_visible(timeout=TRAINING_MS)
        seen = f"boxes in the view {view}"
        wait_until(lambda scene=scene: cardboard(scene.screenshot()) > 20, seen, timeout_s=LONG_S)
        scene.screenshot(path=SCREENSHOTS / f"race-{view.split()[0].lower()}-light.png")
    page.get_by_role("button", name="Map", exact=True).click()
    updates = page.locator("dt", has_text="Policy updates").locator("xpath=following-sibling::dd[1]")
    expect(updates).to_have_text(re.compile(r"^[1-9]"), timeout=TRAINING_MS)
    page.get_by_role("button", name="Stop", exact=True).click()

    page.get_by_role("button", name="Evaluate").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Laps").first.fill("1")
    dialog.get_by_label("The car is set back and goes on").check()
    dialog.get_by_label("Seconds for a crash").fill("61")
    dialog.get_by_role("button", name="Drive").click()
    expect(dialog.get_by_text("Expected seconds from 0 to 60.")).to_be_visible()
    dialog.get_by_label("Seconds for a crash").fill("7.5")
    dialog.get_by_label("Set back at most").fill("2")
    choose(page, "Conditions", "Mild")
    with page.expect_request(re.compile("/evaluations$")) as request:
        dialog.get_by_role("button", name="Drive").click()
    assert request.value.post_data_json["randomisation"] == "mild"
    assert request.value.post_data_json["race"] == {
        "number_of_resets": 2,
        "off_track_penalty": 2,
        "collision_penalty": 7.5,
    }
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Replay lap 1"))
    expect(row).to_be_visible(timeout=TRAINING_MS)
    expect(row.get_by_role("cell").filter(has_text=re.compile(r"^\d+\.\d s$"))).to_have_count(1)
    assert page.get_by_role("columnheader", name="Penalty").count() == 1

    page.get_by_role("link", name="Replay lap 1").click()
    boxes_on(page.get_by_test_id("ghosts"), at_least=3)
    page.screenshot(path=SCREENSHOTS / "race-laps-light.png", full_page=True)


def boxes_on(canvas: Locator, *, at_least: int) -> None:
    """Waits until boxes can be seen on a map, and asserts how many stand apart from each other."""
    expect(canvas).to_be_visible(timeout=TRAINING_MS)
    wait_until(lambda: canvas.evaluate(BOXES) >= at_least, "boxes on the map", timeout_s=LONG_S)


def cardboard(picture: bytes) -> int:
    """Returns how many pixels of a picture have the colour of a box in whatever light."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(float).reshape(-1, 3)
    red, green, blue = np.maximum(pixels, 1.0).T
    return int(np.sum((red > 110) & (np.abs(green / red - 0.75) < 0.05) & (blue / red < 0.55)))
