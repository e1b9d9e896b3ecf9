"""The rules of a race as pure arithmetic: progress, laps, endings, starts, and the original's reward parameters."""

from deepracer_local.race._bots import move_objects
from deepracer_local.race._lanes import back_after_crash, back_on_road, counts_as_crash, start_pose
from deepracer_local.race._object_params import object_params
from deepracer_local.race._opponent import expected_pose, mirrored, opponent_at, opponent_at_start
from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._reward_samples import sample_reward
from deepracer_local.race._road_objects import (
    NO_WHEELS,
    ObjectPlace,
    place_objects,
    place_of,
    require_room,
    require_room_in_stages,
)
from deepracer_local.race._rules import RaceRules, RaceState
from deepracer_local.race._sample_grid import sample_grid
from deepracer_local.race._sample_laps import recorded_params, sample_laps
from deepracer_local.race._samples import sample_states
from deepracer_local.race._starts import Start, next_start
from deepracer_local.race._time_trial import TimeTrial

__all__ = [
    "NO_WHEELS",
    "ObjectPlace",
    "RaceRules",
    "RaceState",
    "Start",
    "TimeTrial",
    "back_after_crash",
    "back_on_road",
    "counts_as_crash",
    "expected_pose",
    "mirrored",
    "move_objects",
    "next_start",
    "object_params",
    "opponent_at",
    "opponent_at_start",
    "place_objects",
    "place_of",
    "recorded_params",
    "require_room",
    "require_room_in_stages",
    "reward_params",
    "sample_grid",
    "sample_laps",
    "sample_reward",
    "sample_states",
    "start_pose",
]
