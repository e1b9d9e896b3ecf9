"""Logs and metrics in the formats of the original: what the community's tools read.

The room hides those formats: the columns of simulation traces, the lines of the logs, the metrics files and the folders
in which they lie. It is given records of a training and of evaluations, and knows neither where they are kept nor where
the files go.
"""

from deepracer_local.simlog._evaluation import evaluation_files
from deepracer_local.simlog._files import LogFile
from deepracer_local.simlog._layout import Layout
from deepracer_local.simlog._pack import tar_gz, write_folder
from deepracer_local.simlog._records import EvaluationRecord, TrainingRecord
from deepracer_local.simlog._run_directory import evaluations_of, training_of
from deepracer_local.simlog._training import training_files

__all__ = [
    "EvaluationRecord",
    "Layout",
    "LogFile",
    "TrainingRecord",
    "evaluation_files",
    "evaluations_of",
    "tar_gz",
    "training_files",
    "training_of",
    "write_folder",
]
