"""What a form about randomisation is made of."""

from __future__ import annotations

from deepracer_local.domain import RANDOMISATIONS, to_randomisation
from tests.unit.api.service import Caller, create_model


def test_presets_and_ranges_are_listed_and_a_model_takes_them(client: Caller) -> None:
    listed = client.get("/api/v1/randomisations").json()

    presets = {preset["name"]: preset["ranges"] for preset in listed["presets"]}
    assert {name: to_randomisation(ranges) for name, ranges in presets.items()} == RANDOMISATIONS
    widest = {limits["name"]: [limits["low"], limits["high"]] for limits in listed["ranges"]}
    widest["camera_height_m"] = [-0.05, 0.05]  # both ends of all the others are possible with this one
    model = create_model(client, randomisation=widest)
    assert model["spec"]["randomisation"] == widest
