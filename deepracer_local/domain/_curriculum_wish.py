"""Reading a curriculum as somebody wrote it: what a stage leaves out is as in the training itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from deepracer_local.domain._curriculum import MAX_STAGES, AdvanceRules, Curriculum, Stage
from deepracer_local.domain._metadata import first_error
from deepracer_local.domain._race import RaceSpec, TrainingRace
from deepracer_local.domain._race_objects import RaceObjects
from deepracer_local.domain._randomisation import to_randomisation
from deepracer_local.domain._run import TrainSpec
from deepracer_local.domain._track_shares import MAX_TRACKS, TrackShare
from deepracer_local.errors import FieldError, SpecError, TrackError, UnknownNameError

_EXAMPLE = '{"stages": [{"name": "slow", "max_speed_mps": 1, "advance": {"completion": 90}}, {"name": "fast"}]}'


class StageWish(BaseModel):
    """One stage as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str | None = Field(default=None, min_length=1, max_length=40)
    tracks: tuple[TrackShare, ...] | None = Field(default=None, min_length=1, max_length=MAX_TRACKS)
    reverse: bool | None = None
    race: dict[str, Any] | None = None
    randomisation: str | dict[str, Any] | None = None
    max_speed_mps: float | None = Field(default=None, ge=0.1, le=4)
    advance: AdvanceRules | None = None

    @field_validator("tracks", mode="before")
    @classmethod
    def _names_are_tracks(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [{"track": one} if isinstance(one, str) else one for one in value]
        return value


class CurriculumWish(BaseModel):
    """A curriculum as it was written, found to be one; it does not say yet what the stages leave out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: tuple[StageWish, ...]
    settings: dict[str, Any]
    """``look_back_every`` and ``forgotten_points``, as far as they were given."""

    @property
    def tracks(self) -> tuple[str, ...]:
        """Every track that a stage names, once."""
        named = (road.track for stage in self.stages for road in stage.tracks or ())
        return tuple(dict.fromkeys(named))

    def renamed(self, name_of: Callable[[str], str]) -> CurriculumWish:
        """Returns the same with other names for its tracks, as where files were given for them.

        Raises:
            SpecError: ``name_of`` refuses one; the message says the stage.
        """
        return self.model_copy(
            update={"stages": tuple(_renamed(i, stage, name_of) for i, stage in enumerate(self.stages))}
        )


def parse_curriculum(value: Any) -> CurriculumWish:
    """Reads a decoded curriculum, for example from JSON or YAML.

    Raises:
        SpecError: names the first field at fault, and the stage.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("stages"), (list, tuple)):
        raise SpecError(
            f"curriculum: expected an object with a list of stages, such as {_EXAMPLE}, got {_told(value)}. Write one.",
            field="curriculum",
        )
    known = [*Curriculum.model_fields]
    _require_known(value, known, said="curriculum", field="curriculum")
    stages = value["stages"]
    if not 2 <= len(stages) <= MAX_STAGES:
        raise SpecError(
            f"curriculum.stages: expected 2 to {MAX_STAGES} stages, got {len(stages)}. A training without stages "
            "needs no curriculum.",
            field="curriculum.stages",
        )
    read = tuple(_stage_wish(i, stage) for i, stage in enumerate(stages))
    return CurriculumWish(stages=read, settings={key: value[key] for key in known[1:] if key in value})


def with_curriculum(spec: TrainSpec, wish: CurriculumWish) -> TrainSpec:
    """Returns a training that goes through the stages of ``wish``.

    Law: its own tracks, race and randomisation are those of the last stage, whatever ``spec`` said; what a stage
    leaves out is as in ``spec``.

    Args:
        spec: a training without a curriculum.
        wish: the stages.

    Raises:
        SpecError: names the first field at fault, and the stage.
    """
    stages = [_stage(i, stage, spec) for i, stage in enumerate(wish.stages)]
    last = stages[-1]
    own = {
        "track": last.tracks[0].track,
        "tracks": last.tracks,
        "race": last.race,
        "randomisation": last.randomisation,
    }
    try:
        curriculum = Curriculum(stages=tuple(stages), **wish.settings)
        return TrainSpec.model_validate({**dict(spec), **own, "curriculum": curriculum})
    except ValidationError as err:
        field, message = first_error(err)
        if field.split(".")[0] in Curriculum.model_fields:
            field = f"curriculum.{field}"
        raise SpecError(f"curriculum: {message}", field=field or "curriculum") from err


def _stage_wish(i: int, value: Any) -> StageWish:
    field, said = f"curriculum.stages.{i}", f"stage {i + 1}"
    if not isinstance(value, Mapping):
        raise SpecError(
            f'{said}: expected an object such as {{"name": "easy", "tracks": ["oval"]}}, got {_told(value)}. Correct '
            "it and try again.",
            field=field,
        )
    _require_known(value, [*StageWish.model_fields], said=said, field=field)
    if isinstance(value.get("advance"), Mapping):
        _require_known(value["advance"], [*AdvanceRules.model_fields], said=said, field=f"{field}.advance")
    if isinstance(value.get("race"), Mapping):
        _require_known(value["race"], [*TrainingRace.model_fields], said=said, field=f"{field}.race")
    try:
        return StageWish.model_validate(dict(value))
    except ValidationError as err:
        inner, message = first_error(err)
        raise SpecError(f"{said}: {message}", field=f"{field}.{inner}".rstrip(".")) from err


def _stage(i: int, wish: StageWish, spec: TrainSpec) -> Stage:
    field = f"curriculum.stages.{i}"
    name = wish.name or f"{i + 1}"
    said = f"stage {i + 1} ({name})" if wish.name else f"stage {i + 1}"
    tracks = wish.tracks or spec.roads
    if len(tracks) > spec.n_envs:
        raise SpecError(
            f"{said}: expected at most a track for each of {spec.n_envs} cars, got {len(tracks)}. Take more cars, or "
            "fewer tracks.",
            field=f"{field}.tracks",
        )
    try:
        randomisation = spec.randomisation if wish.randomisation is None else to_randomisation(wish.randomisation)
        randomisation.require_fits(spec.camera)
    except (FieldError, UnknownNameError) as err:
        raise SpecError(f"{said}: {err}", field=f"{field}.randomisation") from err
    try:
        race = _race(wish, spec.race)
    except ValidationError as err:
        inner, message = first_error(err)
        raise SpecError(f"{said}: race: {message}", field=f"{field}.race.{inner}".rstrip(".")) from err
    try:
        return Stage(
            name=name,
            tracks=tracks,
            race=race,
            randomisation=randomisation,
            max_speed_mps=wish.max_speed_mps,
            advance=wish.advance,
        )
    except ValidationError as err:
        inner, message = first_error(err)
        raise SpecError(f"{said}: {message}", field=f"{field}.{inner}".rstrip(".")) from err


def _race(wish: StageWish, own: RaceSpec) -> RaceSpec:
    """Returns the race of a stage: one that names no ``race_type`` keeps the objects of the training."""
    given = wish.race or {}
    kept = set(TrainingRace.model_fields) - set(RaceObjects.model_fields if "race_type" in given else ())
    chosen = TrainingRace.model_validate({**own.model_dump(include=kept), **given})
    reverse = own.reverse_dir if wish.reverse is None else wish.reverse
    return own.model_copy(update={**dict(chosen), "reverse_dir": reverse})


def _renamed(i: int, stage: StageWish, name_of: Callable[[str], str]) -> StageWish:
    if stage.tracks is None:
        return stage
    try:
        tracks = tuple(road.model_copy(update={"track": name_of(road.track)}) for road in stage.tracks)
    except (FieldError, UnknownNameError, TrackError) as err:
        raise SpecError(f"stage {i + 1}: {err}", field=f"curriculum.stages.{i}.tracks") from err
    return stage.model_copy(update={"tracks": tracks})


def _require_known(value: Mapping[Any, Any], known: list[str], *, said: str, field: str) -> None:
    for name in value:
        if name not in known:
            unknown = UnknownNameError("field", str(name), known)
            raise SpecError(f"{said}: {unknown}", field=f"{field}.{name}") from unknown


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"stages of type {type(value['stages']).__name__}" if "stages" in value else "an object without stages"
    return type(value).__name__
