"""The rules of a race as pure arithmetic: progress, laps, endings, starts, and the original's reward parameters."""

from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._reward_samples import sample_reward
from deepracer_local.race._rules import RaceRules, RaceState
from deepracer_local.race._sample_grid import sample_grid
from deepracer_local.race._sample_laps import recorded_params, sample_laps
from deepracer_local.race._samples import sample_states
from deepracer_local.race._starts import Start, next_start
from deepracer_local.race._time_trial import TimeTrial

__all__ = [
    "RaceRules",
    "RaceState",
    "Start",
    "TimeTrial",
    "next_start",
    "recorded_params",
    "reward_params",
    "sample_grid",
    "sample_laps",
    "sample_reward",
    "sample_states",
]
