"""The run directory: what a training leaves behind, as files. Knows no learner, so that anybody may read it."""

from deepracer_local.runs._checkpoints import (
    POLICY_FILE,
    TRAINER_FILES,
    CheckpointIndex,
    CheckpointInfo,
    Checkpoints,
    SensorShape,
    read_info,
)
from deepracer_local.runs._clean_up import clean_up_runs
from deepracer_local.runs._drives import (
    COLUMNS,
    ActionsNotes,
    Drive,
    checksum,
    read_drives,
    traces_of_episode,
)
from deepracer_local.runs._files import read_json, write_bytes, write_json
from deepracer_local.runs._log import LogFollower
from deepracer_local.runs._run_directory import (
    APPENDED_FILES,
    WANT_FRAME_S,
    RunDirectory,
    actions_beside,
    json_lines,
    objects_beside,
)
from deepracer_local.runs._trace import TRACE_HEADER, ObjectsNotes, trace_row

__all__ = [
    "APPENDED_FILES",
    "COLUMNS",
    "POLICY_FILE",
    "TRACE_HEADER",
    "TRAINER_FILES",
    "WANT_FRAME_S",
    "ActionsNotes",
    "CheckpointIndex",
    "CheckpointInfo",
    "Checkpoints",
    "Drive",
    "LogFollower",
    "ObjectsNotes",
    "RunDirectory",
    "SensorShape",
    "actions_beside",
    "checksum",
    "clean_up_runs",
    "json_lines",
    "objects_beside",
    "read_drives",
    "read_info",
    "read_json",
    "trace_row",
    "traces_of_episode",
    "write_bytes",
    "write_json",
]
