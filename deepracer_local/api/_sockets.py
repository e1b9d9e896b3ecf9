"""Live events over WebSockets: jobs, progress, fifteen times a second where every car is, and pictures on request.

The same events with the same ids as in ``_events``: a watcher that comes back with ``?after=`` the last id it saw
misses nothing. Each watcher reads for itself, and one that does not take what it is sent is cut, delaying nobody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from deepracer_local.api._auth import READ, Identity
from deepracer_local.api._services import Services
from deepracer_local.api._watch import Message, Watch

router = APIRouter(tags=["events"])

STATE_S = 0.25
TELEMETRY_S = 1.0 / 30.0
"""How often to look: twice as often as the trainer writes, so that nothing written is missed."""
WRITE_TIMEOUT_S = 10.0

Watcher = Annotated[Identity, Depends(READ.of_socket)]


@router.websocket("/events/ws")
async def all_socket(socket: WebSocket, identity: Watcher) -> None:
    """Sends what happens to all jobs as JSON messages: ``event``, ``id`` and ``data``."""
    await _serve(socket, identity, None)


@router.websocket("/jobs/{job_id}/ws")
async def job_socket(socket: WebSocket, job_id: str, identity: Watcher) -> None:
    """Sends what happens to one job, and ends with it.

    A message ``{"frame": CAR}`` asks for pictures of that car for the next seconds; they come as binary JPEG messages.
    """
    await _serve(socket, identity, job_id)


async def _serve(socket: WebSocket, identity: Identity, job_id: str | None) -> None:
    kit: Services = socket.app.state.services
    after = socket.query_params.get("after", "")
    if job_id is not None:
        await run_in_threadpool(kit.database.jobs.get, identity.owner, job_id)
    watch = Watch(kit, identity.owner, job_id, int(after) if after.isdigit() and len(after) < 16 else None)
    await socket.accept()
    listener = asyncio.create_task(_listen(socket, watch))
    try:
        async for message in _messages(watch, socket):
            if listener.done():
                return
            await asyncio.wait_for(_send(socket, message), WRITE_TIMEOUT_S)
        await socket.close()
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return  # the watcher has gone, or takes nothing: it comes back with the last id that it saw
    finally:
        listener.cancel()


async def _messages(watch: Watch, socket: WebSocket) -> AsyncIterator[Message]:
    """Yields what is new until the watched job is over, or the watcher's token is worth nothing any more."""
    until_state_s = 0.0
    while True:
        found: list[Message] = []
        if until_state_s <= 0.0:
            until_state_s = STATE_S
            if not await socket.state.is_still_valid():
                return
            found = await run_in_threadpool(watch.poll_state)
        found += await run_in_threadpool(watch.poll_telemetry)
        for message in found:
            yield message
        if watch.is_over:
            return
        await asyncio.sleep(TELEMETRY_S)
        until_state_s -= TELEMETRY_S


async def _send(socket: WebSocket, message: Message) -> None:
    if message.picture is not None:
        await socket.send_bytes(message.picture)
    else:
        await socket.send_text(json.dumps({"event": message.name, "id": message.event_id, "data": message.body}))


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
                await run_in_threadpool(watch.want_frame, asked["frame"])
    except (WebSocketDisconnect, RuntimeError):
        return
