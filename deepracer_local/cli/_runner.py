"""``deepracer-local runner``: works on the queue."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import Annotated

import typer

from deepracer_local.artifacts import Spool
from deepracer_local.cli._data_dir import DataDirLock, worker_name
from deepracer_local.cli._logging import start_logging
from deepracer_local.cli._store import open_spooled
from deepracer_local.cli._wall import require_wall
from deepracer_local.db import open_database
from deepracer_local.errors import StorageError
from deepracer_local.settings import Settings
from deepracer_local.workers.runner import Runner
from deepracer_local.workers.slots import default_slots

log = logging.getLogger(__name__)

DRAIN_S = 1.0

app = typer.Typer(add_completion=False)


@app.command()
def runner(
    slots: Annotated[
        int | None, typer.Option(min=1, max=256, help="Jobs side by side; by default one per core.")
    ] = None,
    until_input_ends: Annotated[
        bool, typer.Option("--until-input-ends", help="Stop when standard input ends: for whoever starts it.")
    ] = False,
) -> None:
    """Claim jobs and run each in a process of its own. Ctrl-C stops them with a checkpoint and gives them back."""
    settings = Settings()
    start_logging(settings)
    require_wall(settings.sandbox_options)
    lock = DataDirLock(settings, "runner")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    if until_input_ends:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    database = open_database(settings.resolved_database_url)
    database.migrate()
    store, spool = open_spooled(settings)
    if spool is not None:
        threading.Thread(target=_drain, args=(spool, stop), daemon=True).start()
    worker = Runner(
        database,
        store,
        runs_dir=settings.data_dir / "jobs",
        worker_id=worker_name(settings),
        slots=slots or settings.slots or default_slots(),
        min_free_bytes=settings.min_free_mb * 1_000_000,
        sandbox=settings.sandbox_options,
    )
    worker.run(stop)
    if spool is not None and spool.pending():
        log.warning("spool.left", extra={"pending": len(spool.pending())})
    database.close()
    lock.release()


def _drain(spool: Spool, stop: threading.Event) -> None:
    """Uploads what the spool holds, again and again: an outage delays it and loses nothing."""
    while not stop.wait(DRAIN_S):
        try:
            spool.drain()
        except StorageError as err:
            log.warning("spool.waiting", extra={"pending": len(spool.pending()), "error": str(err)})


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while sys.stdin.read(1):
        pass
    stop.set()
