"""The wall by itself, for children of other rooms. Light to import: nothing but the standard library."""

from deepracer_local.reward.sandbox._wall import put_up
from deepracer_local.reward.sandbox._wire import LAYERS, LIFELINE_FD

__all__ = ["LAYERS", "LIFELINE_FD", "put_up"]
