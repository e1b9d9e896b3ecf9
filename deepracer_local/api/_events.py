"""Live events: Server-Sent Events of one job or of the whole service.

The database's events are the source: their ids count up without a gap, so a watcher that comes back with
``Last-Event-ID`` misses nothing. Progress is sent beside them, the newest only. Each watcher goes at its own pace: a
slow one delays nobody.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from deepracer_local.api._auth import Reader
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit
from deepracer_local.api._shared_look import Message
from deepracer_local.api._watch import Watch
from deepracer_local.errors import StorageError

log = logging.getLogger(__name__)
router = APIRouter(prefix=API, tags=["events"])

POLL_S = 0.25
KEEP_ALIVE_S = 10.0
_MAX_ID = 2**53

LastEventId = Annotated[int | None, Header(ge=0, le=_MAX_ID, description="go on after this event")]
After = Annotated[int | None, Query(ge=0, le=_MAX_ID, description="the same, for clients that cannot set headers")]
LogAfter = Annotated[
    int | None, Query(ge=0, le=_MAX_ID, description="send `log` events too, of lines behind this number")
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The job is over and all of its events have been seen; a browser then stops asking"},
}


@router.get("/events", response_class=StreamingResponse, responses={200: _STREAM[200]})
def all_events(
    identity: Reader, kit: Kit, request: Request, last_event_id: LastEventId = None, after: After = None
) -> Response:
    """Streams what happens to all jobs: ``job`` events, and ``progress`` of those that run."""
    after = last_event_id if last_event_id is not None else after
    watch = Watch(kit, identity.owner, None, after)
    # Whoever has not seen an event yet learns where it began: a connection that breaks now loses nothing either.
    return _stream(watch, request, head=f"id: {watch.last}\n\n" if after is None else "")


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse, responses=_STREAM)
def job_events(
    identity: Reader,
    kit: Kit,
    request: Request,
    job_id: str,
    last_event_id: LastEventId = None,
    after: After = None,
    log_after: LogAfter = None,
) -> Response:
    """Streams what happened and happens to one job, from its beginning; the stream ends with it.

    With ``log_after`` also what it prints, as ``log`` events.
    """
    job = kit.database.jobs.get(identity.owner, job_id)
    after = last_event_id if last_event_id is not None else after
    has_all = after is not None and not kit.database.events.after(after, job_id=job_id, limit=1)
    if has_all and log_after is not None:
        has_all = not kit.database.logs.lines(job_id, log_after, limit=1)
    if job.state.is_final and has_all:
        return Response(status_code=204)
    return _stream(Watch(kit, identity.owner, job_id, after, log_after=log_after), request)


def _stream(watch: Watch, request: Request, head: str = "") -> StreamingResponse:
    return StreamingResponse(
        _events(watch, request, head), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _events(watch: Watch, request: Request, head: str) -> AsyncIterator[str]:
    """Yields the stream's text until its job is over, its watcher is gone, or its token is worth nothing any more."""
    quiet_s = 0.0
    if head:
        yield head
    try:
        while await request.state.is_still_valid() and not await request.is_disconnected():
            messages = await watch.poll_state()
            for message in messages:
                yield _text(message)
            if watch.is_over:
                return
            quiet_s = 0.0 if messages else quiet_s + POLL_S
            if quiet_s >= KEEP_ALIVE_S:
                quiet_s = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(POLL_S)
    except StorageError as err:
        log.warning("events.ended", extra={"error": str(err)})  # the watcher comes back with its last id


def _text(message: Message) -> str:
    head = f"id: {message.event_id}\n" if message.event_id is not None else ""
    return f"{head}event: {message.name}\ndata: {json.dumps(message.body)}\n\n"
