from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepracer_local.domain import EpisodeSummary, Outcome, Phase
from deepracer_local.errors import InvalidInputError
from deepracer_local.views import LearningUpdate, draw_learning
from deepracer_local.views._style import BLUE, GREEN, ORANGE
from tests.unit.views.pictures import count_colour, pixels


def _episodes(n: int, phase: Phase = "training") -> list[EpisodeSummary]:
    return [
        EpisodeSummary(
            episode=i,
            phase=phase,
            iteration=i // 10,
            total_steps=(i + 1) * 50,
            steps=50,
            reward=float(i),
            progress=min(100.0, float(i)),
            time_s=50 / 15,
            outcome=Outcome.OFF_TRACK,
            start_ndist=0.0,
            is_reversed=False,
        )
        for i in range(n)
    ]


def _updates(n: int, *, best: int | None = None, training_s: float = 10.0) -> list[LearningUpdate]:
    return [
        LearningUpdate(
            total_steps=(i + 1) * 500,
            training_s=training_s * (i + 1) / n,
            evaluation_progress=100.0 * (i + 1) / n,
            is_best=i == best,
        )
        for i in range(n)
    ]


def test_episodes_evaluations_and_the_best_checkpoint_are_all_in_the_picture(tmp_path: Path) -> None:
    draw_learning(_updates(10, best=7), _episodes(100), tmp_path / "learning.png")

    picture = pixels(tmp_path / "learning.png")
    assert count_colour(picture, BLUE) > 500
    assert count_colour(picture, ORANGE) > 500
    assert count_colour(picture, GREEN) > 100


def test_where_a_stage_begins_there_is_a_line_and_evaluations_are_not_joined_across_it(tmp_path: Path) -> None:
    plain = [replace(update, stage="1 slow") for update in _updates(4)]
    staged = [replace(update, stage="1 slow" if i < 2 else "2 fast") for i, update in enumerate(plain)]
    for name, updates in (("plain", plain), ("staged", staged)):
        draw_learning(updates, _episodes(4), tmp_path / f"{name}.png")

    without, with_stages = (pixels(tmp_path / f"{name}.png") for name in ("plain", "staged"))
    assert count_colour(with_stages, ORANGE) < 0.85 * count_colour(without, ORANGE)
    column_of_stage = (with_stages.astype(int) != without).any(axis=2).sum(axis=0).max()
    assert column_of_stage > 100  # the dashed line, from top to bottom


def test_without_a_best_checkpoint_there_is_no_star(tmp_path: Path) -> None:
    draw_learning(_updates(10), _episodes(100), tmp_path / "learning.png")

    assert count_colour(pixels(tmp_path / "learning.png"), GREEN) == 0


def test_evaluation_episodes_are_not_mixed_into_the_training_curve(tmp_path: Path) -> None:
    draw_learning(_updates(10), _episodes(100, phase="evaluation"), tmp_path / "learning.png")

    assert count_colour(pixels(tmp_path / "learning.png"), BLUE) == 0


@pytest.mark.parametrize("training_s", [0.0, 0.4, 90.0, 86_400.0])
def test_any_length_of_training_has_a_time_axis(tmp_path: Path, training_s: float) -> None:
    draw_learning(_updates(4, training_s=training_s), _episodes(3), tmp_path / "learning.png")

    assert count_colour(pixels(tmp_path / "learning.png"), ORANGE) > 500


def test_a_training_stopped_before_its_first_update_can_be_drawn(tmp_path: Path) -> None:
    draw_learning([], _episodes(1), tmp_path / "learning.png")

    assert pixels(tmp_path / "learning.png").std() > 1


def test_ten_thousand_episodes_can_be_drawn(tmp_path: Path) -> None:
    draw_learning(_updates(200), _episodes(10_000), tmp_path / "learning.png")

    assert count_colour(pixels(tmp_path / "learning.png"), BLUE) > 500


def test_nothing_to_draw_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        draw_learning([], _episodes(3, phase="evaluation"), tmp_path / "learning.png")
