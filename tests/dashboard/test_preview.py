"""The reward editor's preview in a real browser: what is typed is painted, and what is wrong is said at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from deepracer_local.reward import list_examples
from tests.dashboard.browser import SCREENSHOTS, Visitor, visiting
from tests.dashboard.test_looks import LOOKS, is_cloudscapes, settle
from tests.dashboard.test_race import BOXES
from tests.integration.service import Service, wait_until

HEAD = "def reward_function(params):\n"
N_EXAMPLES = len(list_examples())
PAINTED = "[data-testid=reward-preview][data-state=done]"


def open_editor(visitor: Visitor) -> Page:
    """Goes to the wizard's second step and waits for its picture."""
    visitor.open("/create?track=oval")
    visitor.page.get_by_role("button", name="Next").click()
    visitor.page.locator(PAINTED).wait_for()
    visitor.page.locator(f"{PAINTED} canvas").wait_for()
    return visitor.page


def write(page: Page, body: str) -> None:
    """Replaces the text of the editor."""
    page.get_by_label("Reward function", exact=True).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(f"{HEAD}    {body}\n")


def colours(page: Page) -> str:
    """Returns the picture of the map as it is drawn."""
    script = "canvas => canvas.toDataURL()"
    return str(page.locator("[data-testid=reward-preview] canvas").evaluate(script))


def drop(page: Page, name: str, text: str) -> None:
    """Lets a file fall on the editor."""
    script = """([name, text]) => {
        const held = new DataTransfer();
        held.items.add(new File([text], name, { type: "text/x-python" }));
        return held;
    }"""
    held = page.evaluate_handle(script, [name, text])
    editor = page.locator(".cm-content")
    editor.dispatch_event("dragover", {"dataTransfer": held})
    editor.dispatch_event("drop", {"dataTransfer": held})


def check(page: Page) -> Locator:
    return page.get_by_test_id("reward-check")


def test_typing_changes_the_picture_and_an_error_is_shown_at_its_line(visitor: Visitor) -> None:
    page = open_editor(visitor)
    lap = page.get_by_role("button", name="Zig-zag")
    expect(lap).to_contain_text("% of centre")
    before = colours(page)

    write(page, "return params['steps'] * 0 + params['distance_from_center'] * 10")

    # Far from the line pays more now: more than the lap along it, which is paid next to nothing.
    expect(lap).to_contain_text(re.compile(r"[0-9]{4,} % of centre"))
    wait_until(lambda: colours(page) != before, "another picture")

    # A fault is shown at its line, and the picture stays.
    expect(page.locator(".is-stale")).to_have_count(0)
    before = colours(page)

    write(page, "return params['nothing']")

    expect(check(page)).to_contain_text("Line 2:")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.locator(".is-stale")).to_have_count(1)
    assert colours(page) == before

    write(page, "return params['speed']")

    expect(check(page)).to_contain_text("It works")
    expect(page.locator(".is-stale")).to_have_count(0)


def test_the_verdict_says_what_the_car_would_learn(visitor: Visitor) -> None:
    page = open_editor(visitor)

    for body, verdict, advice in (
        ("return 1.0", "Flat", "Let it depend on how the car drives"),
        ("return 100.0 * (params['progress'] >= 100)", "Sparse", "Pay a little for getting nearer"),
        ("return 2.0 - params['speed']", "Pays for standing still", "Pay for speed or progress"),
    ):
        write(page, body)
        expect(check(page).get_by_text(verdict, exact=True)).to_be_visible()
        expect(check(page)).to_contain_text(advice)


def test_the_place_is_chosen_by_keys_and_tells_what_the_function_is_told(visitor: Visitor) -> None:
    page = open_editor(visitor)
    write(page, "return params['progress']")
    here = page.get_by_test_id("reward-here")
    expect(here).to_contain_text(re.compile(r"step 1 of \d+: reward 1\.\d+"))

    place = page.get_by_role("slider", name="Step of the lap")
    place.focus()
    page.keyboard.press("End")
    expect(here).to_contain_text("reward 100")
    expect(place).to_have_attribute("aria-valuetext", re.compile("reward 100"))
    page.get_by_role("button", name="Values at the marked place").click()
    expect(page.locator(".told")).to_contain_text("track_width0.80 m")

    page.get_by_role("radio", name="Whole road").or_(page.get_by_text("Whole road")).first.click()
    page.get_by_role("slider", name="Place on the road").focus()
    page.keyboard.press("ArrowUp")
    expect(here).to_contain_text("left of the centre line, facing forward")

    page.get_by_label("Reward function", exact=True).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(f"{HEAD}    return params[''")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("track_w")
    expect(page.get_by_role("option", name=re.compile("track_width.*0.80 m here")).first).to_be_visible()


def test_the_boxes_of_the_race_are_painted_and_told(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/create?track=oval")
    page.get_by_role("radio", name=re.compile("^Object avoidance")).check()
    page.get_by_role("button", name="Next").click()
    page.locator(f"{PAINTED} canvas").wait_for()
    write(page, "return 0.25 if params['is_crashed'] else float(len(params['objects_location']))")

    expect(page.get_by_test_id("reward-preview")).to_contain_text("the function is told that it has crashed")
    expect(page.get_by_role("img", name=re.compile("^Colours: from 0.25, dark, to 3 "))).to_be_visible()
    wait_until(lambda: page.locator("[data-testid=reward-preview] canvas").evaluate(BOXES) == 3, "three boxes")
    page.get_by_role("button", name="Values at the marked place").click()
    expect(page.locator(".told")).to_contain_text("closest_objects[2, 0]")


def test_every_example_has_a_picture_and_one_click_takes_it(visitor: Visitor) -> None:
    page = open_editor(visitor)
    page.get_by_role("button", name="Begin with an example").click()

    expect(page.locator(".examples canvas")).to_have_count(N_EXAMPLES)
    script = "all => new Set(all.map(canvas => canvas.toDataURL())).size"
    wait_until(
        lambda: page.locator(".examples canvas").evaluate_all(script) >= 8, "ten pictures, eight of them different"
    )
    page.get_by_role("button", name=re.compile("Use this: Get round in few steps")).click()

    expect(page.locator(".cm-content")).to_contain_text("Get round in few steps")
    expect(check(page)).to_contain_text("It works")


def test_a_file_replaces_the_text_and_asks_before_edits_are_lost(visitor: Visitor, tmp_path: Path) -> None:
    page = open_editor(visitor)

    drop(page, "mine.py", f"{HEAD}    return params['speed']  # mine\r\n")
    expect(page.locator(".cm-content")).to_contain_text("# mine")
    write(page, "return params['progress']  # edited")
    drop(page, "other.py", f"{HEAD}    return params['speed']  # other\n")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("other.py")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator(".cm-content")).to_contain_text("# edited")
    drop(page, "other.py", f"{HEAD}    return params['speed']  # other\n")
    dialog.get_by_role("button", name="Replace").click()

    expect(page.locator(".cm-content")).to_contain_text("# other")
    expect(page.locator(".cm-content")).not_to_contain_text("# edited")

    # By the button; a wrong one is refused.
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(f"{HEAD}    return params['speed']  # from a file\n", encoding="utf-8")
    bad.write_bytes(b"x" * 140_001)

    page.locator("input[type=file]").set_input_files(good)
    expect(page.locator(".cm-content")).to_contain_text("# from a file")
    page.locator("input[type=file]").set_input_files(bad)

    expect(page.get_by_text("Expected Python of at most")).to_be_visible()
    expect(page.locator(".cm-content")).to_contain_text("# from a file")


@pytest.mark.parametrize("look", LOOKS)
def test_the_editor_fits_and_is_accessible(browser: Browser, service: Service, look: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    with visiting(browser, service, **LOOKS[look]) as visitor:
        visitor.sign_in()
        page = open_editor(visitor)
        page.get_by_role("button", name="Begin with an example").click()
        expect(page.locator(".examples canvas")).to_have_count(N_EXAMPLES)
        page.get_by_role("button", name="Values at the marked place").click()
        settle(visitor)

        page.screenshot(path=SCREENSHOTS / f"reward-{look}.png", full_page=True)

        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        faults = Axe().run(page).response["violations"]
        serious = [fault for fault in faults if fault["impact"] in {"serious", "critical"}]
        assert [fault["nodes"][0]["html"][:200] for fault in serious if not is_cloudscapes(fault)] == []
