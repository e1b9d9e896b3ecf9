"""The stages of a training: written in the wizard, seen on the model's page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.dashboard.browser import Visitor
from tests.dashboard.racer import ACTIONS
from tests.integration.service import Service, wait_for_job

STAGES = {
    "stages": [
        {"name": "slow", "tracks": ["oval"], "max_speed_mps": 0.5, "advance": {"completion": 100, "max_steps": 64}},
        {
            "name": "boxes",
            "tracks": ["chicane"],
            "race": {"race_type": "OBJECT_AVOIDANCE", "number_of_obstacles": 2},
            "advance": {"max_steps": 64},
        },
        {"name": "end", "tracks": ["oval"]},
    ],
    "look_back_every": 1,
}


def test_stages_are_written_as_text_and_what_is_wrong_is_said_beside_it(visitor: Visitor, service: Service) -> None:
    page = visitor.page
    visitor.open("/create")
    page.get_by_label("Name", exact=True).fill("in stages")
    page.get_by_role("button", name=re.compile("^Curriculum")).click()
    page.get_by_role("button", name="Put in an example").click()
    field = page.get_by_label("Stages, as YAML or JSON")
    expect(field).to_have_value(re.compile("name: slow.*name: boxes.*name: all", re.DOTALL))
    text = field.input_value()

    field.fill(text.replace("completion: 80", "completion: 180"))
    visitor.is_disturbed = True  # the browser tells of the refused request
    page.get_by_role("button", name="Train now").first.click()
    expect(page.get_by_text(re.compile("stage 2: .*less than or equal to 100, got 180"))).to_be_visible()
    visitor.is_disturbed = False
    field.fill(text)
    page.get_by_role("button", name="Train now").first.click()

    expect(page.get_by_role("heading", name="in stages", level=1)).to_be_visible()
    table = page.get_by_role("table", name="Stages")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").nth(1)).to_contain_text("at most 0.8 m/s")
    page.get_by_role("button", name="Stop", exact=True).click()
    with service.client() as client:
        [model] = client.models(search="in stages")
        wait_for_job(client, client.model(model["id"]).info["jobs"][0]["id"], lambda job: job["finished_at"], "its end")


def test_the_page_of_a_model_shows_its_stages_and_replays_an_episode_where_it_was_driven(
    visitor: Visitor, service: Service
) -> None:
    hyperparameters = {"num_steps_between_training": 64, "num_epochs": 3, "batch_size": 32}
    with service.client() as client:
        body = {"name": "three", "curriculum": STAGES, "cars": 2, "sensors": ["STATE"], "max_steps": 190}
        metadata = {"action_space": ACTIONS, "action_space_type": "discrete", "version": "5"}
        more = {"hyperparameters": hyperparameters, "model_metadata": metadata}
        model = client.request("POST", "/models", json=body | more)
        wait_for_job(client, model["jobs"][0]["id"], lambda job: job["finished_at"], "its end")
        episodes = client.model(model["id"]).episodes()
    in_boxes = next(row["number"] for row in episodes if row["stage"] == 2)
    page = visitor.page

    visitor.open(f"/models/{model['id']}")

    rows = page.get_by_role("table", name="Stages").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("oval; at most 0.5 m/s")
    expect(rows.nth(1)).to_contain_text("64 steps")
    expect(rows.nth(2)).to_contain_text("chicane; 2 boxes")
    expect(rows.nth(3)).to_contain_text("the training ends")
    expect(rows.nth(1).get_by_role("cell").nth(4)).to_contain_text("%")  # how it is driven since it was left
    visitor.open(f"/laps?lap={model['id']}%3Aepisode%3A{in_boxes}")
    expect(page.get_by_text(f"Training episode {in_boxes}", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Chicane")
