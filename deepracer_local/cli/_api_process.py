"""The process of the API."""

from __future__ import annotations

import gc
import json
import sys
from types import ModuleType

import pydantic

from deepracer_local.cli._data_dir import DataDirLock, allowed_hosts
from deepracer_local.cli._logging import start_logging
from deepracer_local.settings import Settings, extend_environment


def serve_api(host: str | None, port: int | None, *, when_told: bool) -> None:
    """Runs the API in this process until it is asked to stop.

    Args:
        host: where to listen; None for what the settings say.
        port: of that host; None for what the settings say.
        when_told: load everything, then wait for a line of JSON on standard input with ``host``, ``port`` and
            ``environment``, which adds to ours. Without such a line nothing is done.
    """
    gc.disable()  # what is loaded stays: to look for garbage in it takes a quarter of a second here, and again later
    _leave_out_old_pydantic()
    import uvicorn  # noqa: PLC0415

    from deepracer_local.api import create_guarded_app  # noqa: PLC0415
    from deepracer_local.cli._composition import open_services  # noqa: PLC0415

    if when_told:
        line = sys.stdin.readline()
        if not line:
            return
        told = json.loads(line)
        host, port = told["host"], told["port"]
        extend_environment(told["environment"])
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    hosts = allowed_hosts(host)
    lock = DataDirLock(settings, "api", url=f"http://{host}:{port}")
    services = open_services(settings)
    start_logging(settings)
    app = create_guarded_app(services, hosts=hosts)
    gc.freeze()
    gc.enable()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # To press each message for each watcher anew would take more than sending it.
        ws_per_message_deflate=False,
        ws="websockets-sansio",
        server_header=False,
        # Nobody stands in front whose word on the caller's address could be taken.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
    )
    services.close()
    lock.release()


def _leave_out_old_pydantic() -> None:
    """Puts a module with an empty ``BaseModel`` in the place of ``pydantic.v1``.

    FastAPI asks of every annotation and answer whether it is a model of Pydantic's first version, and loads all of that
    for the question. Nothing of ours is one.
    """
    stand_in = ModuleType("pydantic.v1")
    stand_in.BaseModel = type("BaseModel", (), {})  # type: ignore[attr-defined]
    sys.modules["pydantic.v1"] = stand_in
    pydantic.v1 = stand_in  # found at once, without a search on each question
