"""The picture of what a network looked at, and the frames in it."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from deepracer_local.domain import ContinuousActions, LapInsight
from deepracer_local.domain._metadata import Interval
from deepracer_local.errors import InvalidInputError
from deepracer_local.views import decode_frame, draw_insight, encode_frame
from deepracer_local.views._style import ORANGE
from tests.unit.api.insights import insight_of
from tests.unit.views.pictures import count_colour, pixels


def with_continuous_actions(insight: LapInsight) -> LapInsight:
    steps = tuple(
        step.model_copy(
            update={"probabilities": None, "action": None, "steering_deviation_deg": 4.0, "speed_deviation_mps": 0.2}
        )
        for step in insight.steps
    )
    space = ContinuousActions(steering_angle=Interval(low=-30.0, high=30.0), speed=Interval(low=0.5, high=2.0))
    return insight.model_copy(update={"steps": steps, "action_space": space})


@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_of_a_frame_comes_back(seed: int) -> None:
    frame = np.random.default_rng(seed).integers(0, 256, (120, 160), np.uint8)
    step = insight_of(1).steps[0].model_copy(update={"frame": base64.b64encode(encode_frame(frame)).decode()})

    assert np.array_equal(decode_frame(step), frame)


def test_the_chosen_action_and_what_counts_are_drawn(tmp_path: Path) -> None:
    insight = insight_of(1)
    bare = insight.model_copy(update={"steps": tuple(step.model_copy(update={"action": 0}) for step in insight.steps)})

    draw_insight(insight, 2, tmp_path / "a.png")
    draw_insight(bare, 2, tmp_path / "b.png")

    # Three quarters are three times a quarter; the picture's own orange is the same in both.
    assert count_colour(pixels(tmp_path / "a.png"), ORANGE) > 2.5 * count_colour(pixels(tmp_path / "b.png"), ORANGE)


def test_continuous_actions_are_drawn(tmp_path: Path) -> None:
    draw_insight(with_continuous_actions(insight_of(1)), 1, tmp_path / "a.png")

    assert pixels(tmp_path / "a.png").shape[0] > 500


@pytest.mark.parametrize("step", [0, 4])
def test_a_step_that_is_not_there_is_said_so(tmp_path: Path, step: int) -> None:
    with pytest.raises(InvalidInputError, match="last one is 3"):
        draw_insight(insight_of(1), step, tmp_path / "a.png")
