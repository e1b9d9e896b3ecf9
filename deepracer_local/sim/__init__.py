"""The world: how the car moves, and what is seen of it. The only room that knows PyBullet."""

from deepracer_local.sim._kinematic import KinematicSimulator
from deepracer_local.sim._simulator import Simulator
from deepracer_local.sim._tyres import TyreSimulator

__all__ = [
    "KinematicSimulator",
    "Simulator",
    "TyreSimulator",
]
