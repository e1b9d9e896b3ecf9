"""Whether weights belong to an action space and its sensors, and what is said of them beside."""

from __future__ import annotations

from deepracer_local.domain import ModelMetadata, Network
from deepracer_local.errors import ArchiveError
from deepracer_local.interop._reader import FoundWeights
from deepracer_local.runs import CheckpointInfo


def require_fit(weights: FoundWeights, metadata: ModelMetadata, source: str) -> None:
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
    if len(metadata.sensor) != 1:
        raise ArchiveError(f"{source}: expected one camera, but model_metadata.json names more sensors.", file=source)
    channels = 2 if metadata.sensor[0].value == "STEREO_CAMERAS" else 1
    if weights.channels != channels:
        raise ArchiveError(
            f"{source}: expected a network for {channels} channels as {metadata.sensor[0].value} gives, got one for "
            f"{weights.channels}.",
            file=source,
        )
    if metadata.training_algorithm == "sac" and weights.checkpoint is None:
        raise ArchiveError(f"{source}: expected a network that clipped PPO trained, got one of SAC.", file=source)


def checkpoint_info(
    weights: FoundWeights, metadata: ModelMetadata, *, total_steps: int, iterations: int
) -> CheckpointInfo:
    """Returns what ``model.json`` says; what an archive claims of laps is left out."""
    return CheckpointInfo(
        network=Network(weights.network),
        observation_shape=(120, 160, weights.channels),
        observation_dtype="uint8",
        n_actions=None if weights.is_continuous else weights.n_outputs,
        action_dimensions=weights.n_outputs if weights.is_continuous else None,
        model_metadata=metadata,
        total_steps=total_steps,
        iterations=iterations,
        evaluation=None,
    )
