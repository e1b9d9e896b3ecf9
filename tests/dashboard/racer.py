"""A model that many tests look at: trained and evaluated once, with a reward function that attacks the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.dashboard.payloads import PAYLOADS
from tests.integration.service import Service, wait_for_job

# What it prints, it prints in an episode's second step: in every step that would take minutes.
CODE = f"""TEXTS = {PAYLOADS!r}


def reward_function(params):
    if params["steps"] == 2:
        print("\\n".join(TEXTS))
    if params["steps"] == 3:
        return params["nothing"]
    return 1.0
"""
DESCRIPTION = PAYLOADS[0]
ACTIONS = [{"steering_angle": angle, "speed": 1.0} for angle in (-1, 0, 1)]
"""Whatever it learns, it goes straight on into the first corner: its laps are short, and look alike everywhere."""


@dataclass(frozen=True)
class Racer:
    """The model, its training, an evaluation that was looked into, and what is known of its laps."""

    id: str
    training: str
    evaluation: str
    laps: list[dict[str, Any]]

    def lap(self, number: int) -> str:
        """Returns how the page's address names a lap of the evaluation."""
        return f"{self.id}:evaluation:{self.evaluation}:{number}"


def make_racer(service: Service) -> Racer:
    """Trains it for an update, and drives two laps."""
    wish = {
        "name": "racer",
        "description": DESCRIPTION,
        "tags": ["class-a"],
        "track": "oval",
        "max_steps": 600,
        "cars": 8,
        "seed": 1,
        "model_metadata": {"action_space": ACTIONS, "action_space_type": "discrete", "version": "5"},
        "network": "fast",
        "reward_function": CODE,
        "reward_error_floor": 0.0,
        "max_reward_errors": 10_000,
    }
    with service.client() as client:
        model = client.request("POST", "/models", json=wish)
        training = model["jobs"][0]["id"]
        wait_for_job(client, training, lambda job: job["status"] == "COMPLETED", "its end")
        path = f"/models/{model['id']}/evaluations"
        job = client.request("POST", path, json={"trials": 2, "video": False, "insight": True})
        wait_for_job(client, job["id"], lambda found: found["status"] == "COMPLETED", "its end")
        return Racer(model["id"], training, job["id"], client.request("GET", f"{path}/{job['id']}")["laps"])
