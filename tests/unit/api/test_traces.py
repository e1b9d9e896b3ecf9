"""Step traces: which there are, their steps as rows and as CSV, and what cannot be read."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, BinaryIO, cast

import pytest

from deepracer_local.api import Services
from deepracer_local.artifacts import MemoryStore
from deepracer_local.runs import TRACE_HEADER
from tests.unit.api.service import NOWHERE, Caller, Connect, assert_error, create_model, finish_training
from tests.unit.api.traces import (
    EPISODE_0,
    EPISODE_1,
    ITERATIONS,
    claim,
    csv_of,
    drive,
    finish_evaluation,
    lines_of,
    store,
)


@pytest.fixture
def address(client: Caller, services: Services) -> str:
    """A model whose training has left traces."""
    model = create_model(client, name="My car")
    drive(services)
    return f"/api/v1/models/{model['id']}"


@pytest.fixture
def evaluation(client: Caller, services: Services) -> str:
    """An evaluation of two laps."""
    model = create_model(client, name="My car")
    finish_training(services)
    answer = client.post(f"/api/v1/models/{model['id']}/evaluations", json={"trials": 2})
    finish_evaluation(services)
    return f"/api/v1/models/{model['id']}/evaluations/{answer.json()['id']}"


def test_the_list_says_what_there_is_and_how_much(client: Caller, address: str) -> None:
    training = client.get(f"{address}/traces").json()["traces"]
    [evaluation] = client.get(f"{address}/traces?kind=evaluation").json()["traces"]

    assert [(t["number"], t["steps"], t["episodes"]) for t in training] == [(0, 4, 0), (1, 2, 0), (2, 7, 2)]
    assert [t["size"] for t in training] == [len(csv_of(lines)) for lines in ITERATIONS]
    assert (evaluation["kind"], evaluation["number"]) == ("evaluation", 2)
    assert (evaluation["steps"], evaluation["episodes"]) == (7, 1)


def test_the_list_comes_in_pages(client: Caller, address: str) -> None:
    def page(query: str) -> list[tuple[int, int]]:
        return [(t["number"], t["steps"]) for t in client.get(f"{address}/traces?{query}").json()["traces"]]

    assert page("limit=2") == [(0, 4), (1, 2)]
    assert page("after=1&limit=2") == [(2, 7)]
    assert page("after=2") == []


def test_an_iteration_that_is_not_stored_yet_is_not_listed(client: Caller, services: Services) -> None:
    model = create_model(client)
    job = claim(services)
    services.database.progress.append_metrics(job.id, 1, [{"iteration": i} for i in (1, 2)])
    store(services, job, "trace/training/0.csv", csv_of(EPISODE_0))

    [only] = client.get(f"/api/v1/models/{model['id']}/traces").json()["traces"]

    assert (only["number"], only["steps"]) == (0, None)


def test_steps_are_rows_with_types_under_the_original_names(client: Caller, address: str) -> None:
    rows = client.get(f"{address}/traces/training/0").json()["rows"]

    assert list(rows[0]) == ["row", *TRACE_HEADER.split(",")]
    assert [(row["row"], row["episode"], row["steps"]) for row in rows][3:5] == [(3, 0, 4), (4, 1, 1)]
    assert rows[1] == {
        "row": 1,
        "episode": 0,
        "steps": 2,
        "X": 0.2,
        "Y": -1.5,
        "yaw": 179.5,
        "steer": -15.0,
        "throttle": 1.5,
        "action": "8",
        "reward": 0.25,
        "done": False,
        "all_wheels_on_track": True,
        "progress": 4.0,
        "closest_waypoint": 5,
        "track_len": 17.7,
        "tstamp": 0.0667,
        "episode_status": "in_progress",
        "pause_duration": 0.0,
        "obstacle_crash_counter": 0,
        "wall_clock": 1.7e9,
        "measured_speed": 1.4,
    }


def test_pages_and_one_episode(client: Caller, address: str) -> None:
    def steps(query: str) -> list[tuple[int, int, int]]:
        rows = client.get(f"{address}/traces/training/0?{query}").json()["rows"]
        return [(row["row"], row["episode"], row["steps"]) for row in rows]

    assert steps("after=2&limit=2") == [(3, 0, 4), (4, 1, 1)]
    assert steps("after=5") == []
    assert steps("episode=1") == [(0, 1, 1), (1, 1, 2)]
    assert steps("episode=1&after=0") == [(1, 1, 2)]
    assert steps("episode=10") == []


def test_the_csv_is_the_file_as_it_was_written(client: Caller, address: str) -> None:
    whole = client.get(f"{address}/traces/training/2.csv")
    part = client.get(f"{address}/traces/training/2.csv?episode=1")
    none = client.get(f"{address}/traces/evaluation/2.csv?episode=9")

    assert whole.text == csv_of(ITERATIONS[2])
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert whole.headers["content-disposition"] == 'attachment; filename="My_car-training-2.csv"'
    assert part.text == csv_of(EPISODE_1[4:])
    assert part.headers["content-disposition"] == 'attachment; filename="My_car-training-2-episode-1.csv"'
    assert none.text == csv_of([])


@pytest.mark.parametrize("path", ["traces/training/2.csv?episode=1&", "episodes/0/trace.csv?"])
def test_a_csv_has_the_columns_that_were_chosen_in_their_order(client: Caller, address: str, path: str) -> None:
    text = client.get(f"{address}/{path}columns=tstamp,X,episode_status").text

    header, *_, last = text.splitlines()
    assert header == "tstamp,X,episode_status"
    assert last == "0.4000,0.7000,off_track"


def test_a_lap_of_an_evaluation_has_the_columns_that_were_chosen(client: Caller, evaluation: str) -> None:
    assert client.get(f"{evaluation}/trace.csv?lap=2&columns=steps").text == "steps\n4\n5\n6\n7\n"


def test_a_lap_of_an_evaluation_that_training_drove(client: Caller, address: str) -> None:
    rows = client.get(f"{address}/traces/evaluation/2?lap=1&after=4").json()["rows"]
    text = client.get(f"{address}/traces/evaluation/2.csv?lap=1&columns=steps")

    assert [row["steps"] for row in rows] == [6, 7]
    assert text.text == "steps\n1\n2\n3\n4\n5\n6\n7\n"
    assert text.headers["content-disposition"] == 'attachment; filename="My_car-evaluation-2-lap-1.csv"'


def test_a_lap_with_what_a_replay_needs_is_small(client: Caller, services: Services) -> None:
    model = create_model(client)
    n_steps = 200
    lines = lines_of(0, range(1, n_steps + 1), length=n_steps)
    store(services, claim(services), "trace/training/0.csv", csv_of(lines))
    columns = "X,Y,yaw,steer,throttle,measured_speed,reward,all_wheels_on_track,progress,tstamp"

    answer = client.get(f"/api/v1/models/{model['id']}/traces/training/0.csv?columns={columns}")

    assert len(answer.text.splitlines()) == 1 + n_steps
    assert len(answer.content) < 25_000


def test_an_episode_is_found_in_every_iteration_it_went_through(client: Caller, address: str) -> None:
    rows = client.get(f"{address}/episodes/0/trace").json()["rows"]
    text = client.get(f"{address}/episodes/0/trace.csv")

    assert {row["episode"] for row in rows} == {1}
    assert [(row["row"], row["steps"]) for row in rows] == [(i, i + 1) for i in range(7)]
    assert text.text == csv_of(EPISODE_1)
    assert text.headers["content-disposition"] == 'attachment; filename="My_car-episode-0.csv"'
    page = client.get(f"{address}/episodes/0/trace?after=4&limit=1").json()["rows"]
    assert [row["steps"] for row in page] == [6]


def test_the_newest_of_two_traces_counts(client: Caller, services: Services) -> None:
    model = create_model(client)
    job = claim(services)
    for lines in (EPISODE_0, EPISODE_1):
        store(services, job, "trace/training/0.csv", csv_of(lines))

    assert client.get(f"/api/v1/models/{model['id']}/traces/training/0.csv").text == csv_of(EPISODE_1)


def test_an_evaluation_has_a_trace_and_each_lap_its_part(client: Caller, evaluation: str) -> None:
    rows = client.get(f"{evaluation}/trace").json()["rows"]
    second = client.get(f"{evaluation}/trace?lap=2&after=0&limit=2").json()["rows"]
    text = client.get(f"{evaluation}/trace.csv")
    first = client.get(f"{evaluation}/trace.csv?lap=1")

    assert [row["steps"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [(row["row"], row["steps"]) for row in second] == [(1, 5), (2, 6)]
    assert text.text == csv_of(EPISODE_0)
    assert first.text == csv_of(EPISODE_0[:3])
    name = evaluation.rsplit("/", 1)[1]
    assert first.headers["content-disposition"] == f'attachment; filename="My_car-evaluation-{name}-lap-1.csv"'


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("traces?kind=racing", 422, "kind"),
        ("traces?limit=0", 422, "limit"),
        ("traces/training/0?after=-2", 422, "after"),
        ("traces/training/0?limit=5001", 422, "limit"),
        ("traces/training/0?episode=-1", 422, "episode"),
        (f"traces/training/0?episode={10**30}", 422, "episode"),
        ("traces/training/0.csv?episode=x", 422, "episode"),
        ("traces/training/0.csv?columns=", 422, "columns"),
        ("traces/training/0.csv?columns=X,speed", 422, "columns"),
        ("episodes/0/trace.csv?columns=X,Y,X", 422, "columns"),
        (f"episodes/0/trace.csv?columns={'X,' * 300}", 422, "columns"),
        ("traces/training/0?lap=1", 422, "lap"),
        ("traces/evaluation/2.csv?lap=1&episode=0", 422, "lap"),
        ("traces/evaluation/2.csv?lap=2", 404, None),
        ("traces/training/9", 404, None),
        ("traces/training/00", 404, None),
        ("traces/training/-1", 404, None),
        ("traces/training/²", 404, None),
        (f"traces/training/{'9' * 5_000}", 404, None),
        ("traces/racing/0", 404, None),
        ("traces/racing/0.csv", 404, None),
        ("traces/training/..%2f..%2fspec.csv", 404, None),
        ("episodes/2/trace", 404, None),
        ("episodes/x/trace", 404, None),
        ("episodes/-1/trace.csv", 404, None),
        (f"evaluations/{NOWHERE}/trace", 404, None),
    ],
)
def test_what_cannot_be_is_said_so(client: Caller, address: str, path: str, status: int, field: str | None) -> None:
    assert_error(client.get(f"{address}/{path}"), status, field=field)


def test_a_lap_that_was_not_driven_is_said_so(client: Caller, evaluation: str) -> None:
    assert_error(client.get(f"{evaluation}/trace?lap=3"), 404)
    assert_error(client.get(f"{evaluation}/trace.csv?lap=0"), 422, field="lap")


def test_an_evaluation_that_has_not_driven_has_no_trace(client: Caller, services: Services) -> None:
    model = create_model(client)
    finish_training(services)
    waiting = client.post(f"/api/v1/models/{model['id']}/evaluations", json={}).json()["id"]

    assert_error(client.get(f"/api/v1/models/{model['id']}/evaluations/{waiting}/trace"), 404, code="NOT_FOUND")


@pytest.mark.parametrize(
    "content",
    ["", "no trace at all\n", csv_of(["0,1,2"]), csv_of(["x" * 10_000]), csv_of([EPISODE_0[0].replace("0.2500", "ü")])],
    ids=["empty", "no header", "few columns", "a long line", "no number"],
)
def test_a_damaged_file_is_an_error_with_its_line(client: Caller, services: Services, content: str) -> None:
    model = create_model(client)
    store(services, claim(services), "trace/training/0.csv", content)

    said = assert_error(client.get(f"/api/v1/models/{model['id']}/traces/training/0"), 409, code="CONFLICT")

    assert len(said["message"]) < 300


def test_a_line_that_lacks_columns_is_an_error_where_columns_were_chosen(client: Caller, services: Services) -> None:
    model = create_model(client)
    store(services, claim(services), "trace/training/0.csv", csv_of(["0,1,2"]))

    assert_error(client.get(f"/api/v1/models/{model['id']}/traces/training/0.csv?columns=X"), 409, code="CONFLICT")


def test_a_file_that_the_store_has_lost_is_an_error_and_not_half_an_answer(
    client: Caller, services: Services, address: str
) -> None:
    for stored in services.store.list():
        if stored.key.endswith(".csv"):
            services.store.delete(stored.key)

    for path in ("traces/training/0", "traces/training/0.csv", "episodes/0/trace", "episodes/0/trace.csv"):
        assert_error(client.get(f"{address}/{path}"), 404)


class CountingStore(MemoryStore):
    """Counts the bytes that are read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.n_read = 0

    def open(self, key: str, **place: Any) -> Any:
        with super().open(key, **place) as whole:
            content = io.BytesIO(whole.read())
        store = self

        class Counted(io.RawIOBase):
            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any) -> int:
                read = content.readinto(buffer)
                store.n_read += read
                return read

        return cast(BinaryIO, io.BufferedReader(Counted(), 8_192))


def test_a_page_reads_no_further_than_it_has_to(services: Services, connect: Connect, token: str) -> None:
    counting = CountingStore()
    patient = replace(services, store=counting)
    client = connect(token, services=patient)
    model = create_model(client)
    n_steps = 20_000
    store(patient, claim(patient), "trace/training/0.csv", csv_of(lines_of(0, range(1, n_steps), length=n_steps)))
    address = f"/api/v1/models/{model['id']}/traces/training/0"

    rows = client.get(f"{address}?after=99&limit=10").json()["rows"]

    assert [row["steps"] for row in rows] == list(range(101, 111))
    assert counting.n_read < 40_000
    assert len(client.get(f"{address}.csv").content) > 2_000_000
