"""Tells Gymnasium the name of our environment; Gymnasium calls it through the package's entry point."""

from __future__ import annotations

import gymnasium

ENVIRONMENT_ID = "DeepRacer-v0"


def register() -> None:
    """Registers ``DeepRacer-v0`` without importing the simulator."""
    gymnasium.register(id=ENVIRONMENT_ID, entry_point="deepracer_local.env:DeepRacerEnv")
