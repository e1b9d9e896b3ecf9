"""What a network made of a lap that was never driven."""

from __future__ import annotations

import base64

import numpy as np

from deepracer_local.domain import DiscreteAction, InsightStep, LapInsight
from deepracer_local.views import encode_frame


def insight_of(lap: int, *, n_steps: int = 3, laps: tuple[int, ...] = (1, 2)) -> LapInsight:
    """Returns a lap on which the second of two actions is chosen, with 75 %; each step has another frame."""
    shares = np.zeros((15, 20), np.int8)
    shares[4, 12], shares[8, 2] = 127, -40
    return LapInsight(
        lap=lap,
        laps=laps,
        track="oval",
        checkpoint="000001",
        width_px=160,
        height_px=120,
        columns=20,
        rows=15,
        action_space=(
            DiscreteAction(steering_angle=-30.0, speed=1.0),
            DiscreteAction(steering_angle=30.0, speed=0.5),
        ),
        steps=tuple(
            InsightStep(
                step=i + 1,
                time_s=i / 15,
                x_m=i / 10,
                y_m=0.0,
                yaw_deg=0.0,
                progress=float(i),
                speed_mps=1.0,
                frame=base64.b64encode(encode_frame(np.full((120, 160), 60 + i, np.uint8))).decode(),
                saliency=base64.b64encode(shares.tobytes()).decode(),
                strongest=0.25,
                probabilities=(0.25, 0.75),
                action=1,
                steering_angle_deg=30.0,
                chosen_speed_mps=0.5,
                steering_deviation_deg=None,
                speed_deviation_mps=None,
                value=10.0 - i,
            )
            for i in range(n_steps)
        ),
    )
