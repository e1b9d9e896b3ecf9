"""Our door to torch's fused Adam kernel."""

from __future__ import annotations

import subprocess
import sys

import torch

from deepracer_local.training._adam import FusedAdam


def make_network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))


def learn(network: torch.nn.Module, optimizer: FusedAdam | torch.optim.Adam, n_steps: int) -> None:
    torch.manual_seed(1)
    for _ in range(n_steps):
        optimizer.zero_grad()
        network(torch.randn(4, 6)).square().mean().backward()
        optimizer.step()


def test_it_equals_torch_bit_for_bit() -> None:
    ours, theirs = make_network(), make_network()

    learn(ours, FusedAdam(ours.parameters(), 1e-3, eps=1e-5), 50)
    learn(theirs, torch.optim.Adam(theirs.parameters(), lr=1e-3, eps=1e-5, fused=True), 50)

    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)


def test_moments_carry_over() -> None:
    whole, parts = make_network(), make_network()
    learn(whole, FusedAdam(whole.parameters(), 1e-2), 10)
    optimizer = FusedAdam(parts.parameters(), 1e-2)
    learn(parts, optimizer, 10)
    expected = optimizer.moments()

    other = FusedAdam(parts.parameters(), 1e-2)
    other.load_moments(expected)

    assert all(torch.equal(expected[name], tensor) for name, tensor in other.moments().items())


def test_a_training_never_loads_the_compiler() -> None:
    program = (
        "import sys; from tests.unit.training.conftest import Corridor, corridor_spec;"
        "from pathlib import Path; import tempfile;"
        "from deepracer_local.runs import RunDirectory; from deepracer_local.training import Trainer, one_stage;"
        "spec = corridor_spec();"
        "run = RunDirectory(Path(tempfile.mkdtemp()));"
        "Trainer(spec, run, one_stage(spec, lambda rank: Corridor(), Corridor())).train();"
        "print('torch._dynamo' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False"]
