"""The outermost layer: what every request passes before a route sees it. Pure ASGI, so that streams stay streams.

Default deny: without a valid token nothing answers but ``/healthz`` and the sign-in page, whatever the path, one that
does not exist included. Loopback is no reason for trust: a web page in the user's browser reaches it too, so the
Host header must name this service and a foreign Origin is refused.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deepracer_local.api._auth import Authenticator
from deepracer_local.api._dashboard import sign_in_page
from deepracer_local.api._errors import REQUEST_ID_HEADER, error_response
from deepracer_local.errors import StorageError

COOKIE = "deepracer_session"
PUBLIC_PATHS = frozenset({"/healthz", "/login"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY_BYTES = 8_000_000
MAX_UPLOADS = {"/api/v1/models/import": 410_000_000}
"""Of the routes that take more than others: an archive with the largest network, and the form around it."""
FAILURES_PER_MINUTE = 10
MAX_ADDRESSES = 10_000
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::[0-9]{1,5})?")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer, unless a route says otherwise."""
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
_RAW_REQUEST_ID = REQUEST_ID_HEADER.lower().encode()


class Guard:
    """Checks host, origin, size and token of every request and WebSocket, and sets the security headers."""

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        *,
        hosts: frozenset[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wraps ``app``; ``hosts`` are the names, without port, that this service may be called by."""
        self._app = app
        self._authenticator = authenticator
        self._hosts = hosts
        self._failures: dict[str, deque[float]] = {}
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through or answers it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        headers = Headers(scope=scope)
        scope.setdefault("state", {})["request_id"] = request_id
        try:
            refusal = await self._refusal(scope, headers)
        except StorageError as err:
            refusal = 503, f"Your token cannot be looked up now: {err}"
        if refusal is not None:
            await self._refuse(scope, receive, send, request_id, *refusal)
            return
        await self._app(scope, _limited(receive, _most_bytes(scope)), _with_headers(send, request_id))

    async def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if not scope["path"].startswith("/"):
            return 400, "The address does not begin with a slash. This is no proxy."
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self._hosts:
            return 400, "The Host header does not name this service. Call it by the address that it printed."
        is_unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        is_foreign = origin is not None and not _is_same_origin(origin, hosts[0])
        if is_unsafe and (is_foreign or headers.get("sec-fetch-site") in {"cross-site", "same-site"}):
            return 403, "A page of another origin may not do this."
        length = headers.get("content-length")
        most = _most_bytes(scope)
        if length is not None and _is_too_long(length, most):
            return 413, f"Expected a body of at most {most} bytes, got {length[:20]}. Send less."
        if scope["path"] in PUBLIC_PATHS:
            return None
        return await self._authenticate(scope, headers)

    async def _authenticate(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        token = token_of(headers)
        if token is None:
            return 401, "A token is needed: open the link that `deepracer-local serve` printed, or send it as Bearer."
        identity = await self._authenticator.identify(token)
        if identity is not None:
            scope["state"]["identity"] = identity
            scope["state"]["is_still_valid"] = lambda: self._is_valid(token)
            return None
        # A right token is let through whatever others tried: a guesser cannot lock its owner out.
        if self._has_failed_too_often((scope.get("client") or ("unknown",))[0]):
            return 429, "Too many wrong tokens from this address. Wait a minute."
        return 401, "This token is not valid, or not any more. Open the link that `deepracer-local serve` printed."

    async def _is_valid(self, token: str) -> bool:
        return await self._authenticator.identify(token) is not None

    def _has_failed_too_often(self, address: str) -> bool:
        """Tells whether this address has used up its wrong tokens of the last minute, and counts this one if not."""
        now = self._clock()
        if len(self._failures) >= MAX_ADDRESSES:
            self._failures = {at: times for at, times in self._failures.items() if now - times[-1] <= 60.0}
        failures = self._failures.setdefault(address, deque(maxlen=FAILURES_PER_MINUTE))
        if len(failures) == FAILURES_PER_MINUTE and now - failures[0] <= 60.0:
            return True
        failures.append(now)
        return False

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, request_id: str, status: int, message: str
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": message[:120]})
            return
        if status == 401 and _shows_pages(scope):
            await sign_in_page(request_id, message)(scope, receive, _with_headers(send, request_id))
            return
        # What is left of a body that is too long is not waited for.
        headers = {"Connection": "close"} if status == 413 else {"Retry-After": "60"} if status == 429 else None
        response = error_response(request_id, status, message, headers=headers)
        await response(scope, receive, _with_headers(send, request_id))


def _shows_pages(scope: Scope) -> bool:
    """Tells whether a request comes from the address line of a browser: a person will read the answer."""
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _limited(receive: Receive, most: int) -> Receive:
    """Returns a ``receive`` that refuses a body when it gets too long, also one that did not say how long it is."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(
                    413, f"Expected a body of at most {most} bytes. Send less.", {"Connection": "close"}
                )
        return message

    return limited


def _with_headers(send: Send, request_id: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [pair for pair in message["headers"] if pair[0] != _RAW_REQUEST_ID]
            names = {name for name, _value in given}
            own = [pair for pair in _RAW_HEADERS if pair[0] not in names]
            message["headers"] = [*given, *own, (_RAW_REQUEST_ID, request_id.encode())]
        await send(message)

    return send_with_headers


def token_of(headers: Headers) -> str | None:
    """Returns the token that a request brings, as Bearer or as its browser's session."""
    authorization = headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None else None


def _hostname(host: str) -> str:
    match = _HOST.fullmatch(host)
    return "" if match is None else (match["v6"] or match["name"]).lower()


def _is_same_origin(origin: str, host: str) -> bool:
    return origin.lower() in {f"http://{host.lower()}", f"https://{host.lower()}"}


def _most_bytes(scope: Scope) -> int:
    return MAX_UPLOADS.get(scope["path"], MAX_BODY_BYTES)


def _is_too_long(length: str, most: int) -> bool:
    return not re.fullmatch(r"[0-9]{1,12}", length) or int(length) > most
