"""The Gymnasium environment, which conducts simulator, rules, reward and camera."""

from deepracer_local.env._duel import Duel, Turn
from deepracer_local.env._env import DeepRacerEnv
from deepracer_local.env._picture import ChaseWithMap
from deepracer_local.env._road import scene_of

__all__ = ["ChaseWithMap", "DeepRacerEnv", "Duel", "Turn", "scene_of"]
