"""The option about the stages of a training, and what is said of them at its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from deepracer_local.domain import CurriculumWish, TrainSpec, parse_curriculum
from deepracer_local.errors import SpecError
from deepracer_local.runs import RunDirectory

_MAX_BYTES = 1_000_000

CurriculumFile = Annotated[
    Path | None,
    typer.Option("--curriculum", help="A JSON or YAML file of stages with rules of advance; see docs/curriculum.md."),
]


def read_curriculum(file: Path | None) -> CurriculumWish | None:
    """Returns what a file asks for; None where none is given.

    Raises:
        SpecError: it cannot be read, or names the field at fault and its stage.
    """
    return None if file is None else parse_curriculum(_decoded(file))


def curriculum_json(file: Path | None) -> dict[str, Any]:
    """Returns the field by which the API takes a file; none where none is given.

    Raises:
        SpecError: it cannot be read, or names the field at fault and its stage.
    """
    if file is None:
        return {}
    value = _decoded(file)
    parse_curriculum(value)
    return {"curriculum": value}


def stages_said(spec: TrainSpec, run: RunDirectory, reached: int | None) -> list[str]:
    """Returns what there is to say about the stages of a training that ended; nothing without a curriculum."""
    if spec.curriculum is None or reached is None:
        return []
    labels = spec.curriculum.labels
    said = [f"reached {labels[reached - 1]} of {len(labels)}"]
    looks = [row["earlier"] for row in run.read_rows("evaluations.jsonl") if "earlier" in row]
    for look in looks[-1] if looks else ():
        if look["is_forgotten"]:
            said.append(
                f"warning: {labels[look['stage'] - 1]} is forgotten: completion {look['when_left']:.0f} % when it was "
                f"left, {look['mean_progress']:.0f} % now"
            )
    return said


def _decoded(file: Path) -> Any:
    try:
        with file.open("rb") as content:
            text = content.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES} bytes")
        # JSON is read as YAML, too; what YAML has beyond it, such as dates, is refused like any other wrong value.
        return json.loads(json.dumps(yaml.safe_load(text), allow_nan=False))
    except (OSError, yaml.YAMLError, ValueError, TypeError, RecursionError) as err:
        reason = " ".join(str(err).split()) or type(err).__name__
        raise SpecError(
            f"--curriculum: expected JSON or YAML in {file}, got: {reason}. Check the file.", field="curriculum"
        ) from err
