"""What the network looks at, in the browser: frame, colours, probabilities and value of a real lap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import Visitor
from tests.dashboard.racer import Racer
from tests.integration.service import Service, wait_for_job, wait_until

PAINTED = """canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]
    .filter((value, i) => i % 4 === 3 && value > 0).length"""


@dataclass(frozen=True)
class Looked:
    """A model, an evaluation that was looked into and one that was not."""

    model_id: str
    evaluation_id: str
    blind_id: str
    steps: list[dict[str, Any]]

    def address(self, query: str = "lap=1", *, evaluation_id: str | None = None) -> str:
        return f"/models/{self.model_id}/evaluations/{evaluation_id or self.evaluation_id}/insight?{query}"


@pytest.fixture(scope="module")
def looked(service: Service, racer: Racer) -> Looked:
    with service.client() as client:
        handle = client.model(racer.id)
        blind = handle.queue_evaluation(trials=1, video=False, insight=False)
        wait_for_job(client, blind["id"], lambda job: job["status"] == "COMPLETED", "its end")
        steps = handle.insight(racer.evaluation)["steps"]
        assert len(steps) > 5
        return Looked(racer.id, racer.evaluation, blind["id"], steps)


def shown_step(page: Page) -> Any:
    return page.get_by_text(re.compile(r"^Step \d+ of \d+$"))


def test_a_lap_is_looked_into_step_by_step(visitor: Visitor, looked: Looked) -> None:
    page = visitor.page
    visitor.open(f"/models/{looked.model_id}?tab=evaluations")
    page.get_by_role("link", name="Look into lap 1").first.click()
    page.wait_for_url(re.compile("/insight"))
    visitor.open(looked.address())
    picture, colours = page.locator(".insight-frame img"), page.locator(".insight-frame canvas")

    expect(page.get_by_role("heading", name="What the network looks at", level=1)).to_be_visible()
    expect(shown_step(page)).to_have_text(f"Step 1 of {looked.steps[-1]['step']}")
    expect(picture).to_have_attribute("src", f"data:image/webp;base64,{looked.steps[0]['frame']}")
    assert picture.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [
        160,
        120,
    ]
    wait_until(lambda: colours.evaluate(PAINTED) > 0, "colours")

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(shown_step(page)).to_have_text(re.compile("^Step 3 "))
    expect(picture).to_have_attribute("src", f"data:image/webp;base64,{looked.steps[2]['frame']}")
    page.wait_for_url(re.compile(r"step=3"))
    page.get_by_role("button", name="Previous step").click()
    expect(shown_step(page)).to_have_text(re.compile("^Step 2 "))

    page.get_by_text("Show what counts").click()
    expect(page.get_by_role("checkbox", name="Show what counts")).not_to_be_checked()
    wait_until(lambda: colours.evaluate(PAINTED) == 0, "the picture alone")


def test_the_bars_are_the_probabilities_and_add_up_to_all(visitor: Visitor, looked: Looked) -> None:
    page = visitor.page
    step = looked.steps[4]
    visitor.open(looked.address(f"lap=1&step={step['step']}"))
    bars = page.get_by_role("list", name=f"How probable each action was at step {step['step']}").get_by_role("listitem")

    expect(bars).to_have_count(len(step["probabilities"]))
    percents = [float(text.removesuffix(" %")) for text in bars.locator(".choice-share").all_inner_texts()]

    assert sum(percents) == pytest.approx(100, abs=0.05 * len(percents) + 1e-6)
    assert sorted(percents) == pytest.approx([100 * share for share in sorted(step["probabilities"])], abs=0.051)
    [chosen] = [bar for bar in bars.all() if bar.get_by_role("img", name="chosen").count()]
    assert float(chosen.locator(".choice-share").inner_text().removesuffix(" %")) == max(percents)
    expect(page.get_by_role("heading", name=f"Value {step['value']:.2f}")).to_be_visible()


def test_it_plays_by_the_space_bar_to_the_end_and_rests(visitor: Visitor, looked: Looked) -> None:
    page = visitor.page
    near_end = looked.steps[-4]["step"]
    visitor.open(looked.address(f"lap=1&step={near_end}"))
    expect(shown_step(page)).to_have_text(re.compile(f"^Step {near_end} "))

    page.keyboard.press("Space")

    last = looked.steps[-1]["step"]
    expect(shown_step(page)).to_have_text(f"Step {last} of {last}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_url(re.compile(f"step={last}"))


def test_an_evaluation_that_did_not_look_says_how_to_get_it(visitor: Visitor, looked: Looked) -> None:
    page = visitor.page
    visitor.is_disturbed = True  # the browser writes the refusal to its console
    visitor.open(looked.address(evaluation_id=looked.blind_id))

    expect(page.get_by_text("Nothing was written down of lap 1")).to_be_visible()
    page.get_by_role("button", name="Evaluate again").click()
    expect(page.get_by_role("dialog").get_by_role("checkbox", name="Look into the network")).to_be_checked()
