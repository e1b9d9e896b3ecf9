"""The observation as a picture: all of it, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from deepracer_local.views import SeenBy, draw_observation

RNG = np.random.default_rng(3)


def pictures(n: int) -> SeenBy:
    return SeenBy("STEREO_CAMERAS", RNG.integers(0, 256, (120, 160, n), dtype=np.uint8), 0.0, 255.0)


@pytest.mark.parametrize(("n", "scale", "columns"), [(1, 4, 1), (2, 2, 2), (4, 2, 2), (8, 1, 4)])
def test_every_pixel_of_every_picture_is_shown_enlarged_by_a_whole_number(n: int, scale: int, columns: int) -> None:
    seen = pictures(n)

    drawn = draw_observation([seen], foot_px=36)

    height, width = 120 * scale, 160 * scale
    left = (drawn.shape[1] - columns * width - (columns - 1) * 8) // 2
    for i in range(n):
        y, x = i // columns * (height + 8), left + i % columns * (width + 8)
        cell = drawn[y : y + height, x : x + width]
        assert (cell == cell[:, :, :1]).all()  # grey
        assert all(
            np.array_equal(cell[a::scale, b::scale, 0], seen.values[:, :, i]) for a in (0, scale - 1) for b in (0,)
        )


def test_numbers_are_bars_that_grow_with_them_beneath_the_pictures() -> None:
    numbers = SeenBy("LIDAR", np.linspace(0.0, 1.0, 8, dtype=np.float32), 0.0, 1.0)

    drawn = draw_observation([numbers, pictures(1)])

    bars = drawn[drawn.shape[0] - 110 :]
    heights = [int((bars[:, round((i + 0.5) * 672 / 8)] == (96, 190, 240)).all(axis=1).sum()) for i in range(8)]
    assert heights == sorted(heights)
    assert heights[-1] > 90
    assert heights[0] < 10
    assert drawn.shape[0] > 480 + 110
