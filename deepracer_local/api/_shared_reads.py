"""The same question, asked by many at the same time, is answered once.

A class that looks at one queue, or twenty open pages that show the same list, would otherwise cost twenty times one
page. Nobody gets an old answer: a question shares only an answer whose making begins after the question has come.

Of different questions a few are answered at a time. Each needs a thread, and more threads than that would not answer
sooner but wait for the interpreter, which all of them share.
"""

from __future__ import annotations

import asyncio
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SHARED = re.compile(r"/api/v1/(?:models|jobs|tracks|jobs/queue|(?:models|jobs)/[A-Za-z0-9]{15})")
"""Paths whose answers are short and the same for everybody of one owner."""

READS_AT_ONCE = 6

_Key = tuple[str, frozenset[str], str, bytes]
_Answer = asyncio.Task[list[Message]]


class SharedReads:
    """An ASGI layer behind the guard, which has said who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: dict[_Key, _Answer] = {}
        self._begun: set[_Key] = set()
        self._waiting: dict[_Key, _Answer] = {}
        self._turns = asyncio.Semaphore(READS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request: by itself, or with the answer that others get."""
        identity = scope.get("state", {}).get("identity")
        if scope["type"] != "http" or scope["method"] != "GET" or identity is None or not _is_shared(scope):
            await self._app(scope, receive, send)
            return
        key = (identity.owner, identity.scopes, scope["path"], scope["query_string"])
        messages = await self._answer(key, scope, receive)
        if not messages or messages[0]["status"] != 200:
            # A failure names the request that it belongs to: everybody gets one's own.
            await self._app(scope, receive, send)
            return
        for message in messages:
            # Layers further out change the headers that they are handed.
            await send({**message, "headers": list(message["headers"])} if "headers" in message else message)

    async def _answer(self, key: _Key, scope: Scope, receive: Receive) -> list[Message]:
        running = self._running.get(key)
        if running is None:
            return await self._start(key, scope, receive)
        if key not in self._begun:
            return await asyncio.shield(running)
        # What has begun may have read the database before this question came: the next one has not.
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.create_task(self._after(running, key, scope, receive))
        return await asyncio.shield(waiting)

    async def _after(self, running: _Answer, key: _Key, scope: Scope, receive: Receive) -> list[Message]:
        await asyncio.wait([running])
        del self._waiting[key]
        begun = self._running.get(key)
        return await (asyncio.shield(begun) if begun is not None else self._start(key, scope, receive))

    async def _start(self, key: _Key, scope: Scope, receive: Receive) -> list[Message]:
        self._running[key] = asyncio.create_task(self._make(key, scope, receive))
        # One who goes away while it is made leaves it to the others.
        return await asyncio.shield(self._running[key])

    async def _make(self, key: _Key, scope: Scope, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def record(message: Message) -> None:
            messages.append(message)

        try:
            async with self._turns:
                self._begun.add(key)
                await self._app(scope, receive, record)
        finally:
            self._begun.discard(key)
            del self._running[key]
        return messages


def _is_shared(scope: Scope) -> bool:
    return _SHARED.fullmatch(scope["path"]) is not None
