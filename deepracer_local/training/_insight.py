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

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from deepracer_local.domain import ImageArray
from deepracer_local.errors import InvalidInputError
from deepracer_local.training._networks import CameraFeatures
from deepracer_local.training._policy import CameraPolicy, DeterministicPolicy

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
    """What a policy made of ``n`` pictures.

    Attributes:
        probabilities: float32 (n, n_actions), each row adds up to 1; None for continuous actions.
        means: float32 (n, 2), the normal distribution's, not clipped to [-1, 1]; None for discrete actions.
        deviations: float32 (n, 2), its standard deviations; None for discrete actions.
        values: float32 (n,), the sum of discounted rewards that the value network expects from here on.
        saliency: float32 (n, rows, columns), natural units of log-probability; above 0: speaks for the chosen action,
            the most probable or the mean.
    """

    probabilities: Float32Array | None
    means: Float32Array | None
    deviations: Float32Array | None
    values: Float32Array
    saliency: Float32Array


def look_into(policy: DeterministicPolicy, pictures: ImageArray, *, n_points: int = N_POINTS) -> Insight:
    """Returns what a camera policy made of a batch of pictures. Its weights stay as they are.

    Args:
        policy: whose network looks at pictures.
        pictures: uint8 (n, height, width, 1), at least one; height and width multiples of 8. All are in memory
            at once as the network's layers see them, half a megabyte a picture with the largest network.
        n_points: of the quadrature between the blurred and the sharp picture.

    Raises:
        InvalidInputError: there is no picture, or the policy does not look at pictures.
    """
    network = policy.network
    if not isinstance(network, CameraPolicy) or len(pictures) == 0:
        raise InvalidInputError(
            f"Expected at least one picture and a policy that looks at pictures, got {len(pictures)} and a "
            f"{type(network).__name__}. Drive a lap with a camera."
        )
    batch = torch.from_numpy(np.ascontiguousarray(pictures))
    with torch.inference_mode():
        distribution = network.get_distribution(batch).distribution
        values = network.predict_values(batch)[:, 0].numpy()
    saliency = _saliency(network, batch, n_points).numpy()
    if isinstance(distribution, torch.distributions.Categorical):
        return Insight(distribution.probs.numpy(), None, None, values, saliency)
    return Insight(None, distribution.mean.numpy(), distribution.stddev.numpy(), values, saliency)


def _saliency(network: CameraPolicy, batch: torch.Tensor, n_points: int) -> torch.Tensor:
    """Returns float32 (batch, rows, columns)."""
    features = network.pi_features_extractor
    assert isinstance(features, CameraFeatures)
    with torch.no_grad():
        # Scaling and pooling are linear, so the line between two pictures may as well be drawn behind them.
        sharp, blurred = features.inputs_of(batch), features.inputs_of(_blur(batch))
        chosen = network.distribution_of(features.features_of(sharp)).mode()
        way = sharp - blurred
        total = torch.zeros_like(way)
    for i in range(n_points):
        # The midpoint rule, which never asks at the sharp end, where the gradient of a normal distribution is zero.
        between = (blurred + (i + 0.5) / n_points * way).requires_grad_()
        log_probability = network.distribution_of(features.features_of(between)).log_prob(chosen).sum()
        total += torch.autograd.grad(log_probability, between)[0]
    shares = (total * way / n_points).sum(1, keepdim=True)
    fine = _sums(shares, _FINE_PX // features.pool)
    return _sums(_spread(fine, _SPREAD_PX / _FINE_PX, reach=REACH_PX // _FINE_PX), CELL_PX // _FINE_PX)[:, 0]


def _sums(maps: torch.Tensor, side: int) -> torch.Tensor:
    """Returns the sums over squares of (batch, 1, rows, columns)."""
    return functional.avg_pool2d(maps, side, divisor_override=1)


def _blur(batch: torch.Tensor) -> torch.Tensor:
    """Returns float32 pictures under a Gaussian.

    Args:
        batch: uint8 (batch, height, width, 1).
    """
    return _spread(batch[..., 0].float(), BLUR_PX, reach=math.ceil(3 * BLUR_PX))[..., None]


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
