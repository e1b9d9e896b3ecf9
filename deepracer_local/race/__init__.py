"""The rules of a race as pure arithmetic: progress, laps, endings, starts, and the original's reward parameters."""

from deepracer_local.race._reward_params import reward_params
from deepracer_local.race._reward_samples import sample_reward
from deepracer_local.race._rules import RaceRules, RaceState
from deepracer_local.race._samples import sample_states
from deepracer_local.race._starts import Start, next_start
from deepracer_local.race._time_trial import TimeTrial

__all__ = [
    "RaceRules",
    "RaceState",
    "Start",
    "TimeTrial",
    "next_start",
    "reward_params",
    "sample_reward",
    "sample_states",
]
