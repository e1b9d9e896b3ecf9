"""Laws of what is found out about a network: on the real networks, with weights whose effect is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from deepracer_local.domain import ImageArray, Network
from deepracer_local.errors import InvalidInputError
from deepracer_local.training import (
    CELL_PX,
    DeterministicPolicy,
    batch_of_one,
    can_look_into,
    look_into,
    pictures_in,
)
from deepracer_local.training._algorithms import build_policy
from deepracer_local.training._insight import REACH_PX, _blur, _spread
from deepracer_local.training._networks import CameraFeatures
from deepracer_local.training._observations import to_tensors
from deepracer_local.training._policy import SensorPolicy, policy_for
from tests.unit.training.sensed import Sensed

PICTURE = spaces.Box(0, 255, (120, 160, 1), np.uint8)
DISCRETE = spaces.Discrete(5)
CONTINUOUS = spaces.Box(-1.0, 1.0, (2,), np.float32)


def policy_of(network: Network = Network.FAST, actions: spaces.Space[object] = DISCRETE) -> DeterministicPolicy:
    """Returns a policy with random weights whose actions depend on the picture as those of a trained one."""
    torch.manual_seed(1)
    policy_class, kwargs = policy_for(PICTURE, network)
    policy = policy_class(PICTURE, actions, lambda _: 1e-3, **kwargs)
    with torch.no_grad():
        features = policy.pi_features_extractor(torch.from_numpy(pictures_of(8)))
        policy.action_net.weight *= 1.5 / policy.action_net(features).std(0).mean()
        policy.action_net.bias -= policy.action_net(features).mean(0)
    policy.set_training_mode(False)
    return DeterministicPolicy(policy)


def pictures_of(count: int, *, seed: int = 0) -> ImageArray:
    """Returns dark ground with light blocks here and there."""
    rng = np.random.default_rng(seed)
    blocks = rng.choice(np.array([70, 70, 70, 230], np.uint8), (count, 15, 20))
    return blocks.repeat(8, axis=1).repeat(8, axis=2)[..., None]


def log_probabilities(policy: DeterministicPolicy, pictures: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = policy.network.get_distribution(pictures).log_prob(actions)
    return found


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_probabilities_and_values_are_the_policys_own() -> None:
    policy, pictures = policy_of(), pictures_of(7)

    insight = look_into(policy, pictures)

    with torch.inference_mode():
        batch = torch.from_numpy(pictures)
        expected = policy.network.get_distribution(batch).distribution.probs.numpy()
        values = policy.network.predict_values(batch)[:, 0].numpy()
    assert insight.probabilities is not None
    assert np.array_equal(insight.probabilities, expected)
    assert np.allclose(insight.probabilities.sum(1), 1.0, atol=1e-6)
    assert np.array_equal(insight.values, values)
    assert [int(row.argmax()) for row in insight.probabilities] == [int(policy.act(picture)) for picture in pictures]
    assert (insight.means, insight.deviations) == (None, None)


def test_means_and_deviations_are_the_policys_own() -> None:
    policy, pictures = policy_of(actions=CONTINUOUS), pictures_of(3)
    with torch.no_grad():
        policy.network.log_std.copy_(torch.tensor([-1.0, 0.5]))

    insight = look_into(policy, pictures)

    assert insight.probabilities is None
    assert insight.means is not None
    assert insight.deviations is not None
    for mean, picture in zip(insight.means, pictures, strict=True):
        assert np.allclose(np.clip(mean, -1, 1), policy.act(picture), atol=1e-5)
    assert np.allclose(insight.deviations, np.exp([[-1.0, 0.5]] * 3))


@pytest.mark.parametrize(
    ("network", "actions"),
    [(Network.FAST, DISCRETE), (Network.FAST, CONTINUOUS), (Network.SHALLOW, DISCRETE)],
    ids=["fast", "continuous", "shallow"],
)
def test_the_map_adds_up_to_what_blurring_takes_away(network: Network, actions: spaces.Space[object]) -> None:
    policy, pictures = policy_of(network, actions), pictures_of(2)
    sharp = torch.from_numpy(pictures)
    with torch.inference_mode():
        chosen = policy.network.get_distribution(sharp).mode()
    lost = log_probabilities(policy, sharp, chosen) - log_probabilities(policy, _blur(sharp), chosen)

    maps = look_into(policy, pictures, n_points=64).saliency

    assert maps.shape == (2, 15, 20)
    assert np.allclose(maps.sum((1, 2)), lost.numpy(), rtol=0.03, atol=0.03)
    assert (lost.abs() > 0.05).all()


SENSORS = {"STEREO_CAMERAS": (120, 160, 2), "LIDAR": (64,)}


@pytest.mark.parametrize(
    ("algorithm", "sensors", "actions"),
    [
        ("clipped_ppo", SENSORS, DISCRETE),
        ("sac", SENSORS, CONTINUOUS),
        ("sac", (120, 160, 4), CONTINUOUS),
    ],
    ids=["several sensors", "sac with several sensors", "sac with stacked pictures"],
)
def test_of_other_sensors_only_the_camera_is_looked_into(
    algorithm: str, sensors: Any, actions: spaces.Space[object]
) -> None:
    env = Sensed(sensors, is_continuous=actions is CONTINUOUS)
    torch.manual_seed(0)
    network = build_policy(env.observation_space, actions, Network.FAST, algorithm=algorithm)
    with torch.no_grad():
        for head in [network.actor.mu, network.actor.log_std] if algorithm == "sac" else [network.action_net]:
            head.weight *= 30.0
    policy = DeterministicPolicy(network)
    seen = batch_of_one(env.reset(seed=2)[0])
    sharp = to_tensors(seen)
    hidden = pictures_in(seen)
    assert hidden is not None
    blurred = _blur(torch.from_numpy(hidden))
    if isinstance(sharp, dict):
        blurred = sharp | {"STEREO_CAMERAS": blurred}
    lost = _log_probability(network, sharp, sharp) - _log_probability(network, blurred, sharp)

    insight = look_into(policy, seen, n_points=16)

    assert can_look_into(policy)
    assert insight.saliency.shape == (1, 15, 20)
    assert abs(lost) > 0.01
    assert float(insight.saliency.sum()) == pytest.approx(lost, rel=0.05, abs=0.005)
    if insight.means is not None and insight.deviations is not None:
        assert np.allclose(insight.means[0], policy.act(env.reset(seed=2)[0]), atol=1e-5)
        assert (insight.deviations > 0).all()


def _log_probability(network: Any, observations: Any, chosen_at: Any) -> float:
    """Returns the log-probability of the best action at ``chosen_at``, before SAC squeezes it."""
    with torch.inference_mode():
        if hasattr(network, "actor"):
            chosen, _, _ = network.actor.get_action_dist_params(chosen_at)
            mean, log_deviation, _ = network.actor.get_action_dist_params(observations)
            return float(torch.distributions.Normal(mean, log_deviation.exp()).log_prob(chosen).sum())
        chosen = network.get_distribution(chosen_at).mode()
        return float(network.get_distribution(observations).log_prob(chosen))


def test_a_network_that_looks_at_one_patch_has_its_maximum_there_and_nothing_elsewhere() -> None:
    policy, pictures = policy_of(), pictures_of(6)
    features = policy.network.pi_features_extractor
    assert isinstance(features, CameraFeatures)
    dense = next(layer for layer in features.layers if isinstance(layer, nn.Linear))
    row, column = 2, 5
    with torch.no_grad():
        # What the second convolution makes of one place: 9 by 9 pooled pixels of 4 by 4, every 16.
        weights = dense.weight.view(dense.out_features, 32, 6, 8)
        kept = weights[:, :, row, column].clone()
        weights.zero_()
        weights[:, :, row, column] = 10 * kept
    first, side = np.array([row, column]) * 16, 36

    maps = look_into(policy, pictures).saliency

    corners = np.stack(np.meshgrid(np.arange(15), np.arange(20), indexing="ij"), -1) * CELL_PX
    away = np.maximum(first - (corners + CELL_PX), corners - (first + side)).max(-1)
    assert (maps[:, away >= REACH_PX] == 0).all()
    assert np.abs(maps[:, away < 0]).max() > 0
    for one in np.abs(maps):
        assert away.ravel()[one.argmax()] < 0


def test_other_weights_see_something_else() -> None:
    policy, pictures = policy_of(), pictures_of(8)
    before = look_into(policy, pictures).saliency

    with torch.no_grad():
        for weights in policy.network.parameters():
            weights.copy_(weights.flatten()[torch.randperm(weights.numel())].view_as(weights))
    after = look_into(policy, pictures).saliency

    assert abs(np.mean([correlation(a, b) for a, b in zip(before, after, strict=True)])) < 0.3


def test_a_cell_holds_nearly_what_blurring_there_alone_takes_away() -> None:
    policy, pictures = policy_of(), pictures_of(3)
    sharp = torch.from_numpy(pictures)
    blurred = _blur(sharp)
    with torch.inference_mode():
        chosen = policy.network.get_distribution(sharp).mode()
    whole = log_probabilities(policy, sharp, chosen)
    taken = np.zeros((3, 15, 20))
    for i in range(15):
        for j in range(20):
            mask = torch.zeros(1, 15, 20)
            mask[0, i, j] = 1.0
            around = mask.repeat_interleave(8, 1).repeat_interleave(8, 2)
            share = _spread(around, 6.0, reach=REACH_PX)[..., None]
            taken[:, i, j] = (whole - log_probabilities(policy, sharp + share * (blurred - sharp), chosen)).numpy()

    maps = look_into(policy, pictures).saliency

    assert np.mean([correlation(a, b) for a, b in zip(maps, taken, strict=True)]) > 0.8


def test_an_even_picture_has_nothing_to_look_at() -> None:
    even = np.full((1, 120, 160, 1), 120, np.uint8)

    maps = look_into(policy_of(), even).saliency

    assert np.abs(maps).max() < 1e-4


@pytest.mark.parametrize("actions", [DISCRETE, CONTINUOUS], ids=["discrete", "continuous"])
def test_the_network_stays_as_it_is_and_the_same_picture_gives_the_same_map(actions: spaces.Space[object]) -> None:
    policy, pictures = policy_of(actions=actions), pictures_of(2)
    before = {name: weights.clone() for name, weights in policy.network.state_dict().items()}

    first, second = look_into(policy, pictures), look_into(policy, pictures)

    assert np.array_equal(first.saliency, second.saliency)
    assert all(torch.equal(weights, before[name]) for name, weights in policy.network.state_dict().items())
    assert all(parameter.grad is None for parameter in policy.network.parameters())


def test_blur_is_a_gaussian_that_is_mirrored_at_the_edges_and_spreading_keeps_the_sum() -> None:
    picture = pictures_of(1)
    offsets = np.arange(-30, 31)
    weights = np.exp(-0.5 * (offsets / 10.0) ** 2)
    weights /= weights.sum()
    padded = np.pad(picture[0, :, :, 0].astype(float), 30, mode="symmetric")
    rows = np.apply_along_axis(np.convolve, 0, padded, weights, "valid")
    expected = np.apply_along_axis(np.convolve, 1, rows, weights, "valid")

    blurred = _blur(torch.from_numpy(picture))[0, :, :, 0].numpy()
    spread = _spread(torch.from_numpy(picture[..., 0]).float(), 3.0, reach=9)

    assert np.allclose(blurred, expected, atol=1e-3)
    assert float(spread.sum()) == pytest.approx(float(picture.sum()), rel=1e-5)


def test_what_does_not_look_at_pictures_is_refused() -> None:
    space = spaces.Box(-1, 1, (2,), np.float32)
    policy_class, kwargs = policy_for(space, Network.FAST)
    other = DeterministicPolicy(policy_class(space, DISCRETE, lambda _: 1e-3, **kwargs))

    assert not isinstance(other.network, SensorPolicy)
    assert not can_look_into(other)
    with pytest.raises(InvalidInputError, match="looks at pictures"):
        look_into(other, pictures_of(1))
    with pytest.raises(InvalidInputError, match="at least one picture"):
        look_into(policy_of(), pictures_of(1)[:0])
