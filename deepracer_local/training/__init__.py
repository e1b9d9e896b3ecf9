"""Learning from any Gymnasium environment: PPO and SAC, their networks, the training loop and evaluation."""

from deepracer_local.training._census import NetworkSize, measure_networks
from deepracer_local.training._description import OutputRecorder, describe_policy, outputs_of
from deepracer_local.training._evaluate import evaluate
from deepracer_local.training._insight import CELL_PX, Insight, can_look_into, look_into
from deepracer_local.training._live import LiveWriter
from deepracer_local.training._load import load_policy, use_threads
from deepracer_local.training._observations import batch_of_one, newest, pictures_in
from deepracer_local.training._policy import DeterministicPolicy, Policy
from deepracer_local.training._recorder import TraceRecorder
from deepracer_local.training._stages import EnvironmentsOf, StageEnvironments, one_stage
from deepracer_local.training._tour import Road
from deepracer_local.training._train import Trainer
from deepracer_local.training._vector import Judge, Judged

__all__ = [
    "CELL_PX",
    "DeterministicPolicy",
    "EnvironmentsOf",
    "Insight",
    "Judge",
    "Judged",
    "LiveWriter",
    "NetworkSize",
    "OutputRecorder",
    "Policy",
    "Road",
    "StageEnvironments",
    "TraceRecorder",
    "Trainer",
    "batch_of_one",
    "can_look_into",
    "describe_policy",
    "evaluate",
    "load_policy",
    "look_into",
    "measure_networks",
    "newest",
    "one_stage",
    "outputs_of",
    "pictures_in",
    "use_threads",
]
