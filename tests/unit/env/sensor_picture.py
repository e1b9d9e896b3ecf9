"""Draws what the sensors see of two boxes; ``python -m tests.unit.env.sensor_picture`` writes ``docs/sensors.png``."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from deepracer_local.domain import CameraSpec, Pose, Sensor, VehicleSpec
from deepracer_local.env._sensors import eyes_of
from deepracer_local.sim import GroundCamera, KinematicSimulator, Lidar, SceneObject
from deepracer_local.track import builtin_tracks_dir, find_track

FILE = Path(__file__).parents[3] / "docs" / "sensors.png"


def draw() -> Figure:
    """Returns the two pictures of the stereo pair beside the beams of the lidar, seen from above."""
    track = find_track("oval", [builtin_tracks_dir()])
    car = KinematicSimulator().reset(track.start_pose(0.0))
    boxes = [beside(car.x_m, car.y_m, car.yaw_rad, *place) for place in ((0.85, 0.12), (-0.45, -0.3), (0.15, 0.6))]
    figure = Figure(figsize=(8.2, 2.6), dpi=100, layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=(1.33, 1.33, 1))
    pair = eyes_of(Sensor.STEREO_CAMERAS, GroundCamera(track, CameraSpec()))
    for panel, eye, title in zip(axes, pair, ("left eye", "right eye"), strict=False):
        panel.imshow(eye.frame(car, boxes), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        panel.set_title(title, fontsize=9)
        panel.set_axis_off()
    panel = axes[2]
    lidar = Lidar()
    ranges = np.minimum(lidar.ranges(car, boxes), 1.0)
    x = lidar.spec.offset_x_m + ranges * np.cos(lidar.angles_rad)
    y = ranges * np.sin(lidar.angles_rad)
    for i in range(len(ranges)):  # the car looks up, its left is left
        colour = "#d13212" if ranges[i] < 1.0 else "#b0b8bf"
        panel.plot([0, -y[i]], [lidar.spec.offset_x_m, x[i]], color=colour, linewidth=0.7)
    for forward, left in ((0.85, 0.12), (-0.45, -0.3), (0.15, 0.6)):
        panel.add_patch(Rectangle((-left - 0.1, forward - 0.1), 0.2, 0.2, color="#444b52"))
    vehicle = VehicleSpec()
    corner = (-vehicle.width_m / 2, -vehicle.length_m / 2)
    panel.add_patch(Rectangle(corner, vehicle.width_m, vehicle.length_m, color="#0073bb", alpha=0.8))
    panel.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xticks=[], yticks=[])
    panel.set_title("LIDAR, from above", fontsize=9)
    return figure


def beside(x_m: float, y_m: float, yaw_rad: float, forward_m: float, left_m: float) -> SceneObject:
    """Returns a box of 20 by 20 by 25 cm so far ahead of a place and to its left."""
    cosine, sine = math.cos(yaw_rad), math.sin(yaw_rad)
    centre = Pose(x_m + forward_m * cosine - left_m * sine, y_m + forward_m * sine + left_m * cosine, yaw_rad)
    return SceneObject(centre, 0.2, 0.2, 0.25, (235, 150, 90))


if __name__ == "__main__":
    draw().savefig(FILE)
