"""A folder of one's own as an archive, so that there is one way in."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import IO

from deepracer_local.errors import ArchiveError
from deepracer_local.interop._names import INDEX, POLICY, is_litter, is_wanted
from deepracer_local.interop._refusal import MAX_MEMBERS
from deepracer_local.interop._texts import decode_json

MAX_FILES = 100_000


def pack_folder(folder: Path, target: IO[bytes]) -> None:
    """Writes the files of a folder that an import looks at as a tar; others go in by name alone, with nothing in them.

    Links are passed over. Of a run directory's checkpoints the best and the last go in.

    Raises:
        ArchiveError: it is no folder, or has too many files.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder}: expected an archive or a folder, found neither. Check the path.")
    paths = {}
    for count, path in enumerate(sorted(folder.rglob("*")), start=1):
        if count > MAX_FILES:
            raise ArchiveError(f"{folder}: expected a model's folder with at most {MAX_FILES} files, found more.")
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not is_litter(name):
            paths[name] = path
    left_out = _other_checkpoints(paths)
    wanted = [name for name in paths if is_wanted(name) and name not in left_out]
    others = [name for name in paths if not is_wanted(name)][: MAX_MEMBERS - len(wanted) - 1]
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in wanted:
            entry = tarfile.TarInfo(name)
            entry.size = paths[name].stat().st_size
            with paths[name].open("rb") as source:
                tar.addfile(entry, source)
        for name in others:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())


def _other_checkpoints(paths: dict[str, Path]) -> set[str]:
    """Returns the weights of a run directory that are neither the best nor the last."""
    index = next((path for name, path in sorted(paths.items()) if INDEX.fullmatch(name)), None)
    if index is None:
        return set()
    kept = decode_json(str(index), index.read_text(encoding="utf-8"))
    names = set(kept.values()) if isinstance(kept, dict) else set()
    return {name for name in paths if (match := POLICY.fullmatch(name)) and match["checkpoint"] not in names}
