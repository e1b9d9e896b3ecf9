"""Putting the service together from the settings."""

from __future__ import annotations

import os
from pathlib import Path

from deepracer_local import __version__
from deepracer_local.api import Services, new_token, token_hash
from deepracer_local.cli._data_dir import make_data_dir, worker_name
from deepracer_local.cli._store import open_artifacts
from deepracer_local.db import Database, open_database
from deepracer_local.settings import Settings
from deepracer_local.track import builtin_tracks_dir

OWNER = "local"
SCOPES = "read write"


def open_services(settings: Settings) -> Services:
    """Opens database and artifact store, creates what the first start needs, and returns what the API works with."""
    make_data_dir(settings)
    settings.user_tracks_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.resolved_database_url)
    database.migrate()
    _ensure_token(settings, database)
    return Services(
        database=database,
        store=open_artifacts(settings),
        track_directories=(builtin_tracks_dir(), settings.user_tracks_dir),
        data_dir=settings.data_dir,
        version=__version__,
        min_free_bytes=settings.min_free_mb * 1_000_000,
        sandbox=settings.sandbox_options,
    )


def _ensure_token(settings: Settings, database: Database) -> None:
    """Makes this directory's token where there is none that the database knows; only its user can read the file."""
    if settings.token_path.exists():
        present = settings.token_path.read_text(encoding="utf-8").strip()
        if database.tokens.find(token_hash(present)) is not None:
            return
    name = worker_name(settings)
    for old in database.tokens.list(OWNER):
        if old.name == name:
            database.tokens.revoke(OWNER, old.id)
    token, sha256 = new_token()
    draft = Path(f"{settings.token_path}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(token + "\n")
    database.tokens.add(OWNER, name=name, sha256=sha256, scope=SCOPES)
    draft.replace(settings.token_path)
