"""What every request passes before a route sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deepracer_local.api import LoginCodes, Services
from deepracer_local.api._auth import Identity, token_hash
from deepracer_local.api._errors import error_response
from deepracer_local.api._guard import FAILURES_PER_MINUTE, MAX_BODY_BYTES, Guard
from deepracer_local.api._tokens import REMEMBERED_S, DatabaseAuthenticator
from deepracer_local.errors import StorageError
from tests.unit.api.service import OWNER, Caller, Connect, add_token, assert_error, create_model

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
PATHS = ["/", "/api/v1/models", "/api/v1/nothing", "/docs", "/openapi.json", "/metrics", "/readyz", "/healthz/x", "//"]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class OneToken:
    """Knows the token ``right``."""

    async def identify(self, token: str) -> Identity | None:
        return Identity(OWNER, frozenset({"read"})) if token == "right" else None


async def answer_ok(scope: Any, receive: Any, send: Any) -> None:
    """An application that is content with everything."""
    await error_response("", 200, "fine, thank you")(scope, receive, send)


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_refused_everywhere(connect: Connect, path: str) -> None:
    stranger = connect()

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = stranger.request(method, path)
        assert answer.status_code == 401
        assert "allow" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_token_is_refused_everywhere(connect: Connect, path: str) -> None:
    assert_error(connect("drs_wrong").get(path), 401, code="UNAUTHENTICATED")


def test_only_health_and_sign_in_answer_strangers(connect: Connect) -> None:
    stranger = connect()

    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert_error(stranger.get("/login?code=x"), 401)
    assert_error(stranger.get("/login"), 422, field="code")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.nip.io", "[::]", "", "localhost.", "a@localhost", "[::1", "localhost:x"]
)
def test_another_host_is_refused(client: Caller, host: str) -> None:
    for path in ("/healthz", "/api/v1/models"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert_error(client.request(method, path, headers={"Host": host, "User-Agent": "curl"}), 400)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8321", "127.0.0.1:1", "[::1]:8321"])
def test_this_machine_has_several_names(client: Caller, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_two_hosts_are_refused(client: Caller) -> None:
    hosts = [("Host", "localhost"), ("Host", "localhost")]

    assert_error(client.get("/healthz", headers=hosts), 400)


def test_a_whole_address_as_target_is_refused() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "http://evil.example/healthz",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(Guard(answer_ok, OneToken(), hosts=frozenset({"localhost"}))(scope, receive, send))

    assert sent[0]["status"] == 400


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost.evil",
        "http://localhost:9999",
        "http://127.0.0.1",
        "http://[",
        "",
        "file://",
        "http://evil@localhost",
    ],
)
def test_another_origin_changes_nothing(client: Caller, origin: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/api/v1/models", headers={"Origin": origin}, json={"name": "m"})
        assert_error(answer, 403, code="FORBIDDEN")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_page_changes_nothing(client: Caller, site: str) -> None:
    assert_error(client.post("/api/v1/links", headers={"Sec-Fetch-Site": site}), 403)


def test_its_own_origin_may(client: Caller) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/api/v1/links", headers=headers).status_code == 201


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
def test_no_origin_is_ever_allowed(client: Caller, connect: Connect, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}

    for caller in (client, connect()):
        for method in ("GET", "OPTIONS", "POST"):
            for path in ("/api/v1/models", "/healthz", "/login"):
                answer = caller.request(method, path, headers=headers)
                assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_bears_the_security_headers(client: Caller, connect: Connect) -> None:
    answers = [
        client.get("/healthz"),
        client.get("/docs"),
        client.get("/api/v1/models"),
        client.get("/api/v1/tracks/oval/picture"),
        client.get("/nothing"),
        client.request("PUT", "/api/v1/models"),
        client.post("/api/v1/models", json={"name": ""}),
        client.get("/healthz", headers={"Host": "evil.example"}),
        connect().get("/docs"),
        client.post("/api/v1/models", headers={"Content-Length": "9999999999"}, content=b""),
    ]

    for answer in answers:
        for name, beginning in SECURITY_HEADERS.items():
            assert answer.headers[name].startswith(beginning)
        assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("length", [str(MAX_BODY_BYTES + 1), "9" * 400, "-1", "x", "1 1", "²"])
def test_a_body_that_says_it_is_too_long_is_not_read(client: Caller, length: str) -> None:
    headers = [("Content-Length", length.encode())]

    assert_error(client.post("/api/v1/models", headers=headers, content=unread()), 413, code="TOO_LARGE")


async def unread() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/models", "application/json"),
        ("/api/v1/models", "multipart/form-data; boundary=b"),
        ("/api/v1/tracks", "multipart/form-data; boundary=b"),
        ("/api/v1/reward-functions/check", "application/json"),
    ],
)
def test_a_body_that_turns_out_too_long_is_refused(client: Caller, path: str, kind: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(1_000):
            sent += 100_000
            yield b"x" * 100_000

    answer = client.post(path, headers={"Content-Type": kind}, content=endless())

    assert_error(answer, 413, code="TOO_LARGE")
    assert answer.headers["connection"] == "close"
    assert sent <= MAX_BODY_BYTES + 200_000


def test_guessing_is_slowed_down_and_the_owner_is_not(connect: Connect, client: Caller) -> None:
    answers = []
    guesser = connect("drs_wrong")
    for _ in range(FAILURES_PER_MINUTE + 5):
        answers.append(guesser.get("/api/v1/models"))
        assert client.get("/api/v1/models").status_code == 200

    assert [a.status_code for a in answers] == [401] * FAILURES_PER_MINUTE + [429] * 5
    assert_error(answers[-1], 429, code="TOO_MANY_REQUESTS")
    assert int(answers[-1].headers["retry-after"]) <= 60


def test_guesses_are_counted_for_each_address_and_for_a_minute() -> None:
    clock = Clock()
    guard = Guard(answer_ok, OneToken(), hosts=frozenset({"localhost"}), clock=clock)
    with asyncio.Runner() as runner:
        first, second = (Caller(guard, runner, token="wrong", address=a) for a in ("10.0.0.1", "10.0.0.2"))

        def statuses(caller: Caller, n: int) -> set[int]:
            return {caller.get("/x").status_code for _ in range(n)}

        assert statuses(first, FAILURES_PER_MINUTE) == {401}
        assert statuses(first, 3) == {429}
        assert statuses(second, FAILURES_PER_MINUTE) == {401}
        clock.now_s += 61.0
        assert statuses(first, FAILURES_PER_MINUTE) == {401}


def test_a_session_cookie_signs_in(connect: Connect, token: str) -> None:
    stranger = connect()

    assert stranger.get("/api/v1/models", headers={"Cookie": f"deepracer_session={token}"}).status_code == 200
    assert_error(stranger.get("/api/v1/models", headers={"Cookie": "deepracer_session=drs_no"}), 401)
    assert_error(stranger.get("/api/v1/models", headers={"Cookie": "deepracer_session"}), 401)
    assert_error(stranger.get("/api/v1/models", headers={"Authorization": "Basic eDp5"}), 401)
    assert_error(stranger.get(f"/api/v1/models?token={token}"), 401)


def test_a_link_signs_a_browser_in_once(client: Caller, connect: Connect, token: str) -> None:
    path = client.post("/api/v1/links").json()["path"]
    stranger = connect()

    answer = stranger.get(path)

    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"deepracer_session={token}; ")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in answer.headers["location"]
    assert_error(stranger.get(path), 401, code="UNAUTHENTICATED")


def test_a_session_can_make_a_link_too(connect: Connect, token: str) -> None:
    answer = connect().post("/api/v1/links", headers={"Cookie": f"deepracer_session={token}"})

    assert connect().get(answer.json()["path"]).status_code == 303


def test_a_link_is_too_old_after_a_minute() -> None:
    clock = Clock()
    codes = LoginCodes(clock)
    early, late = codes.issue("t"), codes.issue("t")

    clock.now_s += 60.0
    assert codes.redeem(early) == "t"
    clock.now_s += 0.1
    assert codes.redeem(late) is None
    assert codes.redeem("guess") is None


@pytest.mark.parametrize("scope", ["read", "write", ""])
def test_a_token_may_do_what_its_scope_says(services: Services, connect: Connect, client: Caller, scope: str) -> None:
    model = create_model(client)
    limited = connect(add_token(services.database, scope=scope))

    read, write = limited.get("/api/v1/models"), limited.post(f"/api/v1/models/{model['id']}/stop")

    assert read.status_code == (200 if scope == "read" else 403)
    assert write.status_code == (200 if scope == "write" else 403)


def test_a_token_ends(services: Services, connect: Connect) -> None:
    now = datetime.now(UTC)
    over = add_token(services.database, expires_at=now - timedelta(seconds=1))
    fresh = add_token(services.database, expires_at=now + timedelta(hours=1))

    assert_error(connect(over).get("/api/v1/models"), 401)
    assert connect(fresh).get("/api/v1/models").status_code == 200


def test_a_revoked_token_is_refused_within_a_second(services: Services, token: str) -> None:
    clock = Clock()
    authenticator = DatabaseAuthenticator(services.database, clock)
    assert asyncio.run(authenticator.identify(token)) is not None
    found = services.database.tokens.find(token_hash(token))
    assert found is not None

    services.database.tokens.revoke(OWNER, found.id)
    clock.now_s += 1.0

    assert REMEMBERED_S <= 1.0
    assert asyncio.run(authenticator.identify(token)) is None


def test_an_unreachable_database_is_said_and_nobody_let_in() -> None:
    class Unreachable:
        async def identify(self, token: str) -> Identity | None:
            raise StorageError("Expected the database to answer. Look whether it is up.")

    guard = Guard(answer_ok, Unreachable(), hosts=frozenset({"localhost"}))
    with asyncio.Runner() as runner:
        answer = Caller(guard, runner, token="any").get("/api/v1/models")

    body = assert_error(answer, 503, code="UNAVAILABLE")
    assert "database" in body["message"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"host", b"localhost")], "no token"),
        ([(b"host", b"localhost"), (b"authorization", b"Bearer right"), (b"origin", b"http://evil")], "other origin"),
        ([(b"host", b"evil"), (b"authorization", b"Bearer right")], "other host"),
        ([(b"host", b"localhost"), (b"authorization", b"Bearer right"), (b"origin", b"http://localhost")], "let in"),
    ],
)
def test_a_websocket_is_guarded_at_its_handshake(headers: list[tuple[bytes, bytes]], expected: str) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def accept(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "path": "/api/v1/x", "headers": headers, "client": ("127.0.0.1", 1)}
    asyncio.run(Guard(accept, OneToken(), hosts=frozenset({"localhost"}))(scope, receive, send))

    assert sent == ["websocket.accept" if expected == "let in" else "websocket.close"]
