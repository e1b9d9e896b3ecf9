"""The route that frees room: removes what nothing points to any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Writer
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.artifacts import clean_up, clear_refused, keys
from deepracer_local.runs import clean_up_runs

KEYS_SHOWN = 1000

router = APIRouter(prefix=API, tags=["settings"])


class CleanUp(BaseModel):
    """What may be removed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    older_than_hours: int = Field(
        default=24, ge=1, le=100_000, description="younger things stay: they may be waiting for what will point to them"
    )
    dry_run: bool = Field(default=False, description="remove nothing, say what would be removed")


class CleanedUp(BaseModel):
    """What was removed, or with ``dry_run`` would be."""

    dry_run: bool
    artifacts: int
    """Files in the artifact store that neither a model nor an unfinished job needs."""
    artifact_bytes: int
    run_directories: int
    """Of jobs that are over, on the API's machine."""
    run_directory_bytes: int
    refused: int
    """Files that the artifact store refused for good, in the spool on the API's machine."""
    refused_bytes: int
    freed_bytes: int
    keys: list[str]
    """Of the artifacts, the first 1,000."""


@router.post("/clean-up")
def clean(_: Writer, kit: Kit, body: CleanUp) -> CleanedUp:
    """Removes files that nothing points to, and the run directories of jobs that are over; jobs may run meanwhile."""
    before = datetime.now(UTC) - timedelta(hours=body.older_than_hours)
    return clean_service(kit, before=before, dry_run=body.dry_run)


def clean_service(kit: Services, *, before: datetime, dry_run: bool) -> CleanedUp:
    """Removes what nobody needs and was there before an instant.

    Raises:
        StorageError: store or database is out of reach; some may be removed. Twice is fine.
    """
    database = kit.database
    removed = [
        found
        for prefix in keys.PREFIXES
        for found in clean_up(kit.store, prefix, needed=database.artifacts.needed, before=before, dry_run=dry_run)
    ]
    runs = clean_up_runs(kit.data_dir / "jobs", needed=database.jobs.unfinished, before=before, dry_run=dry_run)
    refused = clear_refused(kit.data_dir / "spool", before=before, dry_run=dry_run)
    sizes = [sum(found.size for found in removed), sum(runs.values()), sum(found.size for found in refused)]
    return CleanedUp(
        dry_run=dry_run,
        artifacts=len(removed),
        artifact_bytes=sizes[0],
        run_directories=len(runs),
        run_directory_bytes=sizes[1],
        refused=len(refused),
        refused_bytes=sizes[2],
        freed_bytes=sum(sizes),
        keys=[found.key for found in removed[:KEYS_SHOWN]],
    )
