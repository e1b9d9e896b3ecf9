"""The original's settings in this program's terms; what has no counterpart is named, never dropped.

Source of the names: simapp v6.0.5 and deepracer-for-cloud 5.2 (reference, sections 2.2 to 2.5, 4.1 and 7.3).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError

from deepracer_local.domain import Hyperparameters, RaceSpec, first_error

Settings = Mapping[str, str | list[str]]
"""Names and values as a ``training_params.yaml`` has them."""

WORLDS = {"reinvent_base": "reinvent_2018"}
"""The original's names of tracks that come with this program under another."""
_OTHER_NAMES = {"NUMBER_OF_OBSTACLES": "number_of_obstacles"}
_NOT_OF_THE_RULES = frozenset({"number_of_laps"})
_STORAGE = re.compile(
    r".*(?:S3|SAGEMAKER|KINESIS|AWS|ARN|BUCKET|ROBOMAKER|CLOUDWATCH|MINIO|TELEGRAF|DOCKER|ROLE|REDIS|GUI|VIEWER|PORT|"
    r"GPU|CUDA|MOUNT|REMOTE|ENDPOINT|LOG|CAMERA|MP4|VIDEO|JOB_TYPE|JOB_NAME|EXP_NAME|EXPERIMENT|RUN_ID|HOST|XAUTH|DISPLAY$|"
    r"IMAGE|REPOSITORY|QUIET|ANALYSIS|METRICS_|SIMTRACE|UPLOAD|DOWNLOAD|PREFIX|KEY|RTF|VERSION|BUNDLE).*"
)
_LOOK = re.compile(r".*(?:BODY_SHELL|CAR_COLOR|CAR_NAME|DISPLAY_NAME|RACER_NAME|LEADERBOARD).*")
_LAPS = frozenset({"NUMBER_OF_TRIALS", "EVAL_NUMBER_OF_TRIALS"})


class NotTaken(NamedTuple):
    """Something that was not taken over."""

    name: str
    reason: str


@dataclass(slots=True)
class RaceSettings:
    """What settings say about a training.

    Attributes:
        race: the rules.
        track: the name of the track; None where none is named.
        evaluation_laps: laps of the evaluations within the training.
        taken: the names of the settings that were taken over.
        not_taken: the others.
    """

    race: RaceSpec = field(default_factory=RaceSpec)
    track: str | None = None
    evaluation_laps: int = 3
    taken: list[str] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)


def read_settings(settings: Settings, *, source: str) -> RaceSettings:
    """Returns what settings say.

    Args:
        settings: the original's.
        source: what to call their file.
    """
    found = RaceSettings()
    fields: dict[str, Any] = {}
    clockwise: str | None = None
    # The race's type first: what else may be said depends on it. What was not possible is tried again at the end: the
    # least and the most of a time depend on each other.
    waiting = deque(sorted(settings, key=lambda name: (name != "RACE_TYPE", name)))
    tried = set[str]()
    while waiting:
        name = waiting.popleft()
        value = _single(settings[name])
        if name == "WORLD_NAME":
            found.track = value.removesuffix(".npy")
        elif name == "TRACK_DIRECTION_CLOCKWISE":
            clockwise = value
        elif name == "MIN_EVAL_TRIALS" and value.isdigit() and 1 <= int(value) <= 100:
            found.evaluation_laps = int(value)
        elif name == "CHANGE_START_POSITION" and value.lower() in {"true", "false", "1", "0"}:
            fields["start_position"] = "round_robin" if value.lower() in {"true", "1"} else "fixed"
            found.race = RaceSpec.model_validate(fields)
        else:
            reason = _race_field(found, fields, name, settings[name])
            if reason is not None and name not in tried:
                tried.add(name)
                waiting.append(name)
                continue
            if reason is not None:
                found.not_taken.append(NotTaken(f"{source}: {name}", reason))
                continue
        found.taken.append(name)
    if clockwise is not None and found.track is not None:
        found.track += "_cw" if clockwise.lower() in {"true", "1"} else "_ccw"
    return found


def read_hyperparameters(given: Any, *, source: str) -> tuple[Hyperparameters, list[NotTaken]]:
    """Returns the hyperparameters, with the original's defaults for those that cannot be had, and what was left out."""
    fields: dict[str, Any] = {}
    not_taken = []
    if not isinstance(given, dict):
        return Hyperparameters(), [NotTaken(source, "expected an object of names and values; the defaults stand")]
    for name, value in given.items():
        if name not in Hyperparameters.model_fields:
            not_taken.append(NotTaken(f"{source}: {str(name)[:60]}", "there is no such hyperparameter here"))
            continue
        try:
            Hyperparameters.model_validate(fields | {name: value})
            fields[name] = value
        except ValidationError as err:
            default = Hyperparameters.model_fields[name].default
            not_taken.append(NotTaken(f"{source}: {name}", f"{first_error(err)[1]} The default {default} stands."))
    return Hyperparameters.model_validate(fields), not_taken


def _race_field(found: RaceSettings, fields: dict[str, Any], name: str, value: str | list[str]) -> str | None:
    """Takes a setting over where the rules have it; returns the reason where not."""
    key = _OTHER_NAMES.get(name, name.lower())
    if key in RaceSpec.model_fields and key not in _NOT_OF_THE_RULES:
        try:
            rules = RaceSpec.model_validate(fields | {key: _parsed(key, value)})
        except ValidationError as err:
            return first_error(err)[1]
        fields[key] = _parsed(key, value)
        found.race = rules
        return None
    if name in _LAPS:
        return f"laps are asked for with each evaluation here: evaluate with --trials {_single(value)}"
    if name == "NUM_WORKERS":
        return "cars collect side by side in one process here: 16 unless `cars` says otherwise"
    if _LOOK.fullmatch(name):
        return "how a car looks and what its racer is called is no part of a model here"
    if _STORAGE.fullmatch(name):
        return "it says where the original keeps its files or shows its pictures, which this program does not need"
    return "there is no such setting here"


def _parsed(key: str, value: str | list[str]) -> Any:
    """Returns what pydantic can read: a list where the original writes one as text.

    deepracer-for-cloud writes places with semicolons between them.
    """
    if isinstance(value, str) and value.strip() in {"", "[]"}:
        return []
    if isinstance(value, str) and value.strip().startswith("["):
        return re.findall(r"[\"']([^\"']*)[\"']", value)
    if isinstance(value, str) and key == "object_positions":
        return [place for place in value.split(";") if place.strip()]
    return value


def _single(value: str | list[str]) -> str:
    return value if isinstance(value, str) else (value[0] if value else "")
