"""Network and algorithm by the short names of commands and requests, and what is used where nothing was chosen."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from deepracer_local.domain._hyperparameters import FAST_HYPERPARAMETERS, SAC_HYPERPARAMETERS, Hyperparameters
from deepracer_local.domain._metadata import ContinuousActions, Interval, ModelMetadata, Network, first_error
from deepracer_local.domain._run import DEFAULT_METADATA
from deepracer_local.domain._sensors import Sensor
from deepracer_local.errors import MetadataError, SpecError, UnknownNameError

NETWORK_NAMES = {"fast": Network.FAST, "shallow": Network.SHALLOW, "deep": Network.DEEP, "deeper": Network.DEEPER}
ALGORITHM_NAMES = {"ppo": "clipped_ppo", "clipped_ppo": "clipped_ppo", "sac": "sac"}

SAC_METADATA = ModelMetadata(
    action_space=ContinuousActions(
        steering_angle=Interval(low=-30.0, high=30.0),
        speed=Interval(low=0.5, high=1.0),
    ),
    action_space_type="continuous",
    sensor=(Sensor.FRONT_FACING_CAMERA,),
    neural_network=Network.FAST,
    training_algorithm="sac",
)
"""30 degrees to either side, 0.5 to 1 m/s, front camera."""


def choose_metadata(given: ModelMetadata | None, *, network: str | None, algorithm: str | None) -> ModelMetadata:
    """Returns what a training is to use.

    Args:
        given: a ``model_metadata.json``, or None.
        network: overrules it, or None.
        algorithm: overrules it, or None.

    Raises:
        SpecError: there is no network or algorithm of that name.
        MetadataError: the algorithm cannot choose actions of this kind.
    """
    changes: dict[str, Any] = {}
    if network is not None:
        changes["neural_network"] = _named("network", network, NETWORK_NAMES)
    if algorithm is not None:
        changes["training_algorithm"] = _named("algorithm", algorithm, ALGORITHM_NAMES)
    if given is None:
        given = SAC_METADATA if changes.get("training_algorithm") == "sac" else DEFAULT_METADATA
    try:
        return ModelMetadata.model_validate(given.model_dump() | changes)
    except ValidationError as err:
        field, message = first_error(err)
        raise MetadataError(message, field=field) from err


def default_hyperparameters(metadata: ModelMetadata) -> Hyperparameters:
    """Returns the preset of an algorithm."""
    return SAC_HYPERPARAMETERS if metadata.training_algorithm == "sac" else FAST_HYPERPARAMETERS


def _named(kind: str, name: str, known: dict[str, Any]) -> Any:
    if name not in known:
        raise SpecError(f"{kind}: {UnknownNameError(kind, name, known)}", field=kind)
    return known[name]
