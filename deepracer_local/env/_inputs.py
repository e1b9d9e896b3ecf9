"""What a user may hand to the environment, turned into what it works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import gymnasium
import numpy as np
from gymnasium import spaces

from deepracer_local.domain import (
    CAMERA_PROFILES,
    DEFAULT_METADATA,
    ActionSpace,
    CameraProfile,
    CameraSpec,
    ContinuousActionSpace,
    ModelMetadata,
    RandomisationSpec,
    RewardParams,
    Sensor,
    SensorSettings,
    VehicleSpec,
    load_model_metadata,
    parse_model_metadata,
    parse_sensor_settings,
)
from deepracer_local.errors import UnknownNameError
from deepracer_local.reward import InProcessReward, RewardFunction, find_example, from_callable, load_reward
from deepracer_local.sim import Camera, GroundCamera, KinematicSimulator, Simulator, TyreSimulator
from deepracer_local.track import Track, builtin_tracks_dir, find_track

TrackInput = str | Path | Track
RewardInput = str | Path | Callable[[RewardParams], Any] | RewardFunction | None
ActionSpaceInput = str | Path | dict[str, Any] | Sequence[dict[str, Any]] | ModelMetadata | None
CameraInput = CameraProfile | CameraSpec | Camera
RandomisationInput = str | Mapping[str, Any] | RandomisationSpec | None
SensorSettingsInput = Mapping[Sensor, SensorSettings] | Mapping[str, dict[str, Any]] | None

_SIMULATORS: dict[str, Callable[[VehicleSpec], Simulator]] = {"tyre": TyreSimulator, "kinematic": KinematicSimulator}


def to_track(value: TrackInput, directories: Sequence[Path]) -> Track:
    """Returns the track of that name or file.

    Raises:
        TrackError: the file is not a track.
        UnknownNameError: there is no such track.
    """
    return value if isinstance(value, Track) else find_track(str(value), [*directories, builtin_tracks_dir()])


def to_metadata(value: ActionSpaceInput, sensors: Sequence[str] | None) -> ModelMetadata:
    """Returns a ``model_metadata.json``, with other sensors where some are given.

    Raises:
        MetadataError: the description is not usable.
        SpecError: there is no such sensor, or they do not go together.
    """
    metadata = _to_metadata(value)
    return metadata if sensors is None else metadata.with_sensors(sensors)


def to_sensor_settings(value: SensorSettingsInput, metadata: ModelMetadata) -> dict[Sensor, SensorSettings]:
    """Returns the settings of the sensors that are not ideal.

    Raises:
        SpecError: a setting is not usable, or is of a sensor that the model does not read.
    """
    return parse_sensor_settings(value or {}, metadata.sensor)


def _to_metadata(value: ActionSpaceInput) -> ModelMetadata:
    if value is None:
        return DEFAULT_METADATA
    if isinstance(value, ModelMetadata):
        return value
    if isinstance(value, (str, Path)):
        return load_model_metadata(Path(value))
    return parse_model_metadata(value if isinstance(value, dict) else list(value), source="action_space")


def to_gymnasium_space(actions: ActionSpace) -> gymnasium.Space[Any]:
    """Returns the Gymnasium space whose members ``actions.decode`` takes."""
    if isinstance(actions, ContinuousActionSpace):
        return spaces.Box(-1.0, 1.0, (2,), np.float32)
    return spaces.Discrete(len(actions.commands))


def to_reward(value: RewardInput, actions: ActionSpace) -> RewardFunction:
    """Returns a reward function that is ready to be called.

    Raises:
        RewardError: the file or function is not usable.
    """
    max_speed_mps, max_angle_deg = actions.max_speed_mps, actions.max_steering_angle_deg
    if value is None:
        value = find_example("center_line").path
    if isinstance(value, (str, Path)):
        source = load_reward(Path(value))
        return InProcessReward(source, max_speed_mps=max_speed_mps, max_steering_angle_deg=max_angle_deg)
    if hasattr(value, "call"):
        return cast("RewardFunction", value)
    return from_callable(value, max_speed_mps=max_speed_mps, max_steering_angle_deg=max_angle_deg)


def to_camera(value: CameraInput, track: Track) -> Camera:
    """Returns a camera that looks at ``track``.

    Raises:
        UnknownNameError: there is no profile of that name.
    """
    if isinstance(value, str):
        if value not in get_args(CameraProfile):
            raise UnknownNameError("camera profile", value, get_args(CameraProfile))
        value = CAMERA_PROFILES[value]
    return GroundCamera(track, value) if isinstance(value, CameraSpec) else value


def to_simulator(name: str, vehicle: VehicleSpec) -> Simulator:
    """Returns a new simulator.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in _SIMULATORS:
        raise UnknownNameError("simulator", name, _SIMULATORS)
    return _SIMULATORS[name](vehicle)
