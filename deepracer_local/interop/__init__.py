"""Models from elsewhere: archives read behind a wall, and the original's files in this program's terms."""

from deepracer_local.interop._drfc import read_drfc
from deepracer_local.interop._folder import pack_folder
from deepracer_local.interop._imported import ImportedCheckpoint, ImportedModel
from deepracer_local.interop._plan import plan_import
from deepracer_local.interop._reader import ArchiveContent, read_archive
from deepracer_local.interop._refusal import MAX_ARCHIVE_BYTES
from deepracer_local.interop._settings import NotTaken
from deepracer_local.interop._wire_format import read_fields, read_varint

__all__ = [
    "MAX_ARCHIVE_BYTES",
    "ArchiveContent",
    "ImportedCheckpoint",
    "ImportedModel",
    "NotTaken",
    "pack_folder",
    "plan_import",
    "read_archive",
    "read_drfc",
    "read_fields",
    "read_varint",
]
