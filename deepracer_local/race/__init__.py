"""The rules of a race as pure arithmetic: progress, laps, endings, starts, and the original's reward parameters."""

from deepracer_local.race._bots import move_objects
from deepracer_local.race._lanes import back_after_crash, back_on_road, counts_as_crash, start_pose
from deepracer_local.race._object_params import object_params
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._reward_samples import sample_reward
from deepracer_local.race._road_objects import (
    ObjectPlace,
    place_objects,
    place_of,
    require_room,
)
from deepracer_local.race._rules import RaceRules, RaceState
from deepracer_local.race._sample_grid import sample_grid
from deepracer_local.race._sample_laps import recorded_params, sample_laps
from deepracer_local.race._sample_road import SampleRoad
from deepracer_local.race._samples import sample_states
from deepracer_local.race._starts import Start, next_start
from deepracer_local.race._time_trial import TimeTrial

__all__ = [
    "ObjectPlace",
    "RaceRules",
    "RaceState",
    "SampleRoad",
    "Start",
    "TimeTrial",
    "back_after_crash",
    "back_on_road",
    "counts_as_crash",
    "move_objects",
    "next_start",
    "object_params",
    "place_objects",
    "place_of",
    "recorded_params",
    "require_room",
    "reward_params",
    "sample_grid",
    "sample_laps",
    "sample_reward",
    "sample_states",
    "start_pose",
]
