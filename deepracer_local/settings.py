"""The deployment's settings, read once from the environment by the command line.

Every setting has the prefix ``DEEPRACER_LOCAL_``.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deepracer_local.domain import SandboxOptions, SandboxPolicy


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

    host: str = Field(default="127.0.0.1", description="where the service listens")
    port: int = Field(default=8321, ge=0, le=65535)
    slots: int | None = Field(default=None, ge=1, le=256, description="jobs side by side; by default one per core")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    min_free_mb: int = Field(
        default=1000, ge=100, le=10**9, description="room to keep free on the disk: below it no job is taken or started"
    )
    database_url: str | None = Field(default=None, description="sqlite:///... or postgresql+psycopg://...")
    artifacts_url: str | None = Field(default=None, description="file:///... or s3://bucket/prefix")
    s3_endpoint_url: str | None = Field(default=None, description="of an S3-compatible server; none for Amazon's")
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_addressing_style: Literal["auto", "path", "virtual"] = "auto"

    car_password: SecretStr | None = Field(default=None, description="of a physical car's page, for `car push`")

    sandbox: SandboxPolicy = Field(
        default=SandboxPolicy.PREFERRED, description="whether reward functions may run where no wall can be put up"
    )
    sandbox_prefix: str = Field(
        default="", description="a command, in shell's words, that runs reward functions behind a further wall"
    )

    @property
    def sandbox_options(self) -> SandboxOptions:
        """How reward functions are run here."""
        return SandboxOptions(self.sandbox, tuple(shlex.split(self.sandbox_prefix)))

    @property
    def resolved_database_url(self) -> str:
        """The database: as set, or a file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'service.db'}"

    @property
    def resolved_artifacts_url(self) -> str:
        """The artifact store: as set, or a folder in the data directory."""
        return self.artifacts_url or (self.data_dir.resolve() / "artifacts").as_uri()

    @property
    def token_path(self) -> Path:
        """The token of the service's own command line and client, readable by its user only."""
        return self.data_dir / "token"

    @property
    def user_tracks_dir(self) -> Path:
        """The folder of imported tracks; it may not exist yet."""
        return self.data_dir / "tracks"


def inherited_environment() -> dict[str, str]:
    """Returns a copy of this process's environment, for a part of the service in a process of its own."""
    return dict(os.environ)


def extend_environment(more: Mapping[str, str]) -> None:
    """Adds to this process's environment what it was told by the process that started it; before settings are read."""
    os.environ.update(more)
