"""What the policy gets: the sensors of a model, their faults, and the stacking of successive observations."""

from __future__ import annotations

import base64
import math
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from deepracer_local.domain import (
    CAMERAS,
    CONTROL_RATE_HZ,
    LIDARS,
    MAX_STACK,
    STEREO_OFFSET_M,
    Conditions,
    LidarConfig,
    LidarSpec,
    ModelMetadata,
    RandomisationSpec,
    Sensor,
    SensorSettings,
)
from deepracer_local.env._instant import Instant
from deepracer_local.env._road_state import RoadState
from deepracer_local.errors import InvalidInputError, SpecError
from deepracer_local.sim import Camera, GroundCamera, Lidar, LidarEncoding

Sample = npt.NDArray[Any]
Observation = Sample | dict[str, Sample]
IDEAL = SensorSettings()


class SensorSuite:
    """All sensors of one car.

    The observation is a picture where a camera is the only sensor, the numbers where ``STATE`` is, and otherwise a
    dictionary by the sensors' names.

    Laws: what ``look`` returns depends on the instants since ``reset`` and on the generator, and on nothing else;
    an ideal sensor draws nothing from the generator; every observation is memory of its own.
    """

    def __init__(
        self,
        metadata: ModelMetadata,
        camera: Camera,
        *,
        settings: Mapping[Sensor, SensorSettings] | None = None,
        stack_size: int = 1,
        lidar: LidarSpec = LidarSpec(),  # noqa: B008  # frozen
    ) -> None:
        """Mounts the sensors of ``metadata``.

        Args:
            metadata: names the sensors and the sectors of the lidar.
            camera: the one in the middle of the car, from which the eyes of a pair are moved aside.
            settings: of the sensors that are not ideal.
            stack_size: how many successive observations are handed over at once, the oldest first.
            lidar: the mount and the reach of the lidar.

        Raises:
            SpecError: the stack is not 1 to 4, or a camera that is not a ``GroundCamera`` is to be moved aside.
        """
        if not 1 <= stack_size <= MAX_STACK:
            raise SpecError(
                f"stack_size: expected 1 to {MAX_STACK}, got {stack_size}. Choose one of them.", field="stack_size"
            )
        settings = settings or {}
        self._channels = {
            sensor: _Channel(
                _mount(sensor, camera, metadata.lidar, lidar), settings.get(sensor, IDEAL), stack_size=stack_size
            )
            for sensor in metadata.sensor
        }
        sensors = tuple(self._channels)
        self._specified = next((eyes_of(sensor, camera)[0] for sensor in sensors if sensor in CAMERAS), camera)
        self._eye = self._specified
        self._alone = self._channels[sensors[0]] if len(sensors) == 1 and sensors[0] not in LIDARS else None

    @property
    def space(self) -> spaces.Space[Any]:
        """What ``look`` returns members of."""
        if self._alone is not None:
            return self._alone.space
        return spaces.Dict({sensor.value: channel.space for sensor, channel in self._channels.items()})

    @property
    def eye(self) -> Camera:
        """What people are shown: the car's camera, the left one of a pair; the one in the middle where none is read."""
        return self._eye

    def require_fits(self, randomisation: RandomisationSpec) -> None:
        """Sees to it that the camera can be as the randomisation wants it.

        Raises:
            SpecError: it would be impossible, or is no ``GroundCamera``.
        """
        if not isinstance(self._specified, GroundCamera):
            raise SpecError(
                "randomisation: expected a GroundCamera, a CameraSpec or a profile, whose pictures can be changed, got "
                f"a {type(self._specified).__name__}. Pass one of these as camera.",
                field="randomisation",
            )
        randomisation.require_fits(self._specified.spec)

    def obey(self, conditions: Conditions) -> None:
        """Has the cameras be as the conditions of the coming episode say; ``reset`` or ``set_state`` comes next."""
        if isinstance(self._specified, GroundCamera):
            self._eye = self._specified.under(conditions)
        for channel in self._channels.values():
            channel.obey(conditions)

    def reset(self) -> None:
        """Forgets all instants: the next one is the first of an episode."""
        for channel in self._channels.values():
            channel.reset()

    def look(self, instant: Instant, random: np.random.Generator) -> Observation:
        """Measures at this instant, the next one, and returns what the policy gets."""
        if self._alone is not None:
            return self._alone.look(instant, random)
        return {sensor.value: channel.look(instant, random) for sensor, channel in self._channels.items()}

    def get_state(self) -> dict[str, Any]:
        """Returns all that the next observations depend on, as JSON values; empty where all sensors are ideal."""
        states = {sensor.value: channel.get_state() for sensor, channel in self._channels.items()}
        return {name: state for name, state in states.items() if state is not None}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what ``get_state`` returned."""
        for sensor, channel in self._channels.items():
            channel.set_state(state.get(sensor.value))


def eyes_of(sensor: Sensor, camera: Camera) -> tuple[Camera, ...]:
    """Returns the cameras of a sensor, left before right, from the one in the middle.

    Raises:
        SpecError: it is to be moved aside and cannot be.
    """
    if sensor not in {Sensor.LEFT_CAMERA, Sensor.STEREO_CAMERAS}:
        return (camera,)
    if not isinstance(camera, GroundCamera):
        raise SpecError(
            f"{sensor.value}: expected a GroundCamera, a CameraSpec or a profile to make its eyes from, got a "
            f"{type(camera).__name__}. Pass one of these as camera.",
            field="sensor",
        )
    left = camera.moved(left_m=STEREO_OFFSET_M)
    return (left,) if sensor is Sensor.LEFT_CAMERA else (left, camera.moved(left_m=-STEREO_OFFSET_M))


class _Mounted(Protocol):
    """A sensor on the car, without faults but noise."""

    @property
    def space(self) -> spaces.Box[Any]: ...

    def measure(self, instant: Instant, noise_sigma: float, random: np.random.Generator) -> Sample:
        """Returns a member of ``space``, an array of its own."""
        ...

    def obey(self, conditions: Conditions) -> int:
        """Is from now on as the conditions say; returns by how many steps it is late beyond its settings."""
        ...


class _Eyes:
    """One camera or a pair: uint8 (height, width, 1 or 2), left before right."""

    def __init__(self, cameras: Sequence[Camera]) -> None:
        self._specified = self._cameras = cameras
        self._noise_sigma = 0.0
        spec = cameras[0].spec
        self.space = spaces.Box(0, 255, (spec.height_px, spec.width_px, len(cameras)), np.uint8)

    def measure(self, instant: Instant, noise_sigma: float, random: np.random.Generator) -> Sample:
        if len(self._cameras) == 1:  # every microsecond of this one counts
            picture = self._cameras[0].frame(instant.vehicle, instant.objects)[:, :, np.newaxis]
        else:
            frames = [camera.frame(instant.vehicle, instant.objects) for camera in self._cameras]
            picture = np.stack(frames, axis=-1)
        if self._noise_sigma > 0.0:
            noise_sigma = math.hypot(noise_sigma, self._noise_sigma)
        if noise_sigma == 0.0:
            return picture
        noisy = random.standard_normal(picture.shape, dtype=np.float32)
        noisy *= np.float32(noise_sigma)
        noisy += picture
        np.rint(noisy, out=noisy)
        return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)

    def obey(self, conditions: Conditions) -> int:
        self._cameras = [
            camera.under(conditions) if isinstance(camera, GroundCamera) else camera for camera in self._specified
        ]
        self._noise_sigma = conditions.noise_sigma
        return conditions.camera_delay_steps


class _Beams:
    """The lidar behind one of its encodings: float32 (n,)."""

    def __init__(self, lidar: Lidar, encoding: LidarEncoding) -> None:
        self._lidar = lidar
        self._encoding = encoding
        low, high = encoding.bounds
        self.space = spaces.Box(low, high, (encoding.length,), np.float32)

    def measure(self, instant: Instant, noise_sigma: float, random: np.random.Generator) -> Sample:
        ranges = self._lidar.ranges(instant.vehicle, instant.objects)
        if noise_sigma > 0.0:
            ranges += noise_sigma * random.standard_normal(len(ranges))
        return self._encoding.encode(ranges)

    def obey(self, conditions: Conditions) -> int:  # a lidar needs no light
        return 0


class _Numbers:
    """``STATE``: float32 (n,)."""

    def __init__(self) -> None:
        self._state = RoadState()
        self._limit = self._state.limit
        self.space = spaces.Box(-self._limit, self._limit, (self._state.length,), np.float32)

    def measure(self, instant: Instant, noise_sigma: float, random: np.random.Generator) -> Sample:
        numbers = self._state.of(instant)
        if noise_sigma > 0.0:
            numbers += noise_sigma * random.standard_normal(len(numbers))
        return np.clip(numbers, -self._limit, self._limit).astype(np.float32)

    def obey(self, conditions: Conditions) -> int:  # it looks at nothing
        return 0


class _Channel:
    """One sensor with its rate, its delay and its stack.

    The history holds what the sensor showed in the last ``delay + stack`` instants, the oldest first; the first
    ``stack`` of them are handed over.
    """

    def __init__(self, sensor: _Mounted, settings: SensorSettings, *, stack_size: int) -> None:
        self._sensor = sensor
        self._noise_sigma = settings.noise_sigma
        self._stack_size = stack_size
        self._period = CONTROL_RATE_HZ // settings.rate_hz
        self._delay_steps = settings.delay_steps
        self._n_instants = 0
        self._remember(settings.delay_steps)
        box = sensor.space
        self.space: spaces.Box[Any] = spaces.Box(
            np.concatenate([box.low] * stack_size, axis=-1),
            np.concatenate([box.high] * stack_size, axis=-1),
            dtype=box.dtype.type,
        )

    def obey(self, conditions: Conditions) -> None:
        self._remember(self._delay_steps + self._sensor.obey(conditions))

    def reset(self) -> None:
        self._history.clear()
        self._n_instants = 0

    def look(self, instant: Instant, random: np.random.Generator) -> Sample:
        if not self._has_memory:
            return self._sensor.measure(instant, self._noise_sigma, random)
        history = self._history
        if self._n_instants % self._period == 0:
            history.append(self._sensor.measure(instant, self._noise_sigma, random))
        else:
            history.append(history[-1])
        self._n_instants += 1
        while len(history) < (history.maxlen or 1):
            history.append(history[-1])
        return np.concatenate([history[i] for i in range(self._stack_size)], axis=-1)

    def get_state(self) -> dict[str, Any] | None:
        if not self._has_memory:
            return None
        # A sensor that measures seldom shows the same array several times; it is written down once.
        distinct = list({id(sample): sample for sample in self._history}.values())
        places = {id(sample): i for i, sample in enumerate(distinct)}
        return {
            "n_instants": self._n_instants,
            "samples": [base64.b64encode(zlib.compress(sample.tobytes(), 1)).decode("ascii") for sample in distinct],
            "history": [places[id(sample)] for sample in self._history],
        }

    def _remember(self, delay_steps: int) -> None:
        """Has room for a delay of so many steps."""
        self._history: deque[Sample] = deque(maxlen=delay_steps + self._stack_size)
        self._has_memory = self._period > 1 or delay_steps + self._stack_size > 1

    def set_state(self, state: Mapping[str, Any] | None) -> None:
        self.reset()
        if not self._has_memory:
            return
        box = self._sensor.space
        try:
            if state is None:
                raise ValueError("nothing of this sensor")
            samples = [
                np.frombuffer(zlib.decompress(base64.b64decode(text)), box.dtype).reshape(box.shape)
                for text in state["samples"]
            ]
            history = [samples[i] for i in state["history"]]
            if len(history) not in {0, self._history.maxlen}:
                raise ValueError(f"{len(history)} instants")
        except (KeyError, IndexError, TypeError, ValueError, zlib.error) as err:
            raise InvalidInputError(
                f"Expected the state of a sensor that remembers {self._history.maxlen} instants, got: {err}. Restore "
                "only what an environment with the same sensors, settings and stack_size returned."
            ) from err
        self._history.extend(history)
        self._n_instants = int(state["n_instants"])


def _mount(sensor: Sensor, camera: Camera, config: LidarConfig, lidar: LidarSpec) -> _Mounted:
    if sensor in CAMERAS:
        return _Eyes(eyes_of(sensor, camera))
    if sensor in LIDARS:
        return _Beams(Lidar(lidar), LidarEncoding(sensor, config, lidar))
    return _Numbers()
