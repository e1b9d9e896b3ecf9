"""The files of deepracer-for-cloud: ``run.env``, ``system.env`` and ``custom_files/``. Read as text, never run.

Source: deepracer-for-cloud 5.2, its sample files and ``scripts/training/prepare-config.py`` (reference, sections 2, 4
and 7.3).
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path
from typing import IO

from deepracer_local.errors import ArchiveError

_ASSIGNMENT = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")
_MAX_BYTES = 1_000_000
_CUSTOM_FILES = ("reward_function.py", "model_metadata.json", "hyperparameters.json")
_NAMES = {
    "DR_WORLD_NAME": "WORLD_NAME",
    "DR_RACE_TYPE": "RACE_TYPE",
    "DR_TRACK_DIRECTION_CLOCKWISE": "TRACK_DIRECTION_CLOCKWISE",
    "DR_TRAIN_CHANGE_START_POSITION": "CHANGE_START_POSITION",
    "DR_TRAIN_ALTERNATE_DRIVING_DIRECTION": "ALTERNATE_DRIVING_DIRECTION",
    "DR_TRAIN_START_POSITION_OFFSET": "START_POSITION_OFFSET",
    "DR_TRAIN_ROUND_ROBIN_ADVANCE_DIST": "ROUND_ROBIN_ADVANCE_DIST",
    "DR_TRAIN_REVERSE_DIRECTION": "REVERSE_DIR",
    "DR_TRAIN_MIN_EVAL_TRIALS": "MIN_EVAL_TRIALS",
    "DR_OA_NUMBER_OF_OBSTACLES": "NUMBER_OF_OBSTACLES",
    "DR_OA_MIN_DISTANCE_BETWEEN_OBSTACLES": "MIN_DISTANCE_BETWEEN_OBSTACLES",
    "DR_OA_RANDOMIZE_OBSTACLE_LOCATIONS": "RANDOMIZE_OBSTACLE_LOCATIONS",
    "DR_OA_IS_OBSTACLE_BOT_CAR": "IS_OBSTACLE_BOT_CAR",
    "DR_OA_OBJECT_POSITIONS": "OBJECT_POSITIONS",
    "DR_H2B_IS_LANE_CHANGE": "IS_LANE_CHANGE",
    "DR_H2B_LOWER_LANE_CHANGE_TIME": "LOWER_LANE_CHANGE_TIME",
    "DR_H2B_UPPER_LANE_CHANGE_TIME": "UPPER_LANE_CHANGE_TIME",
    "DR_H2B_LANE_CHANGE_DISTANCE": "LANE_CHANGE_DISTANCE",
    "DR_H2B_NUMBER_OF_BOT_CARS": "NUMBER_OF_BOT_CARS",
    "DR_H2B_MIN_DISTANCE_BETWEEN_BOT_CARS": "MIN_DISTANCE_BETWEEN_BOT_CARS",
    "DR_H2B_RANDOMIZE_BOT_CAR_LOCATIONS": "RANDOMIZE_BOT_CAR_LOCATIONS",
    "DR_H2B_BOT_CAR_SPEED": "BOT_CAR_SPEED",
    "DR_EVAL_NUMBER_OF_TRIALS": "NUMBER_OF_TRIALS",
    "DR_WORKERS": "NUM_WORKERS",
}
"""The variables that become settings of a training."""


def read_drfc(folder: Path, target: IO[bytes]) -> None:
    """Writes what a folder of deepracer-for-cloud says as an archive that can be imported.

    The settings become its ``training_params.yaml``: known variables under the names of the simulator, the others under
    their own, so that the import names them.

    Raises:
        ArchiveError: there is no ``run.env``, or a file is not readable text.
    """
    run = folder / "run.env"
    if not run.is_file():
        raise ArchiveError(
            f"{folder}: expected a folder of deepracer-for-cloud with run.env, found none. Check the path."
        )
    variables: dict[str, str] = {}
    for file in (folder / "system.env", run):
        if file.is_file():
            variables |= read_variables(_text(file), source=file.name)
    belongs = {"OA": "OBJECT_AVOIDANCE", "H2B": "HEAD_TO_BOT"}
    race_type = variables.get("DR_RACE_TYPE", "TIME_TRIAL")
    settings = {}
    for name, value in variables.items():
        group = name.split("_")[1] if name.count("_") > 1 else ""
        # Its sample files set everything, also what belongs to other races.
        is_ours = belongs.get(group, race_type) == race_type
        settings[_NAMES.get(name, name) if is_ours else name] = value
    with tarfile.open(fileobj=target, mode="w") as tar:
        # JSON is YAML.
        _add(tar, "training_params.yaml", json.dumps(settings, indent=1).encode())
        for name in _CUSTOM_FILES:
            place = next((p for p in (folder / "custom_files" / name, folder / name) if p.is_file()), None)
            if place is not None:
                _add(tar, name, _text(place).encode())


def read_variables(text: str, *, source: str) -> dict[str, str]:
    """Returns the variables that a file sets, as text: nothing is expanded, nothing is run.

    Raises:
        ArchiveError: a line sets nothing, or a value is not closed.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(stripped)
        if match is None:
            raise ArchiveError(f"{source}: line {number}: expected NAME=value, got {stripped[:60]!r}.", file=source)
        found[match["name"]] = _unquoted(match["value"], f"{source}: line {number}")
    return found


def _unquoted(value: str, place: str) -> str:
    quote = value[:1]
    if quote in {"'", '"'}:
        inside, closing, rest = value[1:].partition(quote)
        if not closing or (rest.strip() and not rest.strip().startswith("#")):
            raise ArchiveError(f"{place}: expected a value that its quotes close, got {value[:60]!r}.")
        return inside
    return re.split(r"\s#", value, maxsplit=1)[0].strip()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ArchiveError(f"{path}: expected at most {_MAX_BYTES} bytes, found more. Check the path.")
        return content.decode("utf-8-sig")
    except OSError as err:
        raise ArchiveError(f"{path}: expected a readable file, found {err.strerror}. Check its permissions.") from err
    except UnicodeDecodeError as err:
        raise ArchiveError(f"{path}: expected text in UTF-8, found other bytes. Save it as UTF-8.") from err


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
