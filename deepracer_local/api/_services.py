"""What the routes work with, put together once by whoever starts the service."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from deepracer_local.api._auth import LoginCodes
from deepracer_local.api._children import ReadyChildren
from deepracer_local.api._scenes import KnownScenes
from deepracer_local.api._shared_look import SharedLook
from deepracer_local.api._turns import Turns
from deepracer_local.api._wall import KnownWall
from deepracer_local.artifacts import ArtifactStore
from deepracer_local.db import Database
from deepracer_local.domain import DEFAULT_SANDBOX, SandboxOptions
from deepracer_local.errors import DiskFullError
from deepracer_local.track import TrackCatalogue

BUILT_DASHBOARD = Path(__file__).parents[1] / "dashboard" / "dist"
"""Where the build puts the dashboard."""
PREVIEWS_AT_ONCE = 2


T = TypeVar("T")


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the artifact store and the folders of one service."""

    database: Database
    store: ArtifactStore
    track_directories: tuple[Path, ...]
    """Where tracks are looked up, the built-in ones first."""
    data_dir: Path
    version: str
    login_codes: LoginCodes = field(default_factory=LoginCodes)
    free_bytes: Callable[[Path], int] = _free_bytes
    """How much room the disk of a folder has."""
    min_free_bytes: int = 1_000_000_000
    """With less room under ``data_dir`` nothing is taken in."""
    sandbox: SandboxOptions = DEFAULT_SANDBOX
    """How reward functions are run here."""
    wall: KnownWall = field(init=False)
    """What the wall around them keeps in."""
    tracks: TrackCatalogue = field(init=False)
    """The tracks of ``track_directories``, read once."""
    shared_look: SharedLook = field(init=False)
    """What watchers look at."""
    dashboard_dir: Path = BUILT_DASHBOARD
    """Where the dashboard's files are; it may not exist."""
    check_turns: Turns = field(default_factory=lambda: Turns(at_once=2, waiting=20))
    """How many are tried at the same time, and how many wait."""
    preview_turns: Turns = field(default_factory=lambda: Turns(at_once=PREVIEWS_AT_ONCE, waiting=40))
    """The same for previews, which are short."""
    scenes: KnownScenes = field(default_factory=KnownScenes)
    """What previews are run over."""
    children: ReadyChildren = field(init=False)
    """The processes that previews find ready."""
    parsing: threading.Lock = field(default_factory=threading.Lock)
    """Held while Python source is parsed: CPython 3.11's ``ast.parse`` fails at times when two threads call it."""

    def __post_init__(self) -> None:
        """Makes what is known of tracks, of the wall and of what is watched."""
        object.__setattr__(self, "tracks", TrackCatalogue(self.track_directories))  # the one way in a frozen class
        object.__setattr__(self, "wall", KnownWall(self.sandbox))
        object.__setattr__(self, "shared_look", SharedLook(self.database, self.data_dir))
        object.__setattr__(self, "children", ReadyChildren(self.sandbox, count=PREVIEWS_AT_ONCE))

    async def look(self, read: Callable[[], T]) -> T:
        """Returns what a short read of the database returns: at once from a file, in a thread from a server.

        A read of a file never waits for a writer and takes a millisecond; a thread would cost as much again.
        """
        return read() if self.database.is_file else await run_in_threadpool(read)

    def close(self) -> None:
        """Ends the processes that wait, and the connections to the database."""
        self.children.close()
        self.database.close()

    def require_room(self) -> None:
        """Refuses to take anything in while the disk is nearly full: what has been taken in must never be lost.

        Raises:
            DiskFullError: it is.
        """
        free = self.free_bytes(self.data_dir)
        if free < self.min_free_bytes:
            raise DiskFullError(
                f"Expected at least {self.min_free_bytes / 1e6:,.0f} MB of room on the disk of {self.data_dir}, there "
                f"are {free / 1e6:,.0f}. Delete models, run `deepracer-local artifacts clean-up`, or make room."
            )


async def services_of(request: Request) -> Services:
    """Returns the services of the application that handles ``request``.

    A coroutine because the framework gives every plain function a turn in its thread pool.
    """
    services: Services = request.app.state.services
    return services


Kit = Annotated[Services, Depends(services_of)]
