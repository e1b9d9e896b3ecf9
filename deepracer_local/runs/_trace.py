"""The step trace: one CSV row per control step, in the columns that the community's tools read.

Source: the original's simtrace files (reference, section 6.1), 19 columns; ``measured_speed`` is appended because
``throttle`` holds the commanded speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepracer_local.domain import RoadObject, StepRecord, objects_json

TRACE_HEADER = (
    "episode,steps,X,Y,yaw,steer,throttle,action,reward,done,all_wheels_on_track,progress,closest_waypoint,track_len,"
    "tstamp,episode_status,pause_duration,obstacle_crash_counter,wall_clock,measured_speed"
)


def trace_row(record: StepRecord, *, episode: int, wall_clock_s: float) -> str:
    """Returns one CSV row without its line end.

    Args:
        record: the step.
        episode: 0-based number of its episode.
        wall_clock_s: seconds since 1970.
    """
    r = record
    return (
        f"{episode},{r.steps},{r.x_m:.4f},{r.y_m:.4f},{r.yaw_deg:.4f},{r.steering_angle_deg:.2f},{r.speed_mps:.2f},"
        f"{r.action},{r.reward:.4f},{r.done},{r.all_wheels_on_track},{r.progress:.4f},{r.closest_waypoint},"
        f"{r.track_length_m:.2f},{r.time_s:.4f},{r.outcome.value},{r.pause_s:.2f},{r.crashes},"
        f"{wall_clock_s:.4f},{r.measured_speed_mps:.4f}"
    )


class ObjectsNotes:
    """Writes down what was on the road: a row where it changed, which holds until the next row of the same episode.

    A row is ``{"episode": e, "steps": n, "objects": [...]}``, with the numbers of the trace's first two columns and
    objects as ``objects_json`` makes them; none where all have left the road. Without objects there are no rows.

    Attributes:
        rows: so far.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._last: dict[int, Sequence[RoadObject]] = {}

    def add(self, objects: Sequence[RoadObject], *, episode: int, steps: int) -> None:
        """Takes in what is on the road at an instant of an episode."""
        last = self._last.get(episode, ())
        if (objects or last) and last is not objects:
            self.rows.append({"episode": episode, "steps": steps, "objects": objects_json(objects)})
            self._last[episode] = objects

    def start_anew(self) -> None:
        """Forgets everything: each file is to be read without the one before."""
        self.rows = []
        self._last = {}

    def load(self, rows: Sequence[dict[str, Any]]) -> None:
        """Takes up rows that were not written to a file yet; the next instant of each episode has a row again."""
        self.rows = list(rows)
