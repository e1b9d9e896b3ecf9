"""The same camera in PyBullet's software renderer: slow, independent, and what the fast one is compared with."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from deepracer_local.domain import CameraSpec, ImageArray, VehicleState
from deepracer_local.sim._camera import focal_length_px, view_from
from deepracer_local.sim._engine import pybullet
from deepracer_local.sim._kernels import HORIZON
from deepracer_local.sim._scene import Scene, SceneObject, grey_level
from deepracer_local.sim._surface import Surface, paint_surface
from deepracer_local.track import Track

_GREY_WEIGHTS = np.array([0.2989, 0.5870, 0.1140])


class ReferenceCamera:
    """PyBullet's TinyRenderer looking at the painted ground. Implements ``Camera``.

    It samples the nearest texel of the finest level half a pixel to the left of and below each pixel's middle.
    """

    def __init__(self, track: Track, spec: CameraSpec, scene: Scene = Scene()) -> None:  # noqa: B008  # frozen
        """Builds a world of its own with the ground as a textured sheet."""
        self._spec = spec
        self._sky, self._field = round(grey_level(scene.sky)), round(grey_level(scene.field))
        self._client = pybullet.connect(pybullet.DIRECT)
        surface = paint_surface(track, scene, "rgb")
        self._add_sheet(surface)
        focal_px = focal_length_px(spec)
        # Where TinyRenderer samples each pixel, in units of the focal length from the picture's middle.
        self._across = (np.arange(spec.width_px) - 0.5 * spec.width_px) / focal_px
        self._down = (np.arange(spec.height_px) + 1.0 - 0.5 * spec.height_px)[:, np.newaxis] / focal_px

    @property
    def spec(self) -> CameraSpec:
        """The lens, the mount and the picture's size."""
        return self._spec

    def frame(self, state: VehicleState, objects: Sequence[SceneObject] = ()) -> ImageArray:
        """Returns a new grey picture, uint8 (height, width)."""
        boxes = [self._add_box(item) for item in objects]
        spec = self._spec
        eye, axes = view_from(state, spec)
        view = pybullet.computeViewMatrix(eye.tolist(), (eye + axes[0]).tolist(), (-axes[2]).tolist())
        vertical_fov_rad = 2.0 * math.atan(0.5 * spec.height_px / focal_length_px(spec))
        lens = pybullet.computeProjectionMatrixFOV(
            math.degrees(vertical_fov_rad), spec.width_px / spec.height_px, 0.02, 300.0
        )
        _, _, rgba, _, bodies = pybullet.getCameraImage(
            spec.width_px,
            spec.height_px,
            view,
            lens,
            shadow=0,
            lightAmbientCoeff=1.0,
            lightDiffuseCoeff=0.0,
            lightSpecularCoeff=0.0,
            renderer=pybullet.ER_TINY_RENDERER,
            physicsClientId=self._client,
        )
        for box in boxes:
            pybullet.removeBody(box, physicsClientId=self._client)
        # One of the two builds of PyBullet returns tuples instead of arrays.
        shape = (spec.height_px, spec.width_px)
        colours = np.reshape(np.asarray(rgba, dtype=np.uint8), (*shape, 4))[:, :, :3]
        picture: ImageArray = np.rint(colours @ _GREY_WEIGHTS).astype(np.uint8)
        # Beyond the sheet the ground is field up to the horizon.
        falls = axes[0, 2] + self._across * axes[1, 2] + self._down * axes[2, 2] < -HORIZON
        is_empty = np.reshape(np.asarray(bodies), shape) < 0
        picture[is_empty] = np.where(falls, self._field, self._sky)[is_empty]
        return picture

    def close(self) -> None:
        """Disconnects; a second call does nothing."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1

    def _add_sheet(self, surface: Surface) -> None:
        texels = surface.level(0)
        rows, columns = texels.shape[:2]
        low_x, low_y = surface.origin_x_m, surface.origin_y_m
        high_x, high_y = low_x + columns * surface.texel_m, low_y + rows * surface.texel_m
        shape = pybullet.createVisualShape(
            pybullet.GEOM_MESH,
            vertices=[(low_x, low_y, 0.0), (high_x, low_y, 0.0), (high_x, high_y, 0.0), (low_x, high_y, 0.0)],
            indices=[0, 1, 2, 0, 2, 3],
            uvs=[(0, 0), (1, 0), (1, 1), (0, 1)],
            normals=[(0, 0, 1)] * 4,
            physicsClientId=self._client,
        )
        body = pybullet.createMultiBody(0.0, -1, shape, physicsClientId=self._client)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "ground.png"
            Image.fromarray(texels[::-1]).save(file)  # a picture's first row is its top
            texture = pybullet.loadTexture(str(file), physicsClientId=self._client)
        pybullet.changeVisualShape(body, -1, textureUniqueId=texture, physicsClientId=self._client)

    def _add_box(self, item: SceneObject) -> int:
        shape = pybullet.createVisualShape(
            pybullet.GEOM_BOX,
            halfExtents=[0.5 * item.length_m, 0.5 * item.width_m, 0.5 * item.height_m],
            rgbaColor=(*(channel / 255.0 for channel in item.colour), 1.0),
            physicsClientId=self._client,
        )
        body: int = pybullet.createMultiBody(
            0.0,
            -1,
            shape,
            [item.pose.x_m, item.pose.y_m, 0.5 * item.height_m],
            pybullet.getQuaternionFromEuler((0.0, 0.0, item.pose.yaw_rad)),
            physicsClientId=self._client,
        )
        return body
