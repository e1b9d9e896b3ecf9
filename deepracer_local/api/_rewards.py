"""Routes about reward functions: check one, list the examples."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._curriculum import decoded, first_stage
from deepracer_local.api._fields import JsonObject, Text, TrackName, below, track_named
from deepracer_local.api._paths import API
from deepracer_local.api._services import Kit, Services
from deepracer_local.domain import RaceSpec, RewardParams, RewardSamples, TrainingRace
from deepracer_local.race import sample_reward
from deepracer_local.reward import FindingKind, check_reward, list_examples
from deepracer_local.track import Track

router = APIRouter(prefix=f"{API}/reward-functions", tags=["reward functions"])


Curriculum = Annotated[
    Text | JsonObject | None,
    BeforeValidator(decoded),
    Field(description="of the training: the function is tried where its first stage drives; null: on track"),
]


class CheckRequest(BaseModel):
    """A reward function to try."""

    model_config = ConfigDict(extra="forbid")

    reward_function: Text = Field(max_length=140_000, description="the source text")
    track: TrackName = "reinvent_2018"
    race: TrainingRace | None = Field(default=None, description="whose objects are on the road; null: made-up ones")
    curriculum: Curriculum = None


class FindingView(BaseModel):
    """One thing to tell the user."""

    kind: FindingKind
    rule: str = Field(description="a name for programs; docs/reward_functions.md lists them")
    message: str = Field(description="what was expected, what came, what to do")
    line: int | None = Field(description="1-based")
    column: int | None = Field(description="1-based, in characters")
    code: str | None = Field(description="the text of that line")
    place: str | None = Field(description="what the state shows")
    params: RewardParams | None = Field(description="the state that showed it")


class CheckAnswer(BaseModel):
    """What was found; usable unless one of the findings is an error."""

    usable: bool
    findings: list[FindingView]
    calls: int
    min_reward: float | None
    mean_reward: float | None
    max_reward: float | None
    microseconds_per_call: float | None
    printed: str = Field(description="what the function printed, or the beginning of it")


class ExampleView(BaseModel):
    """A shipped reward function."""

    name: str
    title: str
    text: str


class ExampleList(BaseModel):
    """All shipped reward functions."""

    examples: list[ExampleView]


@router.get("/examples")
def examples(_: Reader, kit: Kit) -> ExampleList:
    """Lists the shipped reward functions."""
    with kit.parsing:
        found = list_examples()
    return ExampleList(examples=[ExampleView(name=e.name, title=e.title, text=e.text) for e in found])


@router.post("/check")
async def check(_: Writer, kit: Kit, body: CheckRequest) -> CheckAnswer:
    """Tries a reward function on a few hundred states of a track, in a process of its own behind the wall.

    Two are tried at the same time, the others wait their turn.
    """
    return await kit.check_turns.run(partial(_check, kit, body))


def samples_of(
    track: Track, race: TrainingRace | None, curriculum: Any, kit: Services, *, is_reversed: bool = False
) -> RewardSamples:
    """Returns the states in which a function is tried: of a race on a track, or of the first stage of a curriculum.

    Raises:
        SpecError: the objects have no room, or the curriculum cannot be read.
    """
    if curriculum is not None:
        own = RaceSpec(**({} if race is None else race.model_dump()), reverse_dir=is_reversed)
        track, race, is_reversed = first_stage(curriculum, track, own, kit)
    with below("race"):
        driven = track.reversed() if is_reversed else track
        return sample_reward(driven, is_reversed=is_reversed, race=race)


def _check(kit: Kit, body: CheckRequest) -> CheckAnswer:
    samples = samples_of(track_named(body.track, kit), body.race, body.curriculum, kit)
    report = check_reward(body.reward_function, samples, options=kit.sandbox, parsing=kit.parsing)
    return CheckAnswer(**report.to_json())
