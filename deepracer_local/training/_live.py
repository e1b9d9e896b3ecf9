"""What the cars are doing right now, for whoever watches: fifteen times a second, the newest only."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from deepracer_local.runs import RunDirectory

SECONDS_BETWEEN = 1.0 / 15.0


class LiveWriter:
    """Writes ``live.json``, and ``frame.jpg`` while somebody asks for pictures. Costs nothing between two writings."""

    def __init__(self, run: RunDirectory, clock: Callable[[], float]) -> None:
        self._run = run
        self._clock = clock
        self._written_at = float("-inf")
        self._number = 0

    def update(self, phase: str, infos: Sequence[dict[str, Any]], observations: Any) -> None:
        """Takes in one instant of all cars.

        Args:
            phase: ``training`` or ``evaluation``.
            infos: of every car; those without a ``record`` are left out.
            observations: (n_cars, height, width, channels) uint8, or anything else, of which no picture is made.
        """
        now = self._clock()
        if now - self._written_at < SECONDS_BETWEEN:
            return
        self._written_at = now
        self._number += 1
        cars = [_car(i, info["record"]) for i, info in enumerate(infos) if "record" in info]
        self._run.write_live({"number": self._number, "phase": phase, "cars": cars})
        car = self._run.wanted_frame()
        if car is not None and isinstance(observations, np.ndarray) and observations.ndim == 4:
            picture = Image.fromarray(observations[car % len(observations), :, :, 0])
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=80)
            self._run.write_frame(buffer.getvalue())


def _car(i: int, record: Any) -> dict[str, Any]:
    return {
        "car": i,
        "x": round(record.x_m, 4),
        "y": round(record.y_m, 4),
        "yaw": round(record.yaw_deg, 2),
        "speed": round(record.measured_speed_mps, 3),
        "steering": record.steering_angle_deg,
        "reward": round(record.reward, 4),
        "progress": round(record.progress, 2),
        "steps": record.steps,
    }
