"""What the car looks like in pictures for people: a dozen boxes, drawn as shaded polygons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from deepracer_local.domain import FloatArray, ImageArray, VehicleSpec, VehicleState
from deepracer_local.sim._scene import Colour, SceneObject

SHELL: Colour = (226, 72, 38)
_GLASS: Colour = (34, 42, 54)
_TYRE: Colour = (26, 26, 28)
_RIM: Colour = (170, 174, 180)
_PLATE: Colour = (52, 56, 62)
_LAMP: Colour = (250, 240, 200)
_TAIL_LAMP: Colour = (255, 196, 60)
_SUN = np.array([0.35, -0.45, 0.82])
_SMOOTHING = 3
"""Polygons are drawn so many times larger and shrunk, which smooths their edges."""
_NEAREST_M = 0.02


class Face(NamedTuple):
    """A flat convex polygon in the world."""

    corners_m: FloatArray
    """float64 (n, 3)."""
    normal: FloatArray
    """float64 (3,), of length 1, outwards."""
    colour: Colour
    group: int
    """Faces of one group belong to one object; objects are drawn one after the other, the farthest first."""


def car_faces(state: VehicleState, vehicle: VehicleSpec, group: int = 0) -> Iterator[Face]:
    """Yields the visible outside of the car: wheels, plate, a tapered shell with windows, and the camera."""
    wheel_m, wheel_width_m = 0.072, 0.034
    half_track, rear, front = 0.5 * vehicle.axle_track_m, vehicle.rear_axle_x_m, vehicle.front_axle_x_m
    for x in (rear, front):
        for side in (-1.0, 1.0):
            y = side * half_track
            yield from _block(state, (x, y, 0.036), (wheel_m, wheel_width_m, wheel_m), _TYRE, group, chamfer=0.3)
            yield from _block(state, (x, y + side * 0.016, 0.036), (0.034, 0.006, 0.034), _RIM, group, chamfer=0.3)
    yield from _block(state, (0.0, 0.0, 0.05), (0.30, 0.11, 0.03), _PLATE, group)
    yield from _block(state, (-0.005, 0.0, 0.085), (0.30, 0.150, 0.05), SHELL, group, taper=0.92)
    yield from _block(state, (-0.03, 0.0, 0.128), (0.19, 0.132, 0.04), _GLASS, group, taper=0.72)
    yield from _block(state, (-0.035, 0.0, 0.151), (0.125, 0.092, 0.008), SHELL, group)
    yield from _block(state, (0.143, 0.048, 0.088), (0.012, 0.03, 0.016), _LAMP, group)
    yield from _block(state, (0.143, -0.048, 0.088), (0.012, 0.03, 0.016), _LAMP, group)
    yield from _block(state, (-0.156, 0.052, 0.092), (0.008, 0.034, 0.012), _TAIL_LAMP, group)
    yield from _block(state, (-0.156, -0.052, 0.092), (0.008, 0.034, 0.012), _TAIL_LAMP, group)
    yield from _block(state, (0.125, 0.0, 0.132), (0.022, 0.05, 0.03), _PLATE, group)


def box_faces(item: SceneObject, group: int) -> Iterator[Face]:
    """Yields the faces of a box on the road."""
    at = VehicleState(
        item.pose.x_m,
        item.pose.y_m,
        0.0,
        0.0,
        0.0,
        item.pose.yaw_rad,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        (0.0,) * 8,
        False,  # noqa: FBT003
    )
    size = (item.length_m, item.width_m, item.height_m)
    yield from _block(at, (0.0, 0.0, 0.5 * item.height_m), size, item.colour, group)


def draw_faces(
    picture: ImageArray, faces: Sequence[Face], eye: FloatArray, axes: FloatArray, focal_px: float
) -> ImageArray:
    """Returns ``picture``, uint8 (height, width, 3), with ``faces`` drawn over it, the farthest first.

    Args:
        picture: is not changed.
        faces: of all objects.
        eye: float64 (3,).
        axes: float64 (3, 3), rows forward, right and down.
        focal_px: the focal length in pixels.
    """
    height, width = picture.shape[:2]
    polygons = [polygon for face in _far_to_near(faces, eye) if (polygon := _project(face, eye, axes, focal_px))]
    if not polygons:
        return picture
    points = np.array([point for outline, _ in polygons for point in outline]) + np.array([width / 2, height / 2])
    low = np.clip(np.floor(points.min(axis=0)) - 2, 0, [width, height]).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 2, 0, [width, height]).astype(int)
    if (high <= low).any():
        return picture
    layer = Image.new("RGBA", tuple(((high - low) * _SMOOTHING).tolist()))
    draw = ImageDraw.Draw(layer)
    shift = np.array([width / 2, height / 2]) - low
    for outline, colour in polygons:
        draw.polygon([tuple(((np.array(p) + shift) * _SMOOTHING).tolist()) for p in outline], fill=(*colour, 255))
    image = Image.fromarray(picture)
    # Shrinking colour and cover together keeps the edges free of the layer's black.
    layer = layer.convert("RGBa").resize(tuple((high - low).tolist()), Image.Resampling.BOX).convert("RGBA")
    image.paste(layer, tuple(low.tolist()), layer)
    return np.array(image)


def _block(
    state: VehicleState,
    centre_m: tuple[float, float, float],
    size_m: tuple[float, float, float],
    colour: Colour,
    group: int,
    *,
    taper: float = 1.0,
    chamfer: float = 0.0,
) -> Iterator[Face]:
    """Yields the six faces of a box fixed to the body, narrower at the top by ``taper``; ``chamfer`` rounds a wheel."""
    half = 0.5 * np.array(size_m)
    if chamfer:
        cut = 1.0 - 2.0 * chamfer
        profile = [(1, -cut), (1, cut), (cut, 1), (-cut, 1), (-1, cut), (-1, -cut), (-cut, -1), (cut, -1)]
    else:
        profile = [(1, -1), (taper, 1), (-taper, 1), (-1, -1)]
    width = [1.0 if z < 0 or chamfer else taper for _, z in profile]
    left = [np.array([x, w, z]) * half + centre_m for (x, z), w in zip(profile, width, strict=True)]
    right = [np.array([x, -w, z]) * half + centre_m for (x, z), w in zip(profile, width, strict=True)]
    n = len(profile)
    around = [[left[i], left[(i + 1) % n], right[(i + 1) % n], right[i]] for i in range(n)]
    outlines = [left[::-1], right, *around]
    rotation = _rotation(state)
    for outline in outlines:
        corners = np.array(outline) @ rotation.T + [state.x_m, state.y_m, state.z_m]
        normal = _normal(corners)
        yield Face(corners, normal, _lit(colour, normal), group)


def _rotation(state: VehicleState) -> FloatArray:
    cy, sy = math.cos(state.yaw_rad), math.sin(state.yaw_rad)
    cp, sp = math.cos(state.pitch_rad), math.sin(state.pitch_rad)
    cr, sr = math.cos(state.roll_rad), math.sin(state.roll_rad)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def _normal(corners: FloatArray) -> FloatArray:
    """Returns the outward unit normal of a polygon that runs counter-clockwise seen from outside."""
    # Written out: numpy.cross on two vectors of three costs more than the rest of a picture.
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners[:3].tolist()
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - bx, cy - by, cz - bz
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    return np.array([nx / length, ny / length, nz / length])


def _lit(colour: Colour, normal: FloatArray) -> Colour:
    light = 0.58 + 0.42 * max(0.0, float(normal @ _SUN))
    red, green, blue = (min(255, int(channel * light)) for channel in colour)
    return red, green, blue


def _far_to_near(faces: Sequence[Face], eye: FloatArray) -> list[Face]:
    """Returns the faces that look towards the eye, sorted for the painter's algorithm."""
    groups: dict[int, list[Face]] = {}
    for face in faces:
        groups.setdefault(face.group, []).append(face)
    ordered = sorted(
        groups.values(), key=lambda group: -min(float(np.linalg.norm(f.corners_m.mean(axis=0) - eye)) for f in group)
    )
    visible: list[Face] = []
    for group in ordered:
        facing = [face for face in group if face.normal @ (eye - face.corners_m[0]) > 0]
        visible += sorted(facing, key=lambda face: -float(np.linalg.norm(face.corners_m.mean(axis=0) - eye)))
    return visible


def _project(
    face: Face, eye: FloatArray, axes: FloatArray, focal_px: float
) -> tuple[list[tuple[float, float]], Colour] | None:
    """Returns the polygon in pixels from the picture's middle, or None where a corner is behind the eye."""
    forward, right, down = (face.corners_m - eye) @ axes.T[:, 0], *((face.corners_m - eye) @ axes.T[:, 1:]).T
    if (forward < _NEAREST_M).any():
        return None
    columns, rows = focal_px * right / forward, focal_px * down / forward
    return list(zip(columns.tolist(), rows.tolist(), strict=True)), face.colour
