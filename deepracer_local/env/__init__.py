"""The Gymnasium environment, which conducts simulator, rules, reward and camera."""

from deepracer_local.env._env import DeepRacerEnv
from deepracer_local.env._picture import ChaseWithMap

__all__ = ["ChaseWithMap", "DeepRacerEnv"]
