"""Somebody else's code: reading it, calling it, and saying in plain words what is wrong with it."""

from deepracer_local.reward._check import check_reward
from deepracer_local.reward._examples import find_example, list_examples
from deepracer_local.reward._findings import CheckReport, Finding, FindingKind
from deepracer_local.reward._function import RewardFunction
from deepracer_local.reward._in_process import InProcessReward, from_callable
from deepracer_local.reward._preview import PreviewReport, preview_reward
from deepracer_local.reward._source import RewardSource, load_reward, parse_reward, read_reward_text

__all__ = [
    "CheckReport",
    "Finding",
    "FindingKind",
    "InProcessReward",
    "PreviewReport",
    "RewardFunction",
    "RewardSource",
    "check_reward",
    "find_example",
    "from_callable",
    "list_examples",
    "load_reward",
    "parse_reward",
    "preview_reward",
    "read_reward_text",
]
