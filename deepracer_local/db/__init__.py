"""What has to be remembered: models, jobs, events, progress, artifacts, tracks, tokens and settings, in SQL."""

from deepracer_local.db._database import Database, open_database
from deepracer_local.db._nouns import (
    Artifact,
    Event,
    EventName,
    Job,
    JobSummary,
    LogLine,
    Model,
    ModelQuery,
    ModelSort,
    ModelStatus,
    ModelSummary,
    NewJob,
    NewModel,
    Outlook,
    Page,
    QueueEntry,
    StoredTrack,
    Token,
)
from deepracer_local.db._settings import SLOTS_SETTING

__all__ = [
    "SLOTS_SETTING",
    "Artifact",
    "Database",
    "Event",
    "EventName",
    "Job",
    "JobSummary",
    "LogLine",
    "Model",
    "ModelQuery",
    "ModelSort",
    "ModelStatus",
    "ModelSummary",
    "NewJob",
    "NewModel",
    "Outlook",
    "Page",
    "QueueEntry",
    "StoredTrack",
    "Token",
    "open_database",
]
