"""The world: how the car moves, and what is seen of it. The only room that knows PyBullet."""

from deepracer_local.sim._camera import Camera, GroundCamera
from deepracer_local.sim._kinematic import KinematicSimulator
from deepracer_local.sim._lidar import Lidar, LidarEncoding
from deepracer_local.sim._reference_camera import ReferenceCamera
from deepracer_local.sim._scene import Scene, SceneObject
from deepracer_local.sim._simulator import Simulator
from deepracer_local.sim._tyres import Chassis, TyreSimulator
from deepracer_local.sim._views import ChaseView, TopView
from deepracer_local.sim._visible import is_any_in_picture

__all__ = [
    "Camera",
    "ChaseView",
    "Chassis",
    "GroundCamera",
    "KinematicSimulator",
    "Lidar",
    "LidarEncoding",
    "ReferenceCamera",
    "Scene",
    "SceneObject",
    "Simulator",
    "TopView",
    "TyreSimulator",
    "is_any_in_picture",
]
