"""What the cars are doing right now, for whoever watches: fifteen times a second, the newest only."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from deepracer_local.domain import ImageArray, RoadObject, objects_json
from deepracer_local.runs import RunDirectory
from deepracer_local.training._observations import newest, pictures_in

SECONDS_BETWEEN = 1.0 / 15.0


class LiveWriter:
    """Writes ``live.json``, and pictures of cars while somebody asks for them. Costs nothing between two writings."""

    def __init__(
        self, run: RunDirectory, clock: Callable[[], float], wall_clock: Callable[[], float] = time.time
    ) -> None:
        """``clock`` is monotonic seconds, ``wall_clock`` seconds since 1970: what is written tells its own age."""
        self._run = run
        self._tracks: Sequence[str] = ()
        self._clock = clock
        self._wall_clock = wall_clock
        self._written_at = float("-inf")
        self._number = 0

    def enter(self, tracks: Sequence[str]) -> None:
        """Takes what rows call each car's track from now on; none where there is only one."""
        self._tracks = tracks

    def update(
        self, phase: str, infos: Sequence[dict[str, Any]], observations: Any, *, track: str | None = None
    ) -> None:
        """Takes in one instant of all cars.

        Args:
            phase: ``training`` or ``evaluation``.
            infos: of every car; those without a ``record`` are left out.
            observations: a batch of ``n_cars``; the newest picture of its camera is shown, where there is one.
            track: where all of them are; None where each is on its own track. Told only where there are several.
        """
        now = self._clock()
        if now - self._written_at < SECONDS_BETWEEN:
            return
        self._written_at = now
        self._number += 1
        cars = [
            _car(i, info["record"], info.get("objects", ()))
            | ({"track": track or self._tracks[i]} if self._tracks else {})
            for i, info in enumerate(infos)
            if "record" in info
        ]
        at_s = round(self._wall_clock(), 3)
        self._run.write_live({"number": self._number, "phase": phase, "at_s": at_s, "cars": cars})
        pictures = pictures_in(observations)
        if pictures is not None:
            for car in self._run.wanted_frames():
                if car < len(pictures):
                    self._run.write_frame(car, _png(newest(pictures[car])))


def _png(picture: ImageArray) -> bytes:
    # Without loss, so that what is shown is what the network gets; it is half of what JPEG takes for these pictures.
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _car(i: int, record: Any, objects: Sequence[RoadObject]) -> dict[str, Any]:
    return {
        "car": i,
        "x": round(record.x_m, 4),
        "y": round(record.y_m, 4),
        "yaw": round(record.yaw_deg, 2),
        "speed": round(record.measured_speed_mps, 3),
        "steering": round(record.steering_angle_deg, 2),
        "reward": round(record.reward, 4),
        "progress": round(record.progress, 2),
        "steps": record.steps,
        **({"objects": objects_json(objects)} if objects else {}),
    }
