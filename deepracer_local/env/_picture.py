"""What ``render()`` shows: the chase view with a map of the track in its corner."""

from __future__ import annotations

from collections.abc import Sequence

from deepracer_local.domain import ImageArray, VehicleSpec, VehicleState
from deepracer_local.sim import ChaseView, SceneObject, TopView
from deepracer_local.track import Track

WIDTH_PX, HEIGHT_PX = 640, 360
_MAP_WIDTH_PX, _MAP_HEIGHT_PX = 200, 132
_MARGIN_PX, _RIM_PX = 10, 2


class ChaseWithMap:
    """Draws the car from behind and, in the upper right corner, the whole track from above."""

    def __init__(self, track: Track, vehicle: VehicleSpec) -> None:
        self._chase = ChaseView(track, width_px=WIDTH_PX, height_px=HEIGHT_PX, vehicle=vehicle)
        self._map = TopView(track, width_px=_MAP_WIDTH_PX, height_px=_MAP_HEIGHT_PX, vehicle=vehicle)

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns uint8 (360, 640, 3), RGB."""
        picture = self._chase.frame(state, objects)
        top, right = _MARGIN_PX, WIDTH_PX - _MARGIN_PX
        bottom, left = top + _MAP_HEIGHT_PX, right - _MAP_WIDTH_PX
        picture[top - _RIM_PX : bottom + _RIM_PX, left - _RIM_PX : right + _RIM_PX] = 235
        picture[top:bottom, left:right] = self._map.frame(state, objects)
        return picture
