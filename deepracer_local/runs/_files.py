"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from deepracer_local.errors import RunDirectoryError


def write_bytes(path: Path, content: bytes) -> None:
    """Writes ``path`` so that a reader, or a crash, never sees half of it."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Writes ``value`` as indented JSON, whole or not at all."""
    write_bytes(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Returns the decoded JSON of ``path``.

    Raises:
        RunDirectoryError: the file is missing or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise RunDirectoryError(
            f"Expected a run directory with {path.name}, but {path} cannot be read: {err.strerror}. Check the path."
        ) from err
    except ValueError as err:
        raise RunDirectoryError(f"Expected {path} to hold JSON, got: {err}. The file is damaged.") from err


def remove_tree(path: Path) -> None:
    """Removes a folder with all it holds; one that is not there is fine."""
    shutil.rmtree(path, ignore_errors=True)
