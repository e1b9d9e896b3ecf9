"""The page Learn: each step is pressed against the real service, and what is done stays ticked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.browser import TRAINING_MS, Visitor
from tests.integration.service import Service, wait_until


@pytest.fixture(scope="module")
def service(empty_service: Service) -> Service:
    return empty_service


def step(page: Page, number: int) -> Locator:
    return page.locator(".learn-steps > li").nth(number - 1)


def done(page: Page, *numbers: int) -> None:
    """Waits until exactly these steps are ticked."""
    for number in range(1, 8):
        tick = step(page, number).get_by_text("Done", exact=True)
        expect(tick).to_have_count(1 if number in numbers else 0)
    expect(page.get_by_text(f"{len(numbers)} of 7 steps done")).to_be_visible()


def first_three(visitor: Visitor) -> None:
    """Goes from the home page through the steps that need no model."""
    page = visitor.page
    visitor.open("/")
    page.get_by_role("link", name="Learn how it works").click()
    done(page)

    seen = page.locator("canvas.car-view")
    expect(seen).to_have_attribute("aria-label", re.compile(r"^The road from the car, 0 metres"))
    before = seen.evaluate("canvas => canvas.toDataURL()")
    page.get_by_role("button", name="Drive on 1 m").click()
    expect(seen).to_have_attribute("aria-label", re.compile(r"^The road from the car, 1 metres"))
    wait_until(lambda: seen.evaluate("canvas => canvas.toDataURL()") != before, "the road a metre on")
    done(page, 1)

    page.get_by_role("button", name="Next: what it may do").click()
    page.get_by_role("button", name="3 directions").click()
    expect(page.get_by_role("img", name="3 actions up to 1 m/s")).to_be_visible()
    done(page, 1, 2)

    page.get_by_role("button", name="Next: say what is good").click()
    editor = page.get_by_label("Reward function", exact=True)
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def reward_function(params):\n    return params['width']\n")
    page.get_by_role("button", name="Try it on the oval").click()
    expect(page.get_by_text(re.compile("^Line 2: "))).to_be_visible()
    done(page, 1, 2)
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def reward_function(params):\n    return params['track_width']\n")
    page.get_by_role("button", name="Try it on the oval").click()
    expect(page.get_by_text(re.compile(r"It works: on \d+ states of the oval it pays 0\.80 to 0\.80"))).to_be_visible()
    done(page, 1, 2, 3)


def test_the_seven_steps_from_the_first_picture_to_the_clone(visitor: Visitor, service: Service) -> None:
    first_three(visitor)
    page = visitor.page

    page.get_by_role("button", name="Next: press train, and watch").click()
    page.get_by_role("button", name="Train for 2 minutes").click()
    expect(page.get_by_role("img", name=re.compile("The cars on the track .*, live"))).to_be_visible(
        timeout=TRAINING_MS
    )
    expect(step(page, 4).get_by_text("Done", exact=True)).to_be_visible(timeout=TRAINING_MS)  # the first checkpoint
    with service.client() as client:
        [model] = client.models()
        trained = client.model(model["id"])
        assert len(trained.info["spec"]["model_metadata"]["action_space"]) == 3
        assert "track_width" in client.text(f"/models/{model['id']}/reward-function")
        if not trained.info["jobs"][0]["finished_at"]:  # its two minutes may be over on a slow machine
            trained.stop()
        wait_until(lambda: trained.refresh().info["jobs"][0]["finished_at"], "the end of the training")

    page.reload()  # ticks of the browser and of the service
    done(page, 1, 2, 3, 4)
    expect(page.get_by_text("Completion of the lap over steps")).to_be_visible()  # it goes on where it was
    page.get_by_role("link", name="Open the curves of My first car").click()
    expect(page.get_by_role("heading", name="My first car", level=1)).to_be_visible()

    page.get_by_role("link", name="Learn", exact=True).click()
    done(page, 1, 2, 3, 4, 5)
    page.get_by_role("button", name="Drive 3 laps").click()
    expect(page.get_by_text(re.compile("left the road at|finished in")).first).to_be_visible(timeout=TRAINING_MS)
    done(page, 1, 2, 3, 4, 5, 6)

    page.get_by_role("button", name="Next: make it better, and race").click()
    page.get_by_role("link", name="Train on from My first car").click()
    expect(page.get_by_text("Begins with the weights of My first car.")).to_be_visible()


def test_a_step_without_a_model_says_what_to_do_first(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    with service.client() as client:
        for model in client.models():
            client.request("DELETE", f"/models/{model['id']}")
    visitor.open("/learn")

    page.get_by_role("button", name="7. Make it better, and race").click()
    page.get_by_role("button", name="Go to step 4").click()

    expect(page.get_by_role("button", name="Train for 2 minutes")).to_be_visible()
