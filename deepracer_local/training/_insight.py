"""What a policy made of the pictures of a lap: its probabilities, its value, and which parts of a picture counted.

Saliency is integrated gradients of the chosen action's log-probability, along the straight line from the blurred
picture to the picture, spread a little and summed over the cells of a coarse grid. Laws: the cells of a picture add up
to the log-probability in the sharp picture minus that in the blurred one (completeness), up to the error of the
quadrature, 3 % on average; a cell farther than ``REACH_PX`` from all that can influence the output has exactly 0.

Spread so, a cell holds nearly what blurring the picture around it alone would take away from the log-probability: on 62
pictures of a lap the two maps correlate with 0.97. The gradient times grey levels comes to 0.66, the gradient's
magnitude to 0.63. Blurring at each of 1,200 places takes 1,200 passes through the network a picture, this takes 4
forward and back. The gradient at the picture alone comes as close where it is not zero; it is zero at the mean of a
normal distribution, always, and nearly so where the policy is sure.

Source: integrated gradients, Sundararajan, Taly and Yan 2017 (arXiv:1703.01365), equation 1, with the midpoint rule;
blur as what takes information away, Greydanus et al. 2018 (arXiv:1711.00138), equation 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.sac.policies import LOG_STD_MAX, LOG_STD_MIN
from torch.nn import functional

from deepracer_local.errors import InvalidInputError
from deepracer_local.training._networks import CameraFeatures, SensorFeatures
from deepracer_local.training._observations import pictures_in, to_tensors
from deepracer_local.training._policy import DeterministicPolicy, SensorPolicy, SoftPolicy

CELL_PX = 8
"""Side of a cell of the saliency map."""
BLUR_PX = 10.0
"""Standard deviation of the blur: lines are gone, and what is light and what is dark at large stays."""
REACH_PX = 20
"""How far a pixel's share is spread at most."""
N_POINTS = 4
_FINE_PX = 4
"""Side of the cells in which shares are spread; also what the fast network pools before it looks."""
_SPREAD_PX = 6.0
"""Standard deviation: single pixels of a gradient are noise, which strides of the convolutions make."""

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Insight:
    """What a policy made of ``n`` observations.

    Attributes:
        probabilities: float32 (n, n_actions), each row adds up to 1; None for continuous actions.
        means: float32 (n, 2), the normal distribution's, not clipped to [-1, 1]; None for discrete actions. SAC
            squeezes its normal distribution into [-1, 1]: its mean after that.
        deviations: float32 (n, 2), its standard deviations, of SAC's to first order after squeezing; None for discrete
            actions.
        values: float32 (n,), the sum of discounted rewards that the value network expects from here on; of SAC's two
            judges the lower.
        saliency: float32 (n, rows, columns), natural units of log-probability; above 0: speaks for the chosen action,
            the most probable or the mean. The sum over the pictures of a stack and of both cameras; what other sensors
            say is held as it is.
    """

    probabilities: Float32Array | None
    means: Float32Array | None
    deviations: Float32Array | None
    values: Float32Array
    saliency: Float32Array


def can_look_into(policy: DeterministicPolicy) -> bool:
    """Returns whether a policy looks at pictures; of any other there is nothing to show."""
    return _camera_of(policy.network) is not None


def look_into(policy: DeterministicPolicy, observations: Any, *, n_points: int = N_POINTS) -> Insight:
    """Returns what a camera policy made of a batch of observations. Its weights stay as they are.

    Args:
        policy: whose network looks at pictures.
        observations: uint8 (n, height, width, channels), or a dictionary of batches that holds such; at least one;
            height and width multiples of 8. All are in memory at once as the network's layers see them, half a
            megabyte a picture with the largest network.
        n_points: of the quadrature between the blurred and the sharp picture.

    Raises:
        InvalidInputError: there is no picture, or the policy does not look at pictures.
    """
    network = policy.network
    camera, pictures = _camera_of(network), pictures_in(observations)
    if camera is None or pictures is None or len(pictures) == 0:
        raise InvalidInputError(
            f"Expected at least one picture and a policy that looks at pictures, got "
            f"{0 if pictures is None else len(pictures)} and a {type(network).__name__}. Drive a lap with a camera."
        )
    batch: Any = to_tensors(observations)
    with torch.inference_mode():
        distribution = _distribution_of(network, _features_of(network)(batch))
        if isinstance(network, SoftPolicy):
            values = torch.cat(network.critic(batch, torch.tanh(distribution.mean)), 1).min(1).values.numpy()
        else:
            values = network.predict_values(batch)[:, 0].numpy()
    saliency = _saliency(network, camera, batch, n_points).numpy()
    if isinstance(distribution, torch.distributions.Categorical):
        return Insight(distribution.probs.numpy(), None, None, values, saliency)
    means, deviations = distribution.mean.numpy(), distribution.stddev.numpy()
    if isinstance(network, SoftPolicy):
        means = np.tanh(means)
        deviations = deviations * (1.0 - means**2)
    return Insight(None, means, deviations, values, saliency)


def _camera_of(network: Any) -> CameraFeatures | None:
    """Returns the layers that look at pictures; None where there are none."""
    if not isinstance(network, SensorPolicy | SoftPolicy):
        return None
    features = _features_of(network)
    if isinstance(features, SensorFeatures) and features.camera is not None:
        features = features.embedders[features.camera]
    return features if isinstance(features, CameraFeatures) else None


def _features_of(network: Any) -> Any:
    """Returns the features extractor of what acts."""
    return network.actor.features_extractor if isinstance(network, SoftPolicy) else network.pi_features_extractor


def _distribution_of(network: Any, features: torch.Tensor) -> Any:
    """Returns torch's distribution of a batch of features: categorical, or normal with a column for each number."""
    if not isinstance(network, SoftPolicy):
        return network.distribution_of(features).distribution
    actor: Any = network.actor  # SB3 declares one of its layers as a parameter
    latent = actor.latent_pi(features)
    # Before it is squeezed into [-1, 1]: for one and the same action that changes a log-probability by a constant.
    log_deviation = actor.log_std(latent).clamp(LOG_STD_MIN, LOG_STD_MAX)
    return torch.distributions.Normal(actor.mu(latent), log_deviation.exp())


def _saliency(network: Any, camera: CameraFeatures, batch: Any, n_points: int) -> torch.Tensor:
    """Returns float32 (batch, rows, columns)."""
    features = _features_of(network)
    pictures = batch if features is camera else batch[features.camera]

    def distribution_at(inputs: torch.Tensor) -> Any:
        is_alone = features is camera
        found = camera.features_of(inputs) if is_alone else features.features_of(inputs, batch)
        return _distribution_of(network, found)

    with torch.no_grad():
        # Scaling and pooling are linear, so the line between two pictures may as well be drawn behind them.
        sharp, blurred = camera.inputs_of(pictures), camera.inputs_of(_blur(pictures))
        chosen = distribution_at(sharp).mode
        way = sharp - blurred
        total = torch.zeros_like(way)
    for i in range(n_points):
        # The midpoint rule, which never asks at the sharp end, where the gradient of a normal distribution is zero.
        between = (blurred + (i + 0.5) / n_points * way).requires_grad_()
        log_probability = distribution_at(between).log_prob(chosen).sum()
        total += torch.autograd.grad(log_probability, between)[0]
    shares = (total * way / n_points).sum(1, keepdim=True)
    fine = _sums(shares, _FINE_PX // camera.pool)
    return _sums(_spread(fine, _SPREAD_PX / _FINE_PX, reach=REACH_PX // _FINE_PX), CELL_PX // _FINE_PX)[:, 0]


def _sums(maps: torch.Tensor, side: int) -> torch.Tensor:
    """Returns the sums over squares of (batch, 1, rows, columns)."""
    return functional.avg_pool2d(maps, side, divisor_override=1)


def _blur(batch: torch.Tensor) -> torch.Tensor:
    """Returns float32 pictures under a Gaussian.

    Args:
        batch: uint8 (batch, height, width, channels).
    """
    maps = batch.permute(0, 3, 1, 2).float()
    return _spread(maps, BLUR_PX, reach=math.ceil(3 * BLUR_PX)).permute(0, 2, 3, 1)


def _spread(maps: torch.Tensor, deviation: float, *, reach: int) -> torch.Tensor:
    """Returns maps under a Gaussian that ends at ``reach``; what would go over an edge is mirrored back.

    Law: the sum over a map stays.

    Args:
        maps: float32 (..., rows, columns).
        deviation: standard deviation in cells.
        reach: in cells.
    """
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    rows, columns = _mirrored(weights, maps.shape[-2]), _mirrored(weights, maps.shape[-1])
    return rows @ maps @ columns.T


def _mirrored(weights: torch.Tensor, size: int) -> torch.Tensor:
    """Returns float32 (size, size): row i is what place i of a spread line has of each place of the line before."""
    reach = len(weights) // 2
    places = torch.arange(size)[:, None] + torch.arange(-reach, reach + 1)[None]
    inside = (places % (2 * size)).minimum((-1 - places) % (2 * size))
    return torch.zeros(size, size).scatter_add_(1, inside, weights.expand(size, -1))
