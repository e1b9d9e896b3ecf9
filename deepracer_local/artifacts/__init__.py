"""Bytes under keys: the artifact store, the layout of its keys, and what is written around it.

The room hides the disk and S3. A store is given values, never settings: endpoint and credentials come as arguments.
"""

from deepracer_local.artifacts import keys
from deepracer_local.artifacts._folder import FolderStore
from deepracer_local.artifacts._manifest import Manifest, ManifestEntry, fetch, read_manifest, verify, write_manifest
from deepracer_local.artifacts._memory import MemoryStore
from deepracer_local.artifacts._open_store import open_store
from deepracer_local.artifacts._retention import clean_up, outdated
from deepracer_local.artifacts._retrying import RetryingStore
from deepracer_local.artifacts._s3 import S3Store
from deepracer_local.artifacts._spool import Spool, clear_refused
from deepracer_local.artifacts._store import ArtifactStore, StoredArtifact
from deepracer_local.artifacts._weed import WeedServer

__all__ = [
    "ArtifactStore",
    "FolderStore",
    "Manifest",
    "ManifestEntry",
    "MemoryStore",
    "RetryingStore",
    "S3Store",
    "Spool",
    "StoredArtifact",
    "WeedServer",
    "clean_up",
    "clear_refused",
    "fetch",
    "keys",
    "open_store",
    "outdated",
    "read_manifest",
    "verify",
    "write_manifest",
]
