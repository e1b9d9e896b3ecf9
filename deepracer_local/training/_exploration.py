"""How often PPO tries an action blindly, where ``exploration_type`` is ``e-greedy``.

Source: the original's schedule, reference, section 4.1: linear from 1 to ``e_greedy_value`` over ``epsilon_steps``.
"""

from __future__ import annotations

import torch

from deepracer_local.domain import Hyperparameters


def epsilon_after(steps: int, hyperparameters: Hyperparameters) -> float:
    """Returns the probability of a blind action after so many environment steps, of all cars together."""
    done = min(steps / hyperparameters.epsilon_steps, 1.0)
    return (1.0 - done) + done * hyperparameters.e_greedy_value


def greedy_or_blind(best: torch.Tensor, n_actions: int, epsilon: float) -> torch.Tensor:
    """Returns an action for each car: with probability ``epsilon`` any of all, else the best; int64 (n_envs,)."""
    is_blind = torch.rand(best.shape) < epsilon
    return torch.where(is_blind, torch.randint(n_actions, best.shape), best)
