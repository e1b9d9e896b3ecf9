"""The archive that a car takes, checked here, because the car skips what it does not like and says "done"."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deepracer_local.errors import SpecError

SUFFIX = ".tar.gz"
METADATA = "model_metadata.json"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MAX_METADATA_BYTES = 10**6


@dataclass(frozen=True, slots=True)
class CarArchive:
    """A file that a car will install, and the name that the model gets there."""

    path: Path
    name: str
    size: int
    """Bytes."""


def read_archive(path: Path, name: str | None = None) -> CarArchive:
    """Returns the archive, which the car will not skip.

    The car takes a tar.gz with exactly one file that could be a network and ``model_metadata.json`` at the top. For a
    network it takes every file whose ending is a part of ``.pb``, and so those without an ending.

    Args:
        path: the file.
        name: of the model on the car; without one the file's.

    Raises:
        SpecError: there is no such archive, or the car would skip it without a word.
    """
    if not path.is_file():
        raise SpecError(
            f"archive: expected a {SUFFIX} for the car, but there is no file {path}. Export the model first."
        )
    if not path.name.endswith(SUFFIX):
        raise SpecError(f"archive: expected a file NAME{SUFFIX}, got {path.name}. The car takes no other ending.")
    chosen = name or re.sub(r"[^A-Za-z0-9_-]", "_", path.name.removesuffix(SUFFIX))
    if not _NAME.fullmatch(chosen):
        raise SpecError(
            f"name: expected 1 to 64 letters, digits, '_' or '-', got {chosen!r}. The car cuts names at the first dot.",
            field="name",
        )
    _check(path)
    return CarArchive(path, chosen, path.stat().st_size)


def _check(path: Path) -> None:
    networks: list[str] = []
    has_metadata = False
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                inside = PurePosixPath(member.name)
                if member.isfile() and inside.suffix in ".pb":
                    networks.append(str(inside))
                if member.isfile() and inside.parts == (METADATA,):
                    has_metadata = True
                    _check_metadata(path, tar, member)
    except (tarfile.TarError, EOFError, OSError) as err:
        raise SpecError(f"archive: expected a whole {SUFFIX}, got {path}: {err}. Export the model again.") from err
    if not has_metadata:
        raise SpecError(
            f"archive: expected {METADATA} at the top of {path.name}, it is not there. Export the model again."
        )
    if len(networks) != 1 or not networks[0].endswith(".pb"):
        raise SpecError(
            f"archive: expected one network (.pb) and otherwise only files with other endings in {path.name}, got "
            f"{', '.join(networks[:5]) or 'none'}. The car would skip it without a word. Export the model again."
        )


def _check_metadata(path: Path, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    content = tar.extractfile(member)
    assert content is not None
    try:
        json.loads(content.read(_MAX_METADATA_BYTES))
    except ValueError as err:
        raise SpecError(f"archive: expected {METADATA} of {path.name} to hold JSON, got: {err}.") from err
