"""Live events over WebSockets: jobs, progress, fifteen times a second where every car is, and pictures on request.

The same events with the same ids as in ``_events``: a watcher that comes back with ``?after=`` the last id it saw
misses nothing. A watcher that does not take what it is sent is cut, and delays nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from deepracer_local.api._auth import READ, Identity
from deepracer_local.api._paths import API
from deepracer_local.api._services import Services
from deepracer_local.api._shared_look import LIVE_S, Message
from deepracer_local.api._watch import Watch
from deepracer_local.errors import StorageError

log = logging.getLogger(__name__)
router = APIRouter(prefix=API, tags=["events"])

STATE_S = 0.25
WRITE_TIMEOUT_S = 10.0
POLICY_VIOLATION, INTERNAL_ERROR = 1008, 1011
"""Codes of RFC 6455, section 7.4.1."""

Watcher = Annotated[Identity, Depends(READ.of_socket)]


@router.websocket("/events/ws")
async def all_socket(socket: WebSocket, identity: Watcher) -> None:
    """Sends what happens to all jobs as JSON messages: ``event``, ``id`` and ``data``.

    ``models`` messages carry a version that is another one after a model was made, renamed, tagged or deleted.
    A message ``{"job_id": JOB, "frame": CAR}`` asks for what that car's network sees, as ``/jobs/JOB/ws`` does.
    """
    await _serve(socket, identity, None)


@router.websocket("/jobs/{job_id}/ws")
async def job_socket(socket: WebSocket, job_id: str, identity: Watcher) -> None:
    """Sends what happens to one job, and ends with it; with ``?log_after=0`` also what it prints.

    A message ``{"frame": CAR}`` asks for pictures of that car for the next seconds; they come as binary PNG messages.
    """
    await _serve(socket, identity, job_id)


async def _serve(socket: WebSocket, identity: Identity, job_id: str | None) -> None:
    kit: Services = socket.app.state.services
    if job_id is not None:
        await run_in_threadpool(kit.database.jobs.get, identity.owner, job_id)
    after, log_after = _number(socket, "after"), _number(socket, "log_after")
    watch = Watch(kit, identity.owner, job_id, after, log_after=log_after)
    await socket.accept()
    listener = asyncio.create_task(_listen(socket, watch))
    try:
        async for message in _messages(watch, socket, listener):
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await _send(socket, message)
        if listener.done():
            return
        if watch.is_over:
            await socket.close()
        else:
            await socket.close(POLICY_VIOLATION, "This token is not valid any more.")
    except StorageError as err:
        log.warning("events.ended", extra={"error": str(err)})
        with contextlib.suppress(RuntimeError):  # it may have gone meanwhile
            await socket.close(INTERNAL_ERROR, "The database cannot be reached now. Come back with the last id.")
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return  # the watcher has gone, or takes nothing: it comes back with the last id that it saw
    finally:
        listener.cancel()


async def _messages(watch: Watch, socket: WebSocket, listener: asyncio.Task[None]) -> AsyncIterator[Message]:
    """Yields what is new until the watched job is over, the watcher is gone or its token is worth nothing any more."""
    look = socket.app.state.services.shared_look
    state_at_s = float("-inf")
    # Looked at even while there is nothing to tell: somebody who left is not watched for, and the service can stop.
    while not listener.done():
        found: list[Message] = []
        now_s = time.monotonic()
        if now_s >= state_at_s:
            state_at_s = now_s + STATE_S
            if not await socket.state.is_still_valid():
                return
            found = await watch.poll_state() + await watch.poll_models()
        found += watch.poll_telemetry()
        for message in found:
            yield message
        if watch.is_over:
            return
        if watch.wants_frames:  # of its own car: nobody else waits for it
            await asyncio.sleep(LIVE_S)
        else:
            await look.news()


async def _send(socket: WebSocket, message: Message) -> None:
    if message.picture is not None:
        await socket.send_bytes(message.picture)
    else:
        await socket.send_text(message.text())


def _number(socket: WebSocket, name: str) -> int | None:
    """Returns a number of the query; None where there is none."""
    text = socket.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


async def _listen(socket: WebSocket, watch: Watch) -> None:
    """Hears what the watcher asks for, until it goes."""
    try:
        while True:
            text = await socket.receive_text()
            try:
                asked = json.loads(text)
            except ValueError:
                continue
            if isinstance(asked, dict) and isinstance(asked.get("frame"), int):
                await run_in_threadpool(watch.want_frame, asked["frame"], asked.get("job_id"))
    except (WebSocketDisconnect, RuntimeError):
        return
