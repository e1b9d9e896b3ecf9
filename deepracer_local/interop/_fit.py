"""Whether weights belong to an action space and its sensors, and what is said of them beside."""

from __future__ import annotations

from deepracer_local.domain import (
    CAMERAS,
    N_LIDAR_BEAMS,
    CameraSpec,
    ModelMetadata,
    Network,
    Sensor,
    camera_channels,
)
from deepracer_local.errors import ArchiveError
from deepracer_local.interop._reader import FoundWeights
from deepracer_local.runs import CheckpointInfo, SensorShape

_IDEAL = CameraSpec()


def require_fit(
    weights: FoundWeights, metadata: ModelMetadata, source: str, *, stack_size: int, camera: CameraSpec = _IDEAL
) -> None:
    """Raises ArchiveError where weights belong to another action space or other sensors."""
    n_actions = len(metadata.action_space) if isinstance(metadata.action_space, tuple) else 2
    is_continuous = metadata.action_space_type == "continuous"
    if (weights.n_outputs, weights.is_continuous) != (n_actions, is_continuous):
        kind = "means" if weights.is_continuous else "probabilities"
        raise ArchiveError(
            f"{source}: expected {n_actions} {'means' if is_continuous else 'probabilities'} as the action space in "
            f"model_metadata.json has, got {weights.n_outputs} {kind}.",
            file=source,
        )
    if metadata.training_algorithm != weights.algorithm:
        raise ArchiveError(
            f"{source}: expected a network that {metadata.training_algorithm} trained, as model_metadata.json says, "
            f"got one of {weights.algorithm}.",
            file=source,
        )
    given, wanted = dict(weights.sensors), sorted(sensor.value for sensor in metadata.sensor)
    if not _are_one_camera([*given], wanted) and ([*given] != wanted or weights.is_alone != (len(wanted) == 1)):
        raise ArchiveError(
            f"{source}: expected a network that reads {', '.join(wanted)} as model_metadata.json says, got one that "
            f"reads {', '.join(given)}.",
            file=source,
        )
    for (_, shape), sensor in zip(weights.sensors, sorted(metadata.sensor, key=lambda one: one.value), strict=True):
        expected = _shape_of(sensor, metadata, camera, stack_size)
        if expected is not None and shape != expected:
            raise ArchiveError(
                f"{source}: expected a network that takes {_written(expected)} from {sensor.value}, as its settings "
                f"and a stack_size of {stack_size} give, got one for {_written(shape)}.",
                file=source,
            )


def _are_one_camera(given: list[str], wanted: list[str]) -> bool:
    """Returns whether each is one camera: what it is called matters of the pair alone, which has layers of its own."""
    if len(given) != 1 or len(wanted) != 1:
        return False
    pairs = [name for name in (*given, *wanted) if name == Sensor.STEREO_CAMERAS]
    return len(pairs) != 1 and all(Sensor(name) in CAMERAS for name in (*given, *wanted))


def _shape_of(sensor: Sensor, metadata: ModelMetadata, camera: CameraSpec, stack_size: int) -> tuple[int, ...] | None:
    """Returns what a sensor gives; None where it is not said by settings."""
    if sensor in CAMERAS:
        return camera.height_px, camera.width_px, camera_channels([sensor]) * stack_size
    if sensor is Sensor.LIDAR:
        return (N_LIDAR_BEAMS * stack_size,)
    if sensor is Sensor.DISCRETIZED_SECTOR_LIDAR:
        return (metadata.lidar.num_sectors * metadata.lidar.num_values_per_sector * stack_size,)
    return None


def _written(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) + " numbers"


def checkpoint_info(
    weights: FoundWeights, metadata: ModelMetadata, *, total_steps: int, iterations: int
) -> CheckpointInfo:
    """Returns what ``model.json`` says; what an archive claims of laps is left out."""
    shapes = {
        name: SensorShape(shape=shape, dtype="uint8" if Sensor(name) in CAMERAS else "float32")
        for name, shape in weights.sensors
    }
    [first, *_] = shapes.values()
    return CheckpointInfo(
        network=Network(weights.network),
        observation_shape=first.shape if weights.is_alone else None,
        observation_dtype=first.dtype if weights.is_alone else None,
        sensors=None if weights.is_alone else shapes,
        n_actions=None if weights.is_continuous else weights.n_outputs,
        action_dimensions=weights.n_outputs if weights.is_continuous else None,
        model_metadata=metadata,
        total_steps=total_steps,
        iterations=iterations,
        evaluation=None,
    )
