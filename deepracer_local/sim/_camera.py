"""The front camera: the picture that the policy sees."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from deepracer_local.domain import CameraSpec, Conditions, FloatArray, ImageArray, VehicleState
from deepracer_local.sim._body import body_axes
from deepracer_local.sim._development import Development
from deepracer_local.sim._kernels import draw_boxes, draw_ground
from deepracer_local.sim._scene import Scene, SceneObject, box_rows
from deepracer_local.sim._surface import paint_surface
from deepracer_local.track import Track


class Camera(Protocol):
    """Takes pictures from a car. Holds no state: the same arguments give the same picture, bit for bit."""

    @property
    def spec(self) -> CameraSpec:
        """The lens, the mount and the picture's size."""
        ...

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns a new grey picture, uint8 (height, width), of the track with ``objects`` on it."""
        ...


class GroundCamera:
    """Projects the painted ground through a pinhole; boxes are drawn over it. Implements ``Camera``.

    Flat ground needs no renderer: each pixel's ray meets the plane in closed form, and smaller copies of the painting
    serve the distance, which keeps lines there grey instead of flickering.
    """

    def __init__(
        self,
        track: Track,
        spec: CameraSpec,
        scene: Scene = Scene(),  # noqa: B008  # frozen
        *,
        pixel_centre: tuple[float, float] = (0.5, 0.5),
    ) -> None:
        """Paints the ground.

        Args:
            track: the road.
            spec: lens, mount and size.
            scene: the colours.
            pixel_centre: where in a pixel its ray starts; only a comparison with another renderer needs another.
        """
        self._spec = spec
        self._scene = scene
        self._development: Development | None = None
        surface = paint_surface(track, scene, "grey")
        self._ground = (surface.texels, surface.level_start, surface.level_columns, surface.level_rows)
        self._origin_and_texel = np.array([surface.origin_x_m, surface.origin_y_m, surface.texel_m])
        self._focal_px = focal_length_px(spec)
        self._pixel_centre = np.array(pixel_centre)

    @property
    def spec(self) -> CameraSpec:
        """The lens, the mount and the picture's size."""
        return self._spec

    def moved(self, *, left_m: float) -> GroundCamera:
        """Returns the same camera farther to the left on the car; both look at one painting, which is not copied."""
        other = copy.copy(self)
        other._spec = self._spec.model_copy(update={"offset_y_m": self._spec.offset_y_m + left_m})
        return other

    def under(self, conditions: Conditions) -> GroundCamera:
        """Returns the same camera in an episode with these conditions; the painting is not copied."""
        other = copy.copy(self)
        other._spec = conditions.mounted(self._spec)
        other._focal_px = focal_length_px(other._spec)
        other._development = Development.of(conditions.look, self._scene)
        return other

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns a new grey picture, uint8 (height, width)."""
        picture = np.empty((self._spec.height_px, self._spec.width_px), dtype=np.uint8)
        eye, axes = view_from(state, self._spec)
        draw_ground(*self._ground, self._origin_and_texel, eye, axes, self._focal_px, self._pixel_centre, picture)
        if objects:
            draw_boxes(box_rows(_farthest_first(objects, eye)), eye, axes, self._focal_px, self._pixel_centre, picture)
        if self._development is not None:
            self._development.apply(picture)
        return picture


def focal_length_px(spec: CameraSpec) -> float:
    """Returns the focal length in pixels of a lens with square pixels."""
    return 0.5 * spec.width_px / math.tan(0.5 * spec.horizontal_fov_rad)


def view_from(state: VehicleState, spec: CameraSpec) -> tuple[FloatArray, FloatArray]:
    """Returns the camera's position, float64 (3,), and its axes, float64 (3, 3): rows forward, right, down.

    The mount is fixed to the body, so the camera heaves, pitches and rolls with it.
    """
    (fx, fy, fz), (lx, ly, lz), (ux, uy, uz) = body_axes(state)
    ox, oy, oz = spec.offset_x_m, spec.offset_y_m, spec.offset_z_m
    cd, sd = math.cos(spec.pitch_down_rad), math.sin(spec.pitch_down_rad)
    eye = np.array(
        [
            state.x_m + ox * fx + oy * lx + oz * ux,
            state.y_m + ox * fy + oy * ly + oz * uy,
            state.z_m + ox * fz + oy * lz + oz * uz,
        ]
    )
    if spec.yaw_left_rad != 0.0:  # turned about the body's upward axis, before it looks down
        cy, sy = math.cos(spec.yaw_left_rad), math.sin(spec.yaw_left_rad)
        fx, fy, fz, lx, ly, lz = (
            cy * fx + sy * lx,
            cy * fy + sy * ly,
            cy * fz + sy * lz,
            cy * lx - sy * fx,
            cy * ly - sy * fy,
            cy * lz - sy * fz,
        )
    axes = np.array(
        [
            [cd * fx - sd * ux, cd * fy - sd * uy, cd * fz - sd * uz],
            [-lx, -ly, -lz],
            [-sd * fx - cd * ux, -sd * fy - cd * uy, -sd * fz - cd * uz],
        ]
    )
    return eye, axes


def _farthest_first(objects: Sequence[SceneObject], eye: FloatArray) -> list[SceneObject]:
    x_m, y_m = eye[:2].tolist()
    return sorted(objects, key=lambda item: -math.hypot(item.pose.x_m - x_m, item.pose.y_m - y_m))
