"""The route that paints a reward function: what it pays on laps and on a grid of a track."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Writer
from deepracer_local.api._fields import Text, TrackName, below, track_named
from deepracer_local.api._jobs import evaluation_of
from deepracer_local.api._objects import RoadObjectView
from deepracer_local.api._paths import API
from deepracer_local.api._progress import MAX_NUMBER
from deepracer_local.api._rewards import CheckAnswer, Curriculum, samples_of
from deepracer_local.api._services import Kit, Services
from deepracer_local.api._traces import TraceRow, lap_rows
from deepracer_local.api._views import written
from deepracer_local.domain import JobSpec, Outcome, SampleLap, StepRecord, TrainingRace
from deepracer_local.errors import SpecError
from deepracer_local.race import recorded_params
from deepracer_local.reward import preview_reward
from deepracer_local.track import Track

router = APIRouter(prefix=f"{API}/reward-functions", tags=["reward functions"])

MAX_RECORDED_LAPS = 5
MAX_RECORDED_STEPS = 1_000
"""Of one lap; the rest of a longer one is left out."""


class RecordedLap(BaseModel):
    """A lap that an evaluation of one's own has driven on the same track."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(max_length=64, description="the model's id")
    evaluation: str = Field(max_length=64, description="the evaluation's id")
    lap: int = Field(ge=1, le=MAX_NUMBER, description="the first is 1")


class PreviewRequest(BaseModel):
    """A reward function to paint."""

    model_config = ConfigDict(extra="forbid")

    reward_function: Text = Field(max_length=140_000, description="the source text")
    track: TrackName = "reinvent_2018"
    reverse: bool = Field(default=False, description="drive the track against the order of its rows")
    laps: list[RecordedLap] = Field(
        default_factory=list, max_length=MAX_RECORDED_LAPS, description="shown beside the five sample laps"
    )
    race: TrainingRace | None = Field(
        default=None,
        description="whose objects are on the road; null: none where it is painted, made-up ones where it is checked",
    )
    with_params: bool = Field(
        default=False, description="add what the function was told in every step and place, and what is on the road"
    )
    curriculum: Curriculum = None


class PaintedLap(BaseModel):
    """A lap with what each of its steps is paid; all lists have the same length."""

    name: str = Field(description="`centre`, `left`, `right`, `zigzag`, `cutting` or `recorded`")
    title: str
    x: list[float] = Field(description="m, the front of the car")
    y: list[float] = Field(description="m")
    reward: list[float | None] = Field(description="null where the function failed or there was no time")
    total: float | None
    mean: float | None = Field(description="per step")
    steps: int
    time_s: float = Field(description="simulated")
    progress: float = Field(description="percent, at the last step")
    complete: bool
    params: dict[str, list[Any]] | None = Field(description="by name, a value per step; objects and waypoints left out")


class PaintedGrid(BaseModel):
    """Places over the road, lane by lane at each place along the lap, and what each is paid in each heading."""

    n_along: int
    lanes: list[float] = Field(description="in halves of the road's width, positive to the left")
    headings_deg: list[float] = Field(description="against the direction of the road, positive to the left")
    x: list[float] = Field(description="m; n_along times as many as lanes")
    y: list[float] = Field(description="m")
    reward: list[list[float | None]] = Field(description="heading by heading")
    params: list[dict[str, list[Any]]] | None = Field(description="heading by heading; as a lap's")


class PreviewAnswer(CheckAnswer):
    """What a check finds, and what the function pays."""

    laps: list[PaintedLap]
    grid: PaintedGrid
    low: float | None = Field(description="the smallest reward of laps and grid")
    high: float | None
    scale_low: float | None = Field(description="2 % of the rewards are smaller: where a scale of colours may begin")
    scale_high: float | None
    objects: list[list[RoadObjectView]] | None = Field(
        description="of the race, at the start of a lap and after each step; one entry where nothing moves, none for "
        "an empty road; null without with_params"
    )
    cut: str | None = Field(description="a sentence where not everything could be tried in time")


@router.post("/preview", response_model=PreviewAnswer)
async def preview(
    identity: Writer, kit: Kit, body: PreviewRequest, request: Request, afterwards: BackgroundTasks
) -> Response:
    """Tries a reward function, and runs it over five sample laps, recorded ones, and a grid of places and headings.

    All of it in one process behind the wall, started ahead of time. Two are run at the same time, the others wait; who
    has gone away meanwhile is passed over.
    """
    work = partial(_preview, kit, identity.owner, body)

    async def is_wanted() -> bool:
        return not await request.is_disconnected()

    fields = await kit.preview_turns.run(work, is_wanted=is_wanted)
    afterwards.add_task(kit.children.refill)
    answer = written(fields)
    answer.background = afterwards
    return answer


def _preview(kit: Services, owner: str, body: PreviewRequest) -> dict[str, Any]:
    track = track_named(body.track, kit)
    recorded = [_recorded(kit, owner, track, wish, f"laps.{i}") for i, wish in enumerate(body.laps)]
    with below("race"):
        scenes = kit.scenes.of(track, is_reversed=body.reverse, race=body.race)
    road = scenes.road
    if road is not None:
        road = road.lasting(max((len(lap.states) for lap in recorded), default=0))
    samples = scenes.samples
    if body.curriculum is not None:
        samples = samples_of(track, body.race, body.curriculum, kit, is_reversed=body.reverse)
    report = preview_reward(
        body.reward_function,
        samples,
        (*scenes.laps, *(lap if road is None else road.on_lap(lap) for lap in recorded)),
        scenes.grid,
        options=kit.sandbox,
        take_child=kit.children.take,
        parsing=kit.parsing,
    )
    if road is not None:
        report = replace(report, objects=road.instants)
    return report.to_json(with_params=body.with_params)


def _recorded(kit: Services, owner: str, track: Track, wish: RecordedLap, field: str) -> SampleLap:
    """Returns a lap of an evaluation as the reward function would have been told of it.

    Raises:
        NotFoundError: there is no such lap of this owner's.
        SpecError: it was driven on another track.
    """
    model = kit.database.models.get(owner, wish.model)
    job = evaluation_of(kit, owner, wish.model, wish.evaluation)
    evaluate = JobSpec.model_validate(job.spec).evaluate
    assert evaluate is not None
    if evaluate.track != track.name:
        raise SpecError(
            f"{field}: expected a lap on {track.name!r}, got one that was driven on {evaluate.track!r}. Choose another "
            "lap or that track.",
            field=field,
        )
    is_reversed = bool(model.spec["train"]["race"]["reverse_dir"])
    driven = track.reversed() if is_reversed else track
    with contextlib.closing(lap_rows(kit, job, wish.lap)) as rows:
        records = [_record(row) for row in islice(rows, MAX_RECORDED_STEPS)]
    paid = [record for record in records if record.outcome is not Outcome.PREPARE]
    if not paid:
        raise SpecError(f"{field}: expected a lap with steps, got one without. Choose another.", field=field)
    states = tuple(recorded_params(driven, record, is_reversed=is_reversed) for record in paid)
    return SampleLap("recorded", f"{model.name}, lap {wish.lap}", states, paid[-1].outcome)


def _record(row: TraceRow) -> StepRecord:
    return StepRecord(
        steps=row.steps,
        x_m=row.X,
        y_m=row.Y,
        yaw_deg=row.yaw,
        steering_angle_deg=row.steer,
        speed_mps=row.throttle,
        action=row.action,
        reward=row.reward,
        done=row.done,
        all_wheels_on_track=row.all_wheels_on_track,
        progress=row.progress,
        closest_waypoint=row.closest_waypoint,
        track_length_m=row.track_len,
        time_s=row.tstamp,
        outcome=row.episode_status,
        measured_speed_mps=row.measured_speed,
    )
