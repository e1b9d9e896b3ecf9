"""Pictures for people: tracks, laps, learning curves, videos. Takes values, writes PNG and MP4."""

from deepracer_local.views._insight_picture import decode_frame, draw_insight, encode_frame
from deepracer_local.views._lap_comparison import draw_side_by_side
from deepracer_local.views._lap_plot import draw_laps
from deepracer_local.views._lap_trace import LapTrace, load_laps
from deepracer_local.views._learning_plot import LearningUpdate, draw_learning
from deepracer_local.views._onboard import SeenBy, draw_observation
from deepracer_local.views._overlay import add_overlay
from deepracer_local.views._reward_plot import draw_rewards
from deepracer_local.views._sheet import SheetCell, draw_sheet
from deepracer_local.views._track_picture import save_track_picture
from deepracer_local.views._video import write_video

__all__ = [
    "LapTrace",
    "LearningUpdate",
    "SeenBy",
    "SheetCell",
    "add_overlay",
    "decode_frame",
    "draw_insight",
    "draw_laps",
    "draw_learning",
    "draw_observation",
    "draw_rewards",
    "draw_sheet",
    "draw_side_by_side",
    "encode_frame",
    "load_laps",
    "save_track_picture",
    "write_video",
]
