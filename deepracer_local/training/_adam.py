"""Adam by torch's fused kernel, without loading torch's compiler.

``torch.optim.Adam`` imports ``torch._dynamo`` at its first step, only to keep the compiler away from itself: 1.6 s and
80 MB at the start of every training. Here nothing is ever compiled, so the kernel is called directly.

Source: Kingma and Ba 2015. A test shows that the weights equal those of ``torch.optim.Adam(fused=True)``, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch


class FusedAdam:
    """Adam over float32 parameters on the CPU; takes the place of a ``torch.optim.Optimizer`` in SB3's policies."""

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        lr: float,
        *,
        eps: float = 1e-5,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        """Takes the parameters; ``eps`` is the original's."""
        self.param_groups: list[dict[str, Any]] = [{"params": list(params), "lr": lr}]
        self._eps = eps
        self._betas = betas
        parameters = self.param_groups[0]["params"]
        self._means = [torch.zeros_like(parameter) for parameter in parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in parameters]
        self._steps = [torch.zeros(()) for _ in parameters]

    def zero_grad(self) -> None:
        """Forgets all gradients."""
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Takes one step; parameters without a gradient stay as they are."""
        parameters = self.param_groups[0]["params"]
        with_gradient = [i for i, parameter in enumerate(parameters) if parameter.grad is not None]
        steps = [self._steps[i] for i in with_gradient]
        torch._foreach_add_(steps, 1.0)
        torch._fused_adam_(
            [parameters[i] for i in with_gradient],
            [parameters[i].grad for i in with_gradient],
            [self._means[i] for i in with_gradient],
            [self._squares[i] for i in with_gradient],
            [],
            steps,
            lr=self.param_groups[0]["lr"],
            beta1=self._betas[0],
            beta2=self._betas[1],
            weight_decay=0.0,
            eps=self._eps,
            amsgrad=False,
            maximize=False,
        )

    def moments(self) -> dict[str, torch.Tensor]:
        """Returns copies of all that the next step depends on besides weights and gradients."""
        named = {"mean": self._means, "square": self._squares, "steps": self._steps}
        return {f"{i}.{name}": tensor.clone() for name, tensors in named.items() for i, tensor in enumerate(tensors)}

    def load_moments(self, moments: dict[str, torch.Tensor]) -> None:
        """Takes up what ``moments`` returned.

        Raises:
            KeyError: a parameter's moments are missing.
        """
        for i, (mean, square, steps) in enumerate(zip(self._means, self._squares, self._steps, strict=True)):
            mean.copy_(moments[f"{i}.mean"])
            square.copy_(moments[f"{i}.square"])
            steps.copy_(moments[f"{i}.steps"])
