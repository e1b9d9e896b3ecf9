"""Whether something is in the front camera's picture."""

from __future__ import annotations

from collections.abc import Sequence

from deepracer_local.domain import CameraSpec, VehicleState
from deepracer_local.sim._camera import focal_length_px, view_from
from deepracer_local.sim._kernels import is_any_before
from deepracer_local.sim._scene import SceneObject, box_rows


def is_any_in_picture(objects: Sequence[SceneObject], state: VehicleState, spec: CameraSpec) -> bool:
    """Returns whether a corner or the middle of a box lies before the lens and inside the picture.

    Whether something else hides it is not asked.
    """
    if not objects:
        return False
    eye, axes = view_from(state, spec)
    return bool(is_any_before(box_rows(objects), eye, axes, focal_length_px(spec), spec.width_px, spec.height_px))
