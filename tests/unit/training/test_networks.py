"""The topologies, against the published sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from deepracer_local.domain import Network
from deepracer_local.training._algorithms import build_policy
from deepracer_local.training._networks import TOPOLOGIES, CameraFeatures, SensorFeatures, _block_sums
from deepracer_local.training._policy import DeterministicPolicy, policy_for

PICTURE = spaces.Box(0, 255, (120, 160, 1), np.uint8)


def flattened(network: Network) -> int:
    """Returns how many values enter the first dense layer."""
    features = CameraFeatures(PICTURE, TOPOLOGIES[network])
    first_dense = next(layer for layer in features.layers if isinstance(layer, nn.Linear))
    return first_dense.in_features


@pytest.mark.parametrize(
    ("network", "expected"),
    [(Network.SHALLOW, 11264), (Network.DEEP, 56000), (Network.DEEPER, 9216)],
    ids=["shallow", "deep", "deeper"],
)
def test_the_flattened_sizes_are_the_originals(network: Network, expected: int) -> None:
    assert flattened(network) == expected


def test_the_shallow_network_has_the_originals_number_of_parameters() -> None:
    features = CameraFeatures(PICTURE, TOPOLOGIES[Network.SHALLOW])

    assert sum(p.numel() for p in features.parameters()) == pytest.approx(5.84e6, rel=0.002)


@pytest.mark.parametrize("network", Network)
def test_every_network_turns_pictures_into_features(network: Network) -> None:
    features = CameraFeatures(PICTURE, TOPOLOGIES[network])

    result = features(torch.randint(0, 256, (3, 120, 160, 1), dtype=torch.uint8))

    assert result.shape == (3, TOPOLOGIES[network].dense[-1])
    assert torch.isfinite(result).all()


@pytest.mark.parametrize("network", [Network.DEEP, Network.DEEPER])
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "with a lidar"])
def test_two_cameras_have_the_originals_layers_of_their_own(network: Network, is_alone: bool) -> None:
    pictures = spaces.Box(0, 255, (40, 48, 2), np.uint8)
    space = pictures if is_alone else spaces.Dict(STEREO_CAMERAS=pictures, LIDAR=spaces.Box(0, 1, (64,), np.float32))
    with torch.device("meta"):
        policy = build_policy(space, spaces.Discrete(3), network, algorithm="clipped_ppo", camera="STEREO_CAMERAS")

    layers = [layer for layer in policy.pi_features_extractor.modules() if isinstance(layer, nn.Conv2d)]

    found = [(layer.out_channels, layer.kernel_size[0], layer.stride[0]) for layer in layers]
    assert found == [(32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1)]


def test_embeddings_stand_side_by_side_sorted_by_name() -> None:
    space = spaces.Dict(
        STEREO_CAMERAS=spaces.Box(0, 255, (36, 36, 2), np.uint8), LIDAR=spaces.Box(0, 1, (64,), np.float32)
    )
    features = SensorFeatures(space, Network.SHALLOW)

    assert list(features.embedders) == ["LIDAR", "STEREO_CAMERAS"]
    assert [layer.out_features for layer in features.embedders["LIDAR"] if isinstance(layer, nn.Linear)] == [256, 256]
    first = features.middleware[0]
    assert isinstance(first, nn.Linear)
    assert (first.in_features, first.out_features) == (256 + 64, 512)


@pytest.mark.parametrize("network", [Network.SHALLOW, Network.DEEP, Network.DEEPER])
def test_the_originals_networks_share_nothing(network: Network) -> None:
    policy_class, kwargs = policy_for(PICTURE, network)
    policy = policy_class(PICTURE, spaces.Discrete(3), lambda _: 1e-3, **kwargs)

    mine = {id(p) for p in policy.pi_features_extractor.parameters()}
    theirs = {id(p) for p in policy.vf_features_extractor.parameters()}

    assert not mine & theirs


@pytest.mark.parametrize("size", [2, 4, 5])
def test_block_sums_are_average_pooling(size: int) -> None:
    pictures = torch.randint(0, 256, (2, 120, 160, 1), dtype=torch.uint8)

    pooled = _block_sums(pictures, size).permute(0, 3, 1, 2) / size**2

    expected = nn.functional.avg_pool2d(pictures.permute(0, 3, 1, 2).float(), size)
    assert torch.allclose(pooled, expected, atol=1e-4)


def test_the_deterministic_action_is_the_most_probable_one() -> None:
    torch.manual_seed(0)
    policy_class, kwargs = policy_for(PICTURE, Network.FAST)
    policy = policy_class(PICTURE, spaces.Discrete(5), lambda _: 1e-3, **kwargs)
    with torch.no_grad():
        policy.action_net.bias[3] = 5.0

    action = DeterministicPolicy(policy).act(np.zeros((120, 160, 1), np.uint8))

    assert int(action) == 3


def test_a_continuous_action_stays_within_its_space() -> None:
    policy_class, kwargs = policy_for(PICTURE, Network.FAST)
    space = spaces.Box(-1.0, 1.0, (2,), np.float32)
    policy = policy_class(PICTURE, space, lambda _: 1e-3, **kwargs)
    with torch.no_grad():
        policy.action_net.bias[:] = torch.tensor([4.0, -4.0])

    action = DeterministicPolicy(policy).act(np.zeros((120, 160, 1), np.uint8))

    assert action.tolist() == [1.0, -1.0]
