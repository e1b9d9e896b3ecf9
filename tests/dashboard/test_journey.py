"""What a racer does in the browser: sign in, train, watch, stop, evaluate, download; the service behind is real."""

from __future__ import annotations

import json
import os
import re
import signal
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.browser import TRAINING_MS, Visitor, visiting
from tests.integration.service import Service, is_ready, wait_for_job, wait_until

OUTAGE = "The service does not answer"


@pytest.fixture(scope="module")
def service(empty_service: Service) -> Service:
    return empty_service


def status(page: Page, text: str) -> None:
    """Waits until the model says this of its status."""
    fact = page.locator("dl").first.locator("dd").first
    expect(fact).to_have_text(re.compile(text), timeout=TRAINING_MS)


def test_from_the_link_to_the_downloaded_model(browser: Browser, service: Service, tmp_path: Path) -> None:
    with visiting(browser, service) as visitor:
        page = visitor.page
        visitor.is_disturbed = True  # the browser writes the refusal to its console
        response = page.goto(f"{service.url}/models")
        assert response is not None
        assert response.status == 401
        expect(page.get_by_role("heading", name="Sign in to deepracer_local")).to_be_visible()

        visitor.is_disturbed = False
        visitor.sign_in()
        assert page.url == f"{service.url}/"
        page.get_by_role("button", name="Start the first training").click()

        expect(page.get_by_role("heading", name="My first model", level=1)).to_be_visible()
        status(page, "Training")
        progress = page.locator("dt", has_text="Progress").locator("xpath=following-sibling::dd[1]")
        expect(progress).to_have_text(re.compile(r"\d %$"), timeout=TRAINING_MS)
        first = progress.inner_text()
        expect(progress).not_to_have_text(first, timeout=TRAINING_MS)  # the cars move
        updates = page.locator("dt", has_text="Policy updates").locator("xpath=following-sibling::dd[1]")
        expect(updates).to_have_text(re.compile(r"^[2-9]|\d\d"), timeout=TRAINING_MS)
        expect(page.locator(".chart canvas")).to_have_count(2)

        page.get_by_role("button", name="Stop", exact=True).click()
        status(page, "Ready")

        page.get_by_role("button", name="Evaluate").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Laps").fill("1")
        dialog.get_by_role("button", name="Drive").click()
        expect(page.get_by_role("cell", name=re.compile("Off track|Lap complete"))).to_be_visible(timeout=TRAINING_MS)

        page.get_by_role("link", name="Replay lap 1").click()
        expect(page.get_by_role("heading", name="Laps", level=1)).to_be_visible()
        page.get_by_role("button", name="Play", exact=True).click()
        expect(page.get_by_test_id("readout").locator("dd").first).not_to_have_text("0.00 s")
        page.go_back()

        page.get_by_role("tab", name="Files").click()
        page.get_by_role("button", name="Make for the physical car").click()
        expect(page.get_by_text("The physical car's archive chose the network's action on")).to_be_visible(
            timeout=TRAINING_MS
        )
        with page.expect_download() as download:
            page.get_by_role("link", name="For the physical car").click()
        download.value.save_as(tmp_path / "car.tar.gz")

        page.get_by_role("button", name="Actions").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Model as tar.gz").click()
        download.value.save_as(tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert any(name.endswith("policy.safetensors") for name in archive.getnames())
    with tarfile.open(tmp_path / "car.tar.gz") as archive:
        assert any(name.endswith("model.pb") for name in archive.getnames())


def test_the_editor_shows_an_error_at_its_line(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create")
    page.get_by_role("button", name="Next").click()
    editor = page.get_by_label("Reward function", exact=True)
    expect(page.get_by_test_id("reward-check")).to_contain_text("It works")

    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def reward_function(params):\n    return params['nothing']\n")

    expect(page.get_by_test_id("reward-check")).to_contain_text("Line 2:")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)

    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def reward_function(params):\n    return params[''")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("dist")
    expect(page.get_by_role("option", name=re.compile("distance_from_center")).first).to_be_visible()


def test_only_the_visible_step_is_refused_and_the_summary_names_the_rest(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create")
    page.get_by_label("Name", exact=True).fill("<nothing>")

    page.get_by_role("button", name="Next").click()

    expect(page.get_by_text("Expected 1 to 64 letters, digits")).to_be_visible()
    expect(page.get_by_role("heading", name="Track", level=1)).to_be_visible()


def test_the_models_can_be_found_tagged_compared_and_deleted(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    with service.client() as client:
        for name, tag in (("alpha", "red"), ("beta", "red"), ("gamma", "blue")):
            model = client.request(
                "POST", "/models", json={"name": name, "track": "oval", "tags": [tag], "seed": len(name)}
            )
            client.request("POST", f"/models/{model['id']}/stop")
            wait_until(
                lambda path=f"/models/{model['id']}": client.request("GET", path)["jobs"][0]["finished_at"], name
            )
    visitor.open("/models")

    page.get_by_role("button", name="Only models with the tag red").first.click()
    expect(page.get_by_role("link", name="gamma")).to_have_count(0)
    page.get_by_role("checkbox", name="alpha").check()
    page.get_by_role("checkbox", name="beta").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 2 models")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Seed")).get_by_role("cell")).to_have_text(["5", "4"])

    visitor.open("/models")
    page.get_by_label("Find models").fill("gam")
    expect(page.get_by_role("link", name="alpha")).to_have_count(0)
    page.get_by_role("checkbox", name="gamma").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No model fits")).to_be_visible()


def test_a_restart_in_the_middle_of_a_training_loses_no_event_and_needs_no_reload(
    visitor: Visitor, service: Service
) -> None:
    page = visitor.page
    told: list[str | bytes] = []

    def listen(text: str | bytes) -> None:
        told.append(text)

    page.on("websocket", lambda socket: socket.on("framereceived", listen))
    visitor.notice(OUTAGE)
    visitor.open("/")
    with service.client() as client:
        wish = {"name": "through the restart", "track": "oval", "cars": 8, "max_minutes": 60}
        model = client.request("POST", "/models", json=wish)
        job = model["jobs"][0]["id"]
        wait_for_job(client, job, lambda found: found["progress"].get("iterations", 0) >= 1, "its first update")
    visitor.is_disturbed = True
    os.kill(service.child("serve"), signal.SIGKILL)
    visitor.wait_for_noticed(OUTAGE)
    expect(page.get_by_text(OUTAGE)).to_have_count(0, timeout=TRAINING_MS)
    wait_until(lambda: is_ready(service), "the API to answer again")
    with service.client() as client:
        client.request("POST", f"/models/{model['id']}/stop")

    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="through the restart"))
    expect(row).to_contain_text("Ready", timeout=TRAINING_MS)
    with service.client() as client:
        happened = [body["id"] for name, body in client.events(job) if name == "job"]
    messages = [json.loads(text) for text in told]
    seen = [one["id"] for one in messages if one["event"] == "job" and one["data"]["job_id"] == job]
    assert len(happened) >= 3
    assert seen == happened
