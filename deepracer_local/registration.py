"""Tells Gymnasium the name of our environment."""

from __future__ import annotations

import gymnasium

ENVIRONMENT_ID = "DeepRacer-v0"


def register() -> None:
    """Registers ``DeepRacer-v0``; a second call changes nothing."""
    if ENVIRONMENT_ID not in gymnasium.registry:
        gymnasium.register(id=ENVIRONMENT_ID, entry_point="deepracer_local.env:DeepRacerEnv")
