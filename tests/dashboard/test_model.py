"""The page of a model: family, checkpoints, episodes of its curves, prints and failures of its reward function."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.dashboard.browser import Visitor, choose
from tests.dashboard.payloads import PAYLOADS
from tests.dashboard.racer import Racer
from tests.integration.service import Service, wait_until


def test_prints_and_failures_are_listed_by_episode_with_the_state(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/models/{racer.id}?tab=logs")
    prints = page.get_by_role("table").filter(has=page.get_by_text(PAYLOADS[0]))
    failures = page.get_by_role("table").filter(has_text="nothing")
    expect(page.get_by_role("heading", name="Prints of the reward function by episode")).to_be_visible()
    expect(page.get_by_role("heading", name="Failures of the reward function")).to_be_visible()

    row = failures.get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(1)).to_have_text("3")  # the step
    row.get_by_role("button", name="The state that it was told").click()
    expect(row.locator(".told")).to_contain_text(re.compile(r"track_width0\.\d"))

    page.get_by_label("Find in: Prints of the reward function by episode").fill("episode 2")
    expect(prints.get_by_role("row")).to_have_count(2)
    prints.get_by_role("link", name="Replay episode 2").click()
    expect(page.get_by_role("heading", name="Laps", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Training episode \d+$"))).to_be_visible()
    assert page.evaluate("window.wasRun") is None


def test_a_click_on_a_curve_and_enter_replay_the_episode(visitor: Visitor, racer: Racer) -> None:
    page = visitor.page
    visitor.open(f"/models/{racer.id}")
    chart = page.get_by_role("slider", name=re.compile("^Reward of"))
    chart.locator(".u-over").hover()
    said = page.locator(".hovered", has_text="Episode").first
    expect(said).to_contain_text("of the lap in")
    number = re.findall(r"Episode (\d+)", said.inner_text())[0]

    chart.locator(".u-over").click()

    expect(page).to_have_url(re.compile(f"lap={racer.id}%3Aepisode%3A{number}$"))
    page.go_back()
    chart.focus()
    chart.press("ArrowRight")
    chart.press("Enter")
    expect(page).to_have_url(re.compile(f"lap={racer.id}%3Aepisode%3A"))


def test_a_checkpoint_is_chosen_to_go_on_from_and_the_family_shows_what_changed(
    visitor: Visitor, service: Service, racer: Racer
) -> None:
    page = visitor.page
    with service.client() as client:
        first, *_ = client.request("GET", f"/models/{racer.id}/checkpoints")["checkpoints"]
    steps = f"{int(first['name']):,}"
    visitor.open(f"/models/{racer.id}")
    page.get_by_role("button", name=f"Evaluate the model after {first['name']} steps").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=re.compile("^Checkpoint"))).to_contain_text(f"After {steps} steps")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name=f"Train on from the model after {first['name']} steps").click()
    expect(page.get_by_role("button", name=re.compile("^Checkpoint"))).to_contain_text(f"After {steps} steps")
    page.get_by_label("Name", exact=True).fill("child")
    page.get_by_role("button", name="The other way").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Reward function", exact=True).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def reward_function(params):\n    return params['speed']\n")
    page.get_by_role("button", name="Train now").click()

    expect(page.get_by_role("heading", name="child", level=1)).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("tab", name="Settings").click()
    family = page.locator(".family").first
    expect(family.get_by_role("link", name="racer")).to_be_visible()
    child = family.locator("li", has=page.locator("[aria-current=page]")).last
    expect(child).to_contain_text(f"Began with its checkpoint {first['name']}")
    expect(child).to_contain_text("Direction: as drawn → the other way")
    child.get_by_role("button", name="Another reward function").click()
    expect(child.locator(".diff .added")).to_contain_text(["return params['speed']"])
    expect(child.locator(".diff .removed").first).to_contain_text(PAYLOADS[0])
    assert page.evaluate("window.wasRun") is None

    # It is deleted by somebody else, which the list shows by itself.
    visitor.open("/models")
    expect(page.get_by_role("link", name="child")).to_be_visible()
    with service.client() as client:
        [made] = [model for model in client.models() if model["name"] == "child"]
        path = f"/models/{made['id']}"
        wait_until(lambda: client.request("GET", path)["jobs"][0]["finished_at"], "its end")
        client.request("DELETE", path)
    expect(page.get_by_role("link", name="child")).to_have_count(0)


def test_sensors_that_are_chosen_are_what_the_model_reads(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    visitor.open("/create?track=oval")
    page.get_by_label("Name", exact=True).fill("seeing twice")
    for heading in ("Reward", "Actions"):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    choose(page, "Camera", "Stereo cameras")
    choose(page, "Lidar", "Sector lidar")
    page.get_by_role("button", name="Train now").click()

    expect(page.get_by_role("heading", name="seeing twice", level=1)).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_text("Stereo cameras, Sector lidar")).to_be_visible()
    with service.client() as client:
        [made] = [model for model in client.models() if model["name"] == "seeing twice"]
        sensors = client.request("GET", f"/models/{made['id']}")["spec"]["model_metadata"]["sensor"]
    assert sensors == ["STEREO_CAMERAS", "SECTOR_LIDAR"]
