"""Who asks: tokens, one-time sign-in links, and what an identity may do."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection

from deepracer_local.api._errors import ApiError

TOKEN_PREFIX = "drs"  # the name of the kind, not a secret
LOGIN_CODE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody with a valid token."""

    owner: str
    scopes: frozenset[str]
    """Of ``read`` and ``write``."""


class Authenticator(Protocol):
    """Turns a token into an identity."""

    async def identify(self, token: str) -> Identity | None:
        """Returns who the token belongs to, or None where it is not valid.

        Raises:
            StorageError: that cannot be found out now.
        """
        ...


def new_token() -> tuple[str, str]:
    """Returns a fresh token of 256 bits and the SHA-256 under which it is kept; the token itself is kept nowhere."""
    token = f"{TOKEN_PREFIX}_{secrets.token_urlsafe(32)}"
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """Returns the hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


class LoginCodes:
    """Codes that open the page signed in, once, within a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[str, float]] = {}

    def issue(self, token: str) -> str:
        """Returns a new code for ``token``."""
        code, now = secrets.token_urlsafe(24), self._clock()
        with self._lock:
            self._codes = {other: kept for other, kept in self._codes.items() if now <= kept[1]}
            self._codes[code] = (token, now + LOGIN_CODE_SECONDS)
        return code

    def redeem(self, code: str) -> str | None:
        """Returns the token of a code and forgets the code; None where it is wrong, used or too old."""
        with self._lock:
            token, expires_at = self._codes.pop(code, ("", 0.0))
        return token if token and self._clock() <= expires_at else None


class Permission:
    """A route's declared permission; every route has exactly one."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Identity:
        """Returns the identity behind the request, if it may do this; a coroutine for the reason of ``services_of``."""
        return self._granted(request)

    async def of_socket(self, websocket: WebSocket) -> Identity:
        """Returns the identity behind a WebSocket, if it may do this."""
        return self._granted(websocket)

    def _granted(self, connection: HTTPConnection) -> Identity:
        identity: Identity | None = getattr(connection.state, "identity", None)
        if identity is None:
            raise ApiError(401, "A token is needed for this.")
        if self.scope not in identity.scopes:
            raise ApiError(403, f"This token may not {self.scope}. Use one with the scope {self.scope!r}.")
        return identity


READ, WRITE = Permission("read"), Permission("write")
Reader = Annotated[Identity, Depends(READ)]
Writer = Annotated[Identity, Depends(WRITE)]
