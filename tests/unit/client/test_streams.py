"""Events over connections that break at every place: nothing twice, nothing left out, and an end in bounded time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deepracer_local import Client
from deepracer_local.client import ServiceError
from deepracer_local.client._streams import RETRY_S, EventReader

ENDED = {"state": "SUCCEEDED", "job_id": "j"}


class FakeTime:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


class Script:
    """A service whose connections break where the test wants it."""

    def __init__(self, events: list[tuple[int | None, str, dict[str, Any]]], *breaks: int) -> None:
        """Tells ``events``; connection k breaks after ``breaks[k]`` bytes of what it has to say."""
        self.events = events
        self.breaks = list(breaks)
        self.asked: list[tuple[str | None, str | None]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        last, log_after = request.headers.get("Last-Event-ID"), request.url.params.get("log_after")
        self.asked.append((last, log_after))
        left = [e for e in self.events if not self.has_seen(e, int(last or 0), int(log_after or 0))]
        return httpx.Response(200, content=self.sent("".join(map(text_of, left)).encode()))

    @staticmethod
    def has_seen(event: tuple[int | None, str, dict[str, Any]], last: int, log_after: int) -> bool:
        event_id, name, body = event
        if name == "log":
            return bool(body["lines"][-1]["number"] <= log_after)
        return event_id is not None and event_id <= last

    def sent(self, content: bytes) -> Iterator[bytes]:
        if self.breaks:
            yield content[: self.breaks.pop(0)]
            raise httpx.ReadError("connection reset")
        yield content

    def reader(self, **options: Any) -> EventReader:
        time = FakeTime()
        client = Client("http://service", "secret", transport=httpx.MockTransport(self.answer))
        return EventReader(
            lambda query, headers: client._stream("/jobs/j/events", params=query, headers=headers),
            **{"ends_with_job": True, "clock": time, "pause": time.wait, **options},
        )


def text_of(event: tuple[int | None, str, dict[str, Any]]) -> str:
    event_id, name, body = event
    return (f"id: {event_id}\n" if event_id else "") + f"event: {name}\ndata: {json.dumps(body)}\n\n"


def log_of(*numbers: int) -> tuple[None, str, dict[str, Any]]:
    return None, "log", {"job_id": "j", "lines": [{"number": n, "text": f"line {n}"} for n in numbers]}


STORY = [
    (1, "job", {"state": "QUEUED"}),
    (4, "job", {"state": "RUNNING"}),
    log_of(1, 2),
    (None, "progress", {"job_id": "j", "steps": 1}),
    log_of(3),
    (9, "job", ENDED),
]
WHOLE = [(name, body) for _, name, body in STORY]


def test_a_connection_that_breaks_anywhere_loses_and_repeats_nothing() -> None:
    length = len("".join(map(text_of, STORY)))

    for place in range(0, length, 7):
        script = Script(STORY, place)
        assert list(script.reader(log_after=0).events()) == WHOLE, f"broken after {place} bytes"
        assert len(script.asked) == 2


def test_it_breaks_again_and_again() -> None:
    script = Script(STORY, *[len(text_of(STORY[0])) + 20] * 3)

    assert list(script.reader(log_after=0).events()) == WHOLE
    assert script.asked[0] == (None, "0")
    assert script.asked[1] == ("1", "0")


def test_a_stream_that_ends_before_its_job_is_taken_up_again() -> None:
    answers = iter([STORY[:2], STORY[2:]])
    script = Script(STORY)
    script.sent = lambda content: iter(["".join(map(text_of, next(answers))).encode()])  # type: ignore[method-assign, assignment, misc]

    assert list(script.reader(log_after=0).events()) == WHOLE
    assert [last for last, _ in script.asked] == [None, "4"]


def test_what_comes_twice_is_told_once() -> None:
    log = (None, "log", {"job_id": "j", "lines": [*log_of(2)[2]["lines"], *log_of(3)[2]["lines"]]})
    twice = [STORY[0], STORY[0], STORY[3], STORY[3], log_of(1, 2), log, log_of(3), STORY[-1]]

    told = list(Script(twice).reader(log_after=1).events())

    assert [name for name, _ in told] == ["job", "progress", "log", "log", "job"]
    assert [line["number"] for name, body in told if name == "log" for line in body["lines"]] == [2, 3]


def test_the_place_of_a_stream_that_has_told_nothing_yet_is_kept() -> None:
    contents = iter([b"id: 7\n\n", text_of((9, "job", ENDED)).encode()])
    script = Script([])
    script.sent = lambda content: iter([next(contents)])  # type: ignore[method-assign, assignment, misc]

    assert list(script.reader().events()) == [("job", ENDED)]
    assert script.asked == [(None, None), ("7", None)]


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429])
def test_a_refusal_is_final(status: int) -> None:
    script, calls = Script(STORY, len(text_of(STORY[0]))), []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            return script.answer(request)
        body = {"code": "NO", "message": "no, and no again.", "request_id": "r"}
        return httpx.Response(status, json=body)

    reader = reader_of(answer, FakeTime())
    with pytest.raises(ServiceError, match="no, and no again") as refused:
        list(reader.events())

    assert refused.value.status == status
    assert len(calls) == 2


def test_a_service_that_is_busy_is_asked_again() -> None:
    script, calls = Script(STORY, 10), []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        busy = {"code": "UNAVAILABLE", "message": "The database is away.", "request_id": "r"}
        return httpx.Response(503, json=busy) if len(calls) in (2, 3) else script.answer(request)

    assert list(reader_of(answer, FakeTime(), log_after=0).events()) == WHOLE
    assert len(calls) == 4


def test_a_service_that_stays_away_is_given_up_with_a_sentence() -> None:
    script, calls, time = Script(STORY, len(text_of(STORY[0]))), [], FakeTime()

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            return script.answer(request)
        raise httpx.ConnectError("refused")

    told = []
    with pytest.raises(ServiceError, match=r"back within 5 s.*after=1") as gone:
        told.extend(reader_of(answer, time, patience_s=5.0).events())

    assert gone.value.status == 0
    assert told == [WHOLE[0]]
    assert 5.0 <= time.now < 5.0 + 2 * RETRY_S


def test_a_stream_that_ends_at_once_every_time_is_given_up_too() -> None:
    time = FakeTime()
    reader = reader_of(lambda _: httpx.Response(200, text=text_of(STORY[0])), time, patience_s=5.0)

    with pytest.raises(ServiceError, match="ended before the job"):
        list(reader.events())

    assert time.now < 10.0


def test_patience_begins_anew_after_each_sign_of_life() -> None:
    time = FakeTime()
    n_calls = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 100:
            return httpx.Response(200, text=text_of((9, "job", ENDED)))
        if n_calls % 3:
            raise httpx.ConnectError("refused") if n_calls > 1 else httpx.ReadError("reset")
        return httpx.Response(200, text=": still here\n\n")

    first = httpx.Response(200, text=text_of(STORY[0]))
    answers = iter([first])
    reader = reader_of(lambda request: next(answers, None) or answer(request), time, patience_s=3 * RETRY_S)

    assert list(reader.events())[-1] == ("job", ENDED)
    assert time.now > 30 * RETRY_S


def test_a_service_that_was_never_there_is_not_waited_for() -> None:
    time = FakeTime()

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ServiceError, match="deepracer-local serve"):
        list(reader_of(refuse, time).events())

    assert time.now == 0.0


def test_lines_are_read_to_the_last_page() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        asked.append(request.url.path)
        lines = [{"number": n, "text": str(n)} for n in range(after + 1, 6)][:2]
        return httpx.Response(200, json={"job_id": "j", "lines": lines})

    client = Client("http://service", "secret", transport=httpx.MockTransport(answer))

    assert [line["number"] for line in client.log_lines("j")] == [1, 2, 3, 4, 5]
    assert set(asked) == {"/api/v1/jobs/j/logs"}


def reader_of(answer: Any, time: FakeTime, **options: Any) -> EventReader:
    client = Client("http://service", "secret", transport=httpx.MockTransport(answer))
    return EventReader(
        lambda query, headers: client._stream("/jobs/j/events", params=query, headers=headers),
        **{"ends_with_job": True, "clock": time, "pause": time.wait, **options},
    )
