"""Tracks by name, in folders of folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepracer_local.errors import TrackError, UnknownNameError
from deepracer_local.track._files import TRACK_FILE, load_track
from deepracer_local.track._track import Track

SUFFIXES = {"_ccw": "counter-clockwise", "_cw": "clockwise"}


def builtin_tracks_dir() -> Path:
    """Returns the folder of the tracks that come with the program."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_tracks"
    return installed if installed.is_dir() else package.parent / "tracks"


def find_track(name_or_file: str, directories: Sequence[Path]) -> Track:
    """Returns the track of this name, or of this file.

    A name is looked up in the folders in their order. A loop's name with ``_ccw`` or ``_cw`` behind it gives that
    driving direction. What looks like a path (it ends in ``.npy`` or contains a separator) is loaded from there.

    Raises:
        UnknownNameError: no folder has this name.
        TrackError: the file is no track, or an open track was asked for a direction.
    """
    path = Path(name_or_file).expanduser()
    if path.suffix.lower() == ".npy" or len(path.parts) > 1 or name_or_file.startswith((".", "~")):
        return load_track(path)
    folder = _folder_of(name_or_file, directories)
    if folder is not None:
        return load_track(folder)
    for suffix, direction in SUFFIXES.items():
        folder = _folder_of(name_or_file.removesuffix(suffix), directories)
        if folder is None or not name_or_file.endswith(suffix):
            continue
        track = load_track(folder)
        if not track.is_closed:
            raise TrackError(
                f"Expected a loop for the suffix {suffix!r}, found the open track {track.name!r}. Drop it."
            )
        return replace(track if track.direction == direction else track.reversed(), name=name_or_file)
    raise UnknownNameError("track", name_or_file, [folder.name for folder in _folders(directories)])


def list_tracks(directories: Sequence[Path]) -> list[Track]:
    """Returns every track of these folders by name; of one name in two folders, the first folder's.

    Raises:
        TrackError: one of them is damaged.
    """
    return [load_track(folder) for folder in _folders(directories)]


class TrackCatalogue:
    """The tracks of some folders, read once: for a service that is asked for them again and again.

    A file that has changed, come or gone is noticed by its time of modification. Threads may share one.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = tuple(directories)
        self._known: dict[Path, tuple[int, Track]] = {}

    def list(self) -> list[Track]:
        """Returns every track by name; of one name in two folders, the first folder's.

        Raises:
            TrackError: one of them is damaged.
        """
        return [self._load(folder) for folder in _folders(self._directories)]

    def get(self, name: str) -> Track:
        """Returns the track of this name, as ``find_track`` does; paths are no names here.

        Raises:
            UnknownNameError: there is none.
            TrackError: it is damaged, or an open track was asked for a direction.
        """
        folder = _folder_of(name, self._directories)
        if folder is not None:
            return self._load(folder)
        if Path(name).name != name or name.startswith((".", "~")) or name.lower().endswith(".npy"):
            raise UnknownNameError("track", name, [folder.name for folder in _folders(self._directories)])
        return find_track(name, self._directories)

    def _load(self, folder: Path) -> Track:
        # Replacing an entry is one step in Python: at worst two threads read the same file.
        changed_at = (folder / TRACK_FILE).stat().st_mtime_ns
        known = self._known.get(folder)
        if known is None or known[0] != changed_at:
            known = (changed_at, load_track(folder))
            self._known[folder] = known
        return known[1]


def _folder_of(name: str, directories: Sequence[Path]) -> Path | None:
    if not name or Path(name).name != name:
        return None
    return next((folder / name for folder in directories if (folder / name / TRACK_FILE).is_file()), None)


def _folders(directories: Sequence[Path]) -> list[Path]:
    found: dict[str, Path] = {}
    for directory in directories:
        for file in directory.glob(f"*/{TRACK_FILE}"):
            found.setdefault(file.parent.name, file.parent)
    return [found[name] for name in sorted(found)]
