"""Somebody else's reward function in a process of its own behind a wall, asked for all cars in one round trip."""

from deepracer_local.reward.sandbox._limits import DEFAULT_LIMITS, SandboxLimits
from deepracer_local.reward.sandbox._process import ChildProcess
from deepracer_local.reward.sandbox._sandbox import CarReward, SandboxedReward, open_sandbox, warm_child
from deepracer_local.reward.sandbox._self_test import SandboxReport, try_wall
from deepracer_local.reward.sandbox._state import Printed, Wall

__all__ = [
    "DEFAULT_LIMITS",
    "CarReward",
    "ChildProcess",
    "Printed",
    "SandboxLimits",
    "SandboxReport",
    "SandboxedReward",
    "Wall",
    "open_sandbox",
    "try_wall",
    "warm_child",
]
