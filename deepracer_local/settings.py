"""The deployment's settings, read once from the environment by the command line.

Every setting has the prefix ``DEEPRACER_LOCAL_``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data_dir() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "deepracer-local"
    if sys.platform == "win32":
        return Path.home() / "AppData" / "Local" / "deepracer-local"
    return Path.home() / ".local" / "share" / "deepracer-local"


class Settings(BaseSettings):
    """Where this installation keeps its files."""

    model_config = SettingsConfigDict(env_prefix="DEEPRACER_LOCAL_", frozen=True)

    data_dir: Path = Field(default_factory=_default_data_dir, description="imported tracks live in tracks/ below it")
    runs_dir: Path = Field(
        default=Path("runs"), description="new run directories are made here unless --out says otherwise"
    )

    @property
    def user_tracks_dir(self) -> Path:
        """The folder of imported tracks; it may not exist yet."""
        return self.data_dir / "tracks"
