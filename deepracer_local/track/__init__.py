"""A closed line with a width: geometry, loading and the catalogue. Pure but for ``_files`` and ``_catalogue``."""

from deepracer_local.track._catalogue import TrackCatalogue, builtin_tracks_dir, find_track, list_tracks
from deepracer_local.track._drawing import Drawing, DrawingFinding, DrawnRoad, check_drawing
from deepracer_local.track._files import (
    delete_track,
    import_track,
    is_track_folder_name,
    load_track,
    read_drawing,
    save_drawing,
    save_track,
)
from deepracer_local.track._outline import outline_svg
from deepracer_local.track._rows import from_rows
from deepracer_local.track._track import Location, Track

__all__ = [
    "Drawing",
    "DrawingFinding",
    "DrawnRoad",
    "Location",
    "Track",
    "TrackCatalogue",
    "builtin_tracks_dir",
    "check_drawing",
    "delete_track",
    "find_track",
    "from_rows",
    "import_track",
    "is_track_folder_name",
    "list_tracks",
    "load_track",
    "outline_svg",
    "read_drawing",
    "save_drawing",
    "save_track",
]
