"""The room's only reader and writer of files: ``track.json`` folders and the community's ``.npy`` files."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from deepracer_local.domain import FloatArray
from deepracer_local.errors import ConflictError, TrackError, WorldError
from deepracer_local.track._design import TrackFile, sample_design
from deepracer_local.track._drawing import Drawing
from deepracer_local.track._rows import check_table_shape, from_rows
from deepracer_local.track._track import Track

MAX_FILE_BYTES = 4_000_000
"""20000 rows of six float64 are 960 kB, as text about 2.3 MB."""
TRACK_FILE = "track.json"
ROWS_FILE = "rows.csv"
HEADER = "centre_x,centre_y,inner_x,inner_y,outer_x,outer_y"
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def load_track(path: Path) -> Track:
    """Returns the track of a folder with ``track.json``, of that file itself, or of a ``.npy`` file.

    The folder's or the file's name becomes the track's name.

    Raises:
        TrackError: the file is missing, too large, unreadable, or not a drivable road; the message begins with it.
    """
    is_array = path.suffix.lower() == ".npy"
    file = path if is_array or path.name == TRACK_FILE else path / TRACK_FILE
    try:
        _refuse_size(file)
        return from_rows(_read_npy(file), name=file.stem) if is_array else _load_design(file)
    except TrackError as err:
        raise TrackError(f"{file}: {err}", row=err.row) from err
    except OSError as err:
        raise TrackError(f"{file}: expected a readable file, found {err.strerror}. Check its permissions.") from err


def read_drawing(file: Path) -> Drawing:
    """Returns what a ``track.json`` with ``spline`` draws.

    Raises:
        TrackError: the file is missing, too large, unreadable, or describes its road otherwise; the message begins
            with it.
    """
    try:
        _refuse_size(file)
        design = _read_design(file)
    except TrackError as err:
        raise TrackError(f"{file}: {err}", row=err.row) from err
    except OSError as err:
        raise TrackError(f"{file}: expected a readable file, found {err.strerror}. Check its permissions.") from err
    if design.spline is None or design.width is None:
        raise TrackError(
            f"{file}: expected points of a smooth loop in spline, found none. docs/tracks.md has the format."
        )
    return Drawing(design.title, design.spline, design.width, design.description, design.author, design.licence)


def import_track(source: Path, name: str, directory: Path) -> Track:
    """Reads a community ``.npy`` file and writes it as ``directory/name/track.json`` and ``rows.csv``.

    Loading that folder gives a track equal to the returned one, number for number. What was there under this name is
    overwritten.

    Raises:
        TrackError: the name cannot be a folder's name, or the file is not a drivable road.
        WorldError: the folder cannot be written.
    """
    if not is_track_folder_name(name):
        raise TrackError(
            f"Expected a track name of at most 64 letters, digits, hyphens and underscores, found {name!r}. "
            "Choose another name."
        )
    if source.suffix.lower() != ".npy":
        raise TrackError(f"{source}: expected a file ending in .npy. Save the rows with numpy.save.")
    track = load_track(source)
    folder = directory / name
    save_track(replace(track, title=name, description=f"Imported from {source.name}."), folder)
    return load_track(folder)


def is_track_folder_name(name: str) -> bool:
    """Tells whether a track of one's own can have this name."""
    return NAME_PATTERN.fullmatch(name) is not None


def save_track(track: Track, folder: Path) -> None:
    """Writes a track as ``folder/track.json`` and ``rows.csv``; ``load_track`` gives it back, number for number.

    Raises:
        WorldError: the folder cannot be written.
    """
    rows = track.to_rows()
    description = {
        "format": 1,
        "title": track.title,
        "description": track.description,
        "author": track.author,
        "licence": track.licence,
        "units": "metres, degrees",
        "rows": ROWS_FILE,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / ROWS_FILE, "\n".join([HEADER, *(",".join(map(repr, row)) for row in rows.tolist()), ""]))
        _write(folder / TRACK_FILE, json.dumps(description, indent=2) + "\n")
    except OSError as err:
        raise WorldError(f"{folder}: expected a folder that can be written, found {err.strerror}.") from err


def save_drawing(drawing: Drawing, folder: Path) -> None:
    """Writes a drawn road as ``folder/track.json``; the folder must be new.

    Raises:
        ConflictError: there is something of this name already.
        WorldError: the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        _write(folder / TRACK_FILE, drawing.to_design().model_dump_json(indent=2, exclude_unset=True) + "\n")
    except FileExistsError as err:
        raise ConflictError(f"Expected a free name, got {folder.name!r}, which is taken. Choose another.") from err
    except OSError as err:
        raise WorldError(f"{folder}: expected a folder that can be written, found {err.strerror}.") from err


def delete_track(folder: Path) -> None:
    """Deletes the folder of a track; from its first step on it is no track any more.

    Raises:
        WorldError: it cannot be deleted.
    """
    try:
        (folder / TRACK_FILE).unlink()
        shutil.rmtree(folder)
    except OSError as err:
        raise WorldError(f"{folder}: expected a folder that can be deleted, found {err.strerror}.") from err


def _write(path: Path, text: str) -> None:
    """Writes beside the file and renames, so that no reader meets half a file."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _refuse_size(path: Path) -> None:
    if not path.is_file():
        raise TrackError("expected a file, found none there. Check the path.")
    n_bytes = path.stat().st_size
    if n_bytes > MAX_FILE_BYTES:
        raise TrackError(f"expected at most {MAX_FILE_BYTES} bytes, found {n_bytes}. Keep a row every 0.1 to 0.3 m.")


def _read_npy(path: Path) -> FloatArray:
    with path.open("rb") as stream:
        try:
            # The header is judged before the body is read: it may promise more rows than the file or the memory holds.
            version = np.lib.format.read_magic(stream)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }.get(version)
            if read_header is None:
                raise TrackError(f"expected .npy format 1.0 or 2.0, found {version}. Save the array with numpy.save.")
            shape, _, dtype = read_header(stream)
            check_table_shape(shape, dtype)
            stream.seek(0)
            return np.asarray(np.load(stream, allow_pickle=False), dtype=np.float64)
        except (ValueError, EOFError) as err:
            raise TrackError(
                f"expected a .npy file of numbers, found something else ({err}). Save the array with numpy.save."
            ) from err


def _load_design(path: Path) -> Track:
    design = _read_design(path)
    rows = sample_design(design) if design.rows is None else _read_csv(path.with_name(design.rows))
    return from_rows(
        rows,
        name=path.parent.name,
        title=design.title,
        description=design.description,
        author=design.author,
        licence=design.licence,
    )


def _read_design(path: Path) -> TrackFile:
    try:
        return TrackFile.model_validate_json(path.read_bytes())
    except ValidationError as err:
        first = err.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise TrackError(
            f"expected a track description, found a mistake in {field}: {first['msg']}. docs/tracks.md has the format."
        ) from err


def _read_csv(path: Path) -> FloatArray:
    _refuse_size(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as err:
        raise TrackError(f"{path.name}: expected text in UTF-8, found other bytes. Save it as UTF-8.") from err
    if not lines or lines[0] != HEADER:
        raise TrackError(f"{path.name}: expected the first line {HEADER!r}. Add it.")
    rows = []
    for number, line in enumerate(lines[1:]):
        try:
            row = [float(cell) for cell in line.split(",")]
        except ValueError as err:
            raise TrackError(f"{path.name}: row {number}: {err}. Write six numbers.", row=number) from err
        if len(row) != 6:
            raise TrackError(
                f"{path.name}: row {number}: expected six numbers, found {len(row)}. Mend that row.", row=number
            )
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, 6)
