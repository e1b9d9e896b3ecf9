"""Learning from any Gymnasium environment: clipped PPO, its networks, the training loop and evaluation."""

from deepracer_local.training._evaluate import evaluate
from deepracer_local.training._insight import CELL_PX, Insight, look_into
from deepracer_local.training._live import LiveWriter
from deepracer_local.training._load import load_policy, use_threads
from deepracer_local.training._policy import DeterministicPolicy, Policy
from deepracer_local.training._recorder import TraceRecorder
from deepracer_local.training._train import Trainer
from deepracer_local.training._vector import Judge, Judged

__all__ = [
    "CELL_PX",
    "DeterministicPolicy",
    "Insight",
    "Judge",
    "Judged",
    "LiveWriter",
    "Policy",
    "TraceRecorder",
    "Trainer",
    "evaluate",
    "load_policy",
    "look_into",
    "use_threads",
]
