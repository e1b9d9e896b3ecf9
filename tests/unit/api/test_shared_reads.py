"""Many who ask the same at the same time share an answer, never an old one, never somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from deepracer_local.api import Services
from deepracer_local.api._auth import Identity
from deepracer_local.api._shared_reads import READS_AT_ONCE, SharedReads
from tests.unit.api.service import Caller, Connect, add_token, create_model

ME = Identity("me", frozenset({"read"}))
SOMEBODY = Identity("somebody", frozenset({"read"}))


class Counter:
    """An application that answers with how often it was asked, when the test lets it."""

    def __init__(self, status: int = 200) -> None:
        self.asked = 0
        self.status = status
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"x-number", b"%d" % number)]})
        await send({"type": "http.response.body", "body": b"%d" % number})


def get(app: Any, path: str = "/api/v1/models", *, method: str = "GET", who: Identity | None = ME) -> Awaitable[str]:
    """Asks, and returns the body."""

    async def ask() -> str:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            if "headers" in message:
                message["headers"].append((b"x-request-id", b"mine"))  # as the guard does
                assert [name for name, _ in message["headers"]].count(b"x-request-id") == 1
            sent.append(message)

        state = {} if who is None else {"identity": who}
        scope = {"type": "http", "method": method, "path": path, "query_string": b"limit=5", "state": state}
        await app(scope, None, send)
        return str(b"".join(message.get("body", b"") for message in sent).decode())

    return asyncio.ensure_future(ask())


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_those_who_ask_while_an_answer_is_made_share_the_next_one() -> None:
    async def story() -> None:
        inner = Counter()
        app = SharedReads(inner)
        first = get(app)
        await settle()
        others = [get(app) for _ in range(50)]
        await settle()
        assert inner.asked == 1
        inner.may_answer.set()

        assert await first == "1"
        assert await asyncio.gather(*others) == ["2"] * 50

        assert await get(app) == "3"

    asyncio.run(story())


def test_what_is_not_the_same_question_is_answered_apart() -> None:
    async def story() -> None:
        inner = Counter()
        app = SharedReads(inner)
        asked = [
            get(app),
            get(app, "/api/v1/tracks"),
            get(app, who=SOMEBODY),
            get(app, who=Identity("me", frozenset({"read", "write"}))),
            *(get(app, "/api/v1/events") for _ in range(2)),
            *(get(app, method="POST") for _ in range(2)),
            *(get(app, who=None) for _ in range(2)),
        ]
        await settle()
        inner.may_answer.set()

        assert sorted(await asyncio.gather(*asked), key=int) == [str(n) for n in range(1, 11)]

    asyncio.run(story())


def test_a_failure_is_shared_with_nobody() -> None:
    async def story() -> None:
        inner = Counter(status=503)
        app = SharedReads(inner)
        asked = [get(app) for _ in range(3)]
        await settle()
        inner.may_answer.set()

        assert len(set(await asyncio.gather(*asked))) == 3

    asyncio.run(story())


@pytest.mark.parametrize("leaver", [0, 1, 2])
def test_one_who_goes_away_takes_nothing_from_the_others(leaver: int) -> None:
    async def story() -> None:
        inner = Counter()
        app = SharedReads(inner)
        asked = [asyncio.ensure_future(get(app)) for _ in range(4)]
        await settle()
        asked[leaver].cancel()
        inner.may_answer.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)

        assert [isinstance(answer, asyncio.CancelledError) for answer in answers].count(True) == 1
        assert await get(app) == str(inner.asked)

    asyncio.run(story())


def test_every_answer_names_its_own_request(client: Caller) -> None:
    create_model(client)

    answers = client.all_of([("GET", "/api/v1/models", {})] * 20)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["x-request-id"] for answer in answers}) == 20


def test_whoever_has_changed_something_sees_it(client: Caller) -> None:
    model = create_model(client)
    path = f"/api/v1/models/{model['id']}"
    for number in range(20):
        client.all_of([("GET", path, {})] * 5)
        client.patch(path, json={"description": str(number)})
        answers = client.all_of([("GET", path, {})] * 5)
        assert {answer.json()["description"] for answer in answers} == {str(number)}


def test_a_stranger_shares_nothing(connect: Connect, client: Caller, services: Services) -> None:
    create_model(client)
    stranger = connect(add_token(services.database, "somebody"))

    assert stranger.get("/api/v1/models").json()["models"] == []
    assert connect().get("/api/v1/models").status_code == 401


def test_only_a_few_different_questions_are_answered_at_the_same_time() -> None:
    async def story() -> None:
        inner = Counter()
        app = SharedReads(inner)
        asked = [get(app, f"/api/v1/models/{number:015d}") for number in range(3 * READS_AT_ONCE)]
        await settle()
        assert inner.asked == READS_AT_ONCE
        late = [get(app, f"/api/v1/models/{number:015d}") for number in range(3 * READS_AT_ONCE)]
        await settle()
        inner.may_answer.set()

        first, second = await asyncio.gather(*asked), await asyncio.gather(*late)

        assert len(set(first)) == 3 * READS_AT_ONCE
        # Whoever asked after the making began got another answer, the others the same.
        assert [a == b for a, b in zip(first, second, strict=True)] == [False] * 6 + [True] * 12

    asyncio.run(story())
