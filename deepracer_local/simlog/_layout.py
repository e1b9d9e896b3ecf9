"""Where each file lies: the two folder layouts that the community's tools know.

Source: reference, sections 6.5 and 7; deepracer-utils 1.5.6, ``deepracer/logs/handler.py``.
"""

from __future__ import annotations

from enum import StrEnum

METADATA = "model/model_metadata.json"
CHECKPOINTS = "model/deepracer_checkpoints.json"
HYPERPARAMETERS = "ip/hyperparameters.json"
REWARD_FUNCTION = "reward_function.py"
TRAINING_PARAMS = "training_params.yaml"


class Layout(StrEnum):
    """``console``: as AWS's console gave logs to download; ``drfc``: as DeepRacer-for-Cloud has them in its bucket."""

    CONSOLE = "console"
    DRFC = "drfc"

    @property
    def has_logs(self) -> bool:
        """Whether the printed lines belong to it; DeepRacer-for-Cloud leaves them to Docker."""
        return self is Layout.CONSOLE

    def training_trace(self, iteration: int) -> str:
        """Returns where the steps of a training iteration lie."""
        folder = "sim-trace/training/" if self is Layout.CONSOLE else ""
        return f"{folder}training-simtrace/{iteration}-iteration.csv"

    def training_metrics(self, stamp: str, name: str) -> str:
        """Returns where the metrics of a training lie; ``stamp`` is when it began, fourteen digits."""
        if self is Layout.CONSOLE:
            return f"metrics/training/training-{stamp}-{name}.json"
        return "metrics/TrainingMetrics.json"

    def evaluation_trace(self, stamp: str, name: str) -> str:
        """Returns where the steps of an evaluation lie."""
        folder = f"sim-trace/evaluation/{stamp}-{name}" if self is Layout.CONSOLE else f"evaluation-{stamp}"
        return f"{folder}/evaluation-simtrace/0-iteration.csv"

    def evaluation_metrics(self, stamp: str, name: str) -> str:
        """Returns where the metrics of an evaluation lie."""
        end = f"-{name}" if self is Layout.CONSOLE else ""
        return f"metrics/evaluation/evaluation-{stamp}{end}.json"


def log_path(kind: str, stamp: str, name: str, part: str) -> str:
    """Returns where printed lines lie; ``part`` is robomaker (the simulation) or sagemaker (the learning)."""
    return f"logs/{kind}/{kind}-{stamp}-{name}-{part}.log"
