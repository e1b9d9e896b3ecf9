"""Pictures for people: the car from behind, and the whole track from above."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from deepracer_local.domain import CameraSpec, FloatArray, ImageArray, Pose, VehicleSpec, VehicleState
from deepracer_local.sim._camera import focal_length_px, view_from
from deepracer_local.sim._car_model import SHELL, box_faces, car_faces, draw_faces
from deepracer_local.sim._kernels import draw_ground_rgb
from deepracer_local.sim._scene import Scene, SceneObject
from deepracer_local.sim._surface import paint_surface
from deepracer_local.track import Track

_CHASE_FOV_RAD = math.radians(68.0)
_CHASE_BEHIND_M, _CHASE_ABOVE_M, _CHASE_PITCH_RAD = 0.80, 0.46, math.radians(20.0)
_ZENITH = np.array([96.0, 150.0, 214.0])
_SHADOW_DARKNESS = 0.42
_MIN_CAR_PX = 13.0


class ChaseView:
    """Looks at the car from behind and above, as from a helicopter on a short line."""

    def __init__(
        self,
        track: Track,
        *,
        width_px: int,
        height_px: int,
        scene: Scene = Scene(),  # noqa: B008  # frozen
        vehicle: VehicleSpec = VehicleSpec(),  # noqa: B008  # frozen
    ) -> None:
        """Paints the ground in colour; takes about a third of a second."""
        self._vehicle = vehicle
        self._size = (height_px, width_px)
        self._lens = CameraSpec(
            width_px=width_px,
            height_px=height_px,
            horizontal_fov_rad=_CHASE_FOV_RAD,
            offset_x_m=-_CHASE_BEHIND_M,
            offset_z_m=_CHASE_ABOVE_M,
            pitch_down_rad=_CHASE_PITCH_RAD,
        )
        surface = paint_surface(track, scene, "rgb")
        self._ground = (surface.texels, surface.level_start, surface.level_columns, surface.level_rows)
        self._origin_and_texel = np.array([surface.origin_x_m, surface.origin_y_m, surface.texel_m])

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns a new picture, uint8 (height, width, 3), RGB."""
        picture = np.empty((*self._size, 3), dtype=np.uint8)
        focal_px = focal_length_px(self._lens)
        # The view does not pitch and roll with the car, so that one sees the car do it.
        eye, axes = view_from(_level(state), self._lens)
        draw_ground_rgb(*self._ground, self._origin_and_texel, eye, axes, focal_px, _ZENITH, picture)
        half = (0.5 * self._vehicle.length_m, 0.5 * self._vehicle.width_m)
        picture = _darken(picture, Pose(state.x_m, state.y_m, state.yaw_rad), half, eye, axes, focal_px)
        for item in objects:
            picture = _darken(picture, item.pose, (0.5 * item.length_m, 0.5 * item.width_m), eye, axes, focal_px)
        faces = list(car_faces(state, self._vehicle))
        for group, item in enumerate(objects, 1):
            faces += box_faces(item, group)
        return draw_faces(picture, faces, eye, axes, focal_px)


class TopView:
    """The whole track from above, north up, with the car as an arrow that can be seen at any scale."""

    def __init__(
        self,
        track: Track,
        *,
        width_px: int,
        height_px: int,
        scene: Scene = Scene(),  # noqa: B008  # frozen
        vehicle: VehicleSpec = VehicleSpec(),  # noqa: B008  # frozen
    ) -> None:
        """Paints the map once."""
        self._vehicle = vehicle
        surface = paint_surface(track, scene, "rgb")
        texels = surface.level(0)
        rows, columns = texels.shape[:2]
        self._px_per_m = min(width_px / columns, height_px / rows) / surface.texel_m
        size = (round(columns * surface.texel_m * self._px_per_m), round(rows * surface.texel_m * self._px_per_m))
        scaled = Image.fromarray(texels[::-1]).resize((max(1, size[0]), max(1, size[1])), Image.Resampling.BOX)
        self._corner = ((width_px - size[0]) // 2, (height_px - size[1]) // 2)
        self._map = Image.new("RGB", (width_px, height_px), scene.field)
        self._map.paste(scaled, self._corner)
        self._origin = (surface.origin_x_m, surface.origin_y_m + rows * surface.texel_m)

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns a new picture, uint8 (height, width, 3), RGB."""
        image = self._map.copy()
        draw = ImageDraw.Draw(image)
        for item in objects:
            half = (0.5 * item.length_m, 0.5 * item.width_m)
            outline = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
            draw.polygon(self._points(item.pose, [(x * half[0], y * half[1]) for x, y in outline]), fill=item.colour)
        length_m = max(self._vehicle.length_m, _MIN_CAR_PX / self._px_per_m)
        arrow = [(0.6, 0.0), (-0.45, 0.4), (-0.25, 0.0), (-0.45, -0.4)]
        pose = Pose(state.x_m, state.y_m, state.yaw_rad)
        points = self._points(pose, [(x * length_m, y * length_m) for x, y in arrow])
        draw.polygon(points, fill=SHELL, outline=(255, 255, 255))
        return np.array(image)

    def _points(self, pose: Pose, offsets_m: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        cosine, sine = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
        points = []
        for along, across in offsets_m:
            x = pose.x_m + cosine * along - sine * across - self._origin[0]
            y = self._origin[1] - (pose.y_m + sine * along + cosine * across)
            points.append((self._corner[0] + x * self._px_per_m, self._corner[1] + y * self._px_per_m))
        return points


def _level(state: VehicleState) -> VehicleState:
    return VehicleState(
        state.x_m,
        state.y_m,
        0.0,
        0.0,
        0.0,
        state.yaw_rad,
        state.speed_mps,
        state.lateral_speed_mps,
        state.yaw_rate_radps,
        state.front_x_m,
        state.front_y_m,
        state.wheels_xy_m,
        state.has_contact,
    )


def _darken(
    picture: ImageArray,
    pose: Pose,
    half_m: tuple[float, float],
    eye: FloatArray,
    axes: FloatArray,
    focal_px: float,
) -> ImageArray:
    """Returns the picture with the shadow of something whose footprint is this rectangle."""
    cosine, sine = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    angles = np.linspace(0.0, 2.0 * math.pi, 28, endpoint=False)
    # A rounded rectangle: soft corners read as a shadow, sharp ones as paint.
    along = half_m[0] * 0.95 * np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.45
    across = half_m[1] * 1.05 * np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** 0.45
    ground = np.column_stack(
        [pose.x_m + cosine * along - sine * across, pose.y_m + sine * along + cosine * across, np.zeros(len(angles))]
    )
    seen = (ground - eye) @ axes.T
    if (seen[:, 0] < 0.05).any():
        return picture
    height, width = picture.shape[:2]
    outline = focal_px * seen[:, 1:] / seen[:, :1] + [width / 2, height / 2]
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).polygon([(x, y) for x, y in outline.tolist()], fill=round(255 * _SHADOW_DARKNESS))
    image = Image.fromarray(picture)
    image.paste((0, 0, 0), mask=mask)
    return np.array(image)
