"""A closed line with a width: geometry, loading and the catalogue. Pure but for ``_files`` and ``_catalogue``."""

from deepracer_local.track._catalogue import TrackCatalogue, builtin_tracks_dir, find_track, list_tracks
from deepracer_local.track._files import import_track, load_track, save_track
from deepracer_local.track._outline import outline_svg
from deepracer_local.track._rows import from_rows
from deepracer_local.track._track import Location, Track

__all__ = [
    "Location",
    "Track",
    "TrackCatalogue",
    "builtin_tracks_dir",
    "find_track",
    "from_rows",
    "import_track",
    "list_tracks",
    "load_track",
    "outline_svg",
    "save_track",
]
