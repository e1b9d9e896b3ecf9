"""What a model may change that begins with the weights of another one."""

from __future__ import annotations

from typing import Any

from deepracer_local.domain._metadata import ModelMetadata
from deepracer_local.domain._run import TrainSpec
from deepracer_local.domain._sensors import Sensor
from deepracer_local.errors import SpecError


def require_same_shape(parent: TrainSpec, child: TrainSpec) -> None:
    """Sees to it that the weights of ``parent`` fit the network of ``child``.

    Track, race, reward, speeds and angles of as many actions, and hyperparameters may differ.

    Raises:
        SpecError: names the field that must not, with both values.
    """
    ours = _shape_of(child)
    for field, expected in _shape_of(parent).items():
        if ours[field] != expected:
            raise SpecError(
                f"{field}: expected the parent's {expected}, got {ours[field]}: its weights do not fit. Keep the "
                "parent's, or create a new model.",
                field=field,
            )


def _shape_of(spec: TrainSpec) -> dict[str, Any]:
    metadata = spec.model_metadata
    actions = metadata.action_space
    return {
        "algorithm": metadata.training_algorithm,
        "network": metadata.neural_network.value,
        "action_space_type": metadata.action_space_type,
        "action_space": f"{len(actions)} actions" if isinstance(actions, tuple) else "intervals",
        "sensor": sorted(sensor.value for sensor in metadata.sensor),
        "lidar_config": _sectors(metadata),
        "stack_size": spec.hyperparameters.stack_size,
    }


def _sectors(metadata: ModelMetadata) -> list[int]:
    """Returns how many sectors and values of each a model reads; nothing where it reads none."""
    if Sensor.DISCRETIZED_SECTOR_LIDAR not in metadata.sensor:
        return []
    return [metadata.lidar.num_sectors, metadata.lidar.num_values_per_sector]
