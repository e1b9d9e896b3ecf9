"""Routes about step traces: every step of a training iteration, an evaluation or an episode, as rows and as CSV."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.api._auth import Reader
from deepracer_local.api._jobs import evaluation_of
from deepracer_local.api._paths import API
from deepracer_local.api._progress import MAX_NUMBER, After, Limit, content_of
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._trace_csv import COLUMNS, Columns, csv_answer, damaged
from deepracer_local.db import Artifact, Job
from deepracer_local.domain import Outcome, Phase
from deepracer_local.errors import NotFoundError, SpecError
from deepracer_local.runs import TRACE_HEADER

router = APIRouter(prefix=f"{API}/models/{{model_id}}", tags=["traces"])

_MAX_LINE_BYTES = 4_096
_FILES_AT_ONCE = 64
_COUNTS = {"steps": "total_steps", "episodes": "episodes"}
"""What a trace has, and the column of the metrics that counts it from the beginning of the training."""
Kind = Annotated[str, Path(description="`training`: an iteration's steps; `evaluation`: one that training drove")]
Number = Annotated[str, Path(description="a number that GET /models/ID/traces lists")]
EpisodeNumber = Annotated[str, Path(description="the `number` of a row of GET /models/ID/episodes")]
Episode = Annotated[
    int | None, Query(ge=0, le=MAX_NUMBER, description="only the steps with this value in the column `episode`")
]
Car = Annotated[
    Literal["model", "opponent"], Query(description="of a race of two models the model's own car, or its opponent")
]
Lap = Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="only this lap of it, the first is 1")]


class Part(NamedTuple):
    """What is asked for of a trace: an episode, a lap, or neither and thus all."""

    episode: int | None
    lap: int | None


def _part(episode: Episode = None, lap: Lap = None) -> Part:
    return Part(episode, lap)


OnlyPart = Annotated[Part, Depends(_part)]


class TraceView(BaseModel):
    """A step trace that can be read."""

    kind: Phase
    number: int
    """Of a training: policy updates done before its steps. Of an evaluation: updates done before it."""
    steps: int | None
    """Control steps in it; an episode that begins in it has a row more, for the instant at its start."""
    episodes: int | None
    """How many ended in it."""
    size: int
    """Bytes of the CSV."""


class TraceList(BaseModel):
    """Step traces in order; ask again with the last one's number for more."""

    traces: list[TraceView]


class TraceRow(BaseModel):
    """One step: the columns of the CSV under their original names."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    row: int = Field(description="0-based place among the rows asked for; the only one that the CSV does not have")
    episode: int = Field(description="0-based, in the order in which episodes began")
    steps: int = Field(description="of the episode; 1 is the instant at its start, when the car stands")
    X: float = Field(description="m")
    Y: float = Field(description="m")
    yaw: float = Field(description="degrees")
    steer: float = Field(description="degrees, left is positive")
    throttle: float = Field(description="commanded speed in m/s")
    action: str = Field(description="index of a discrete action, or `[steering speed]`")
    reward: float
    done: bool = Field(description="whether the episode ended with this step")
    all_wheels_on_track: bool
    progress: float = Field(description="percent of the lap")
    closest_waypoint: int = Field(description="index of the nearest waypoint")
    track_len: float = Field(description="m")
    tstamp: float = Field(description="simulated seconds since the episode began")
    episode_status: Outcome
    pause_duration: float = Field(description="s; the penalty that passed in this step")
    obstacle_crash_counter: int = Field(description="crashes of the episode so far")
    wall_clock: float = Field(description="seconds since 1970")
    measured_speed: float = Field(description="m/s; the original's traces do not have it")


class TracePage(BaseModel):
    """Steps in order; ask again with the last one's `row` for more."""

    rows: list[TraceRow]


@router.get("/traces")
def traces(
    identity: Reader, kit: Kit, model_id: str, kind: Phase = "training", after: After = -1, limit: Limit = 1_000
) -> TraceList:
    """Lists the step traces of a training, or of the evaluations that it drove by itself.

    An iteration's trace appears when the next one is there, or when the training rests or is over.
    """
    kit.database.models.get(identity.owner, model_id)
    measures = _iterations if kind == "training" else _evaluations
    rows = (row for row in measures(kit, model_id, after, limit) if row[0] > after)
    found = dict(islice(rows, limit))
    files = kit.database.artifacts.newest(model_id, [_name(kind, number) for number in found])
    return TraceList(
        traces=[
            TraceView(kind=kind, number=number, size=files[_name(kind, number)].size, **fields)
            for number, fields in found.items()
            if _name(kind, number) in files
        ]
    )


# The routes of the CSV come first: to the others `7.csv` would be a number.
@router.get("/traces/{kind}/{number}.csv", response_class=StreamingResponse, responses=content_of("text/csv"))
def trace_csv(
    identity: Reader,
    kit: Kit,
    model_id: str,
    kind: Kind,
    number: Number,
    part: OnlyPart,
    columns: Columns = None,
) -> StreamingResponse:
    """Returns the steps of an iteration or an evaluation of a training as CSV."""
    model = kit.database.models.get(identity.owner, model_id)
    steps = _steps_of(kit, model_id, kind, number, part)
    name = f"{model.name}-{kind}-{number}" + "".join(
        f"-{what}-{n}" for what, n in part._asdict().items() if n is not None
    )
    return csv_answer(steps, name, columns)


@router.get("/traces/{kind}/{number}")
def trace(
    identity: Reader,
    kit: Kit,
    model_id: str,
    kind: Kind,
    number: Number,
    part: OnlyPart,
    *,
    after: After = -1,
    limit: Limit = 1_000,
) -> TracePage:
    """Returns the steps of an iteration or an evaluation of a training as rows."""
    kit.database.models.get(identity.owner, model_id)
    return _page(_steps_of(kit, model_id, kind, number, part), after, limit)


@router.get("/episodes/{number}/trace.csv", response_class=StreamingResponse, responses=content_of("text/csv"))
def episode_csv(
    identity: Reader, kit: Kit, model_id: str, number: EpisodeNumber, columns: Columns = None
) -> StreamingResponse:
    """Returns all steps of one training episode as CSV."""
    model = kit.database.models.get(identity.owner, model_id)
    return csv_answer(_episode_steps(kit, model_id, number), f"{model.name}-episode-{number}", columns)


@router.get("/episodes/{number}/trace")
def episode_trace(
    identity: Reader, kit: Kit, model_id: str, number: EpisodeNumber, after: After = -1, limit: Limit = 1_000
) -> TracePage:
    """Returns all steps of one training episode as rows, of every iteration that it went through."""
    kit.database.models.get(identity.owner, model_id)
    return _page(_episode_steps(kit, model_id, number), after, limit)


@router.get(
    "/evaluations/{evaluation_id}/trace.csv", response_class=StreamingResponse, responses=content_of("text/csv")
)
def evaluation_csv(
    identity: Reader,
    kit: Kit,
    model_id: str,
    evaluation_id: str,
    *,
    car: Car = "model",
    lap: Lap = None,
    columns: Columns = None,
) -> StreamingResponse:
    """Returns the steps of an evaluation's laps as CSV."""
    steps = _evaluation_steps(kit, evaluation_of(kit, identity.owner, model_id, evaluation_id), lap, car)
    model = kit.database.models.get(identity.owner, model_id)
    part = ("-opponent" if car == "opponent" else "") + (f"-lap-{lap}" if lap else "")
    return csv_answer(steps, f"{model.name}-evaluation-{evaluation_id}{part}", columns)


@router.get("/evaluations/{evaluation_id}/trace")
def evaluation_trace(
    identity: Reader,
    kit: Kit,
    model_id: str,
    evaluation_id: str,
    *,
    car: Car = "model",
    lap: Lap = None,
    after: After = -1,
    limit: Limit = 1_000,
) -> TracePage:
    """Returns the steps of an evaluation's laps as rows; laps that follow each other without a stop are one episode."""
    steps = _evaluation_steps(kit, evaluation_of(kit, identity.owner, model_id, evaluation_id), lap, car)
    return _page(steps, after, limit)


def _name(kind: str, number: int) -> str:
    return f"trace/{kind}/{number}.csv"


def _iterations(kit: Services, model_id: str, after: int, limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the numbers of training traces behind ``after`` and what is known of each."""
    before: dict[str, Any] = {"iteration": 0, "total_steps": 0, "episodes": 0}
    # The steps before iteration N are in the row of update N, its own in that of update N + 1.
    for row in kit.database.progress.metrics(model_id, after, limit + 1):
        number = row["iteration"] - 1
        if number == before["iteration"]:
            yield number, {name: _difference(row, before, key) for name, key in _COUNTS.items()}
        else:
            yield number, dict.fromkeys(_COUNTS)
        before = row


def _difference(row: dict[str, Any], before: dict[str, Any], key: str) -> int | None:
    return row[key] - before[key] if key in row and key in before else None


def _evaluations(kit: Services, model_id: str, after: int, limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the numbers of traces of evaluations behind ``after`` and what is known of each."""
    for row in kit.database.progress.evaluations(model_id, after, limit):
        laps = row.get("laps", [])
        yield row["iteration"], {"steps": sum(lap["steps"] for lap in laps), "episodes": len(laps)}


def _number(text: str) -> int | None:
    """Returns the number of a path; None for what is none, or longer than any."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,14}", text, re.ASCII) else None


def trace_keys(kit: Services, model_id: str, kind: str, number: str) -> list[str]:
    """Returns where the trace of an iteration or an evaluation of a training is.

    Raises:
        NotFoundError: there is none.
    """
    place = _number(number)
    if kind in {"training", "evaluation"} and place is not None:
        found = kit.database.artifacts.newest(model_id, [_name(kind, place)])
        if found:
            return [artifact.key for artifact in found.values()]
    raise NotFoundError("trace", f"{kind}/{number}")


def _steps_of(kit: Services, model_id: str, kind: str, number: str, part: Part) -> Generator[bytes]:
    """Returns the steps of an iteration or an evaluation of a training, or those of a part."""
    keys = trace_keys(kit, model_id, kind, number)
    if part.lap is None:
        return _steps(kit, keys, part.episode)
    if kind != "evaluation" or part.episode is not None:
        raise SpecError("lap: expected it of an evaluation and without `episode`. Leave one of them out.", field="lap")
    [row] = kit.database.progress.evaluations(model_id, int(number) - 1, 1)
    return _lap_of(_steps(kit, keys, None), row.get("laps", []), part.lap, number)


def evaluation_file(kit: Services, job: Job, name: str) -> Artifact | None:
    """Returns a file of an evaluation, that of its last attempt."""
    names = [f"evaluations/{number}/{name}" for number in range(job.attempt, 0, -1)]
    found = kit.database.artifacts.newest(job.model_id, names, job_id=job.id)
    return next((found[name] for name in names if name in found), None)


def _evaluation_steps(kit: Services, job: Job, lap: int | None, car: str = "model") -> Generator[bytes]:
    """Returns the steps of an evaluation, those of its last attempt, or of one of its laps."""
    file = evaluation_file(kit, job, "trace.csv" if car == "model" else "opponent.csv")
    if file is None:
        raise NotFoundError("trace of the evaluation" if car == "model" else "opponent in the evaluation", job.id)
    steps = _steps(kit, [file.key], None)
    if lap is None:
        return steps
    result = job.result or {}
    return _lap_of(steps, (result if car == "model" else result.get("opponent", {})).get("laps", []), lap, job.id)


def _lap_of(steps: Generator[bytes], laps: Sequence[dict[str, Any]], lap: int, evaluation: str) -> Generator[bytes]:
    if lap > len(laps):
        raise NotFoundError(f"lap of the evaluation {evaluation}", str(lap))
    # A lap's steps count its rows: the first of an attempt includes the instant at the start, when the car stands.
    first = sum(other["steps"] for other in laps[: lap - 1])
    return _portion(steps, first, laps[lap - 1]["steps"])


def lap_rows(kit: Services, job: Job, lap: int) -> Generator[TraceRow]:
    """Yields the steps of one lap of an evaluation, the first lap is 1.

    Raises:
        NotFoundError: there is no such lap, or its trace is gone.
        ConflictError: its trace is damaged.
    """
    with closing(_evaluation_steps(kit, job, lap)) as steps:
        yield from (_row(i, line) for i, line in enumerate(steps))


def _portion(steps: Generator[bytes], first: int, count: int) -> Generator[bytes]:
    with closing(steps):
        yield from islice(steps, first, first + count)


def _episode_steps(kit: Services, model_id: str, number: str) -> Generator[bytes]:
    """Returns all steps of a training episode, in order.

    An iteration may end while a car is in the middle of its lap: an episode goes through several files then.
    """
    place = _number(number)
    rows = kit.database.progress.episodes(model_id, place - 1, 1) if place is not None else []
    if not rows or rows[0]["number"] != place:
        raise NotFoundError("episode", number)
    episode: int = rows[0]["episode"]
    keys: list[str] = []
    for key in _keys_back_from(kit, model_id, rows[0]["iteration"]):
        with closing(_steps(kit, [key], episode)) as steps:
            first = next(steps, None)
        if first is None:
            break
        keys.append(key)
        if f",{Outcome.PREPARE.value},".encode() in first:
            break
    if not keys:
        raise NotFoundError("trace of the episode", number)
    return _steps(kit, keys[::-1], episode)


def _keys_back_from(kit: Services, model_id: str, iteration: int) -> Iterator[str]:
    """Yields where the traces of an iteration and of those before it are, as long as there are any."""
    for last in range(iteration, -1, -_FILES_AT_ONCE):
        names = [_name("training", number) for number in range(last, max(-1, last - _FILES_AT_ONCE), -1)]
        found = kit.database.artifacts.newest(model_id, names)
        for name in names:
            if name not in found:
                return
            yield found[name].key


def _steps(kit: Services, keys: Sequence[str], episode: int | None) -> Generator[bytes]:
    """Yields the lines of steps one by one, so that no file is ever in memory whole.

    Raises:
        NotFoundError: the store has lost one of the files.
        ConflictError: one of them is no step trace.
    """
    beginning = b"" if episode is None else b"%d," % episode
    for key in keys:
        with kit.store.open(key) as file:
            header = file.readline(_MAX_LINE_BYTES)
            if header.strip() != TRACE_HEADER.encode():
                raise damaged(header)
            while line := file.readline(_MAX_LINE_BYTES):
                if line.startswith(beginning):
                    yield line


def _page(steps: Generator[bytes], after: int, limit: int) -> TracePage:
    first = after + 1
    with closing(steps):
        return TracePage(rows=[_row(i, line) for i, line in enumerate(islice(steps, first, first + limit), first)])


def _row(number: int, line: bytes) -> TraceRow:
    try:
        values = dict(zip(COLUMNS, line.decode().strip().split(","), strict=True))
        return TraceRow.model_validate({**values, "row": number})
    except (ValueError, ValidationError) as err:
        raise damaged(line) from err
