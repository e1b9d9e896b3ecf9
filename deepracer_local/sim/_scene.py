"""What the world looks like: the colours of a track, and boxes that stand on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deepracer_local.domain import FloatArray, Pose

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

_TOP_LIGHT, _END_LIGHT, _SIDE_LIGHT = 1.0, 0.62, 0.8
"""How bright the faces of a box are, so that its edges can be seen: the sun is overhead, a little to one side."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A box that stands on the ground; obstacles are boxes, other cars are boxes too.

    ``pose`` is the centre of its footprint; ``length_m`` lies along the heading, ``width_m`` across.
    """

    pose: Pose
    length_m: float
    width_m: float
    height_m: float
    colour: Colour
    numbers: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """What ``box_rows`` has of it. A box that stands is looked at many times and does this arithmetic once."""

    def __post_init__(self) -> None:
        grey, half_height_m = grey_level(self.colour), 0.5 * self.height_m
        numbers = (
            self.pose.x_m,
            self.pose.y_m,
            half_height_m,
            math.cos(self.pose.yaw_rad),
            math.sin(self.pose.yaw_rad),
            0.5 * self.length_m,
            0.5 * self.width_m,
            half_height_m,
            grey * _TOP_LIGHT,
            grey * _END_LIGHT,
            grey * _SIDE_LIGHT,
        )
        object.__setattr__(self, "numbers", numbers)


@dataclass(frozen=True, slots=True)
class Scene:
    """The paint of a track, after the 2018 re:Invent track: dark road, white borders, dashed orange-yellow centre line.

    The grey values of field, road, border, centre line and sky lie at least 18 levels apart, so that a grey camera
    can tell them from one another.
    """

    field: Colour = (92, 156, 78)
    road: Colour = (66, 68, 74)
    border: Colour = (244, 244, 240)
    centre_line: Colour = (250, 178, 36)
    sky: Colour = (186, 212, 236)
    border_width_m: float = 0.05
    """The line's outer edge is the border of the track, so the line is part of the road."""
    centre_line_width_m: float = 0.035
    dash_m: float = 0.20
    """Length of one dash of the centre line."""
    gap_m: float = 0.12
    """Length of the gap between two dashes; 0 is a solid line. On loops both are stretched to fit a whole number."""


def grey_level(colour: Colour) -> float:
    """Returns the grey value of a colour, 0 to 255.

    Source: the original simulator's preprocessing, 0.2989 R + 0.5870 G + 0.1140 B.
    """
    red, green, blue = colour
    return 0.2989 * red + 0.5870 * green + 0.1140 * blue


def box_rows(objects: Sequence[SceneObject]) -> FloatArray:
    """Returns float64 (n, 11), a row for each box, as the kernels take them.

    Centre x, y, z, cosine and sine of the heading, half length, half width, half height, and the grey levels of the
    top, of the ends and of the sides.
    """
    return np.array([item.numbers for item in objects])
