"""Processes out: starting trainers and watching them.

Light to import, so that a trainer process is started before anything else is loaded: ``workers.layout`` needs the
tracks, ``workers.evaluation`` the learner.
"""

from deepracer_local.workers._process import TrainerProcess

__all__ = ["TrainerProcess"]
