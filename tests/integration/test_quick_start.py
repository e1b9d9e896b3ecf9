"""How a job's process loads the learner: faster than an import statement, and nothing is learnt differently."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from hashlib import sha256
from pathlib import Path

if sys.argv[1] == "quick":
    from deepracer_local.workers.__main__ import _load_learner

    _load_learner()

from deepracer_local.domain import Hyperparameters, Sensor, StopRules, TrainSpec
from deepracer_local.reward import from_callable
from deepracer_local.runs import POLICY_FILE
from deepracer_local.track import builtin_tracks_dir, find_track
from deepracer_local.training import Trainer, one_stage
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers.layout import lay_out_run
from tests.laws.test_training_laws import STEPS, metadata

for kind, algorithm in (("discrete", "clipped_ppo"), ("continuous", "sac")):
    sensors = (Sensor.FRONT_FACING_CAMERA, Sensor.LIDAR)
    spec = TrainSpec(
        track="oval",
        n_envs=4,
        model_metadata=metadata(sensors, kind, algorithm),
        hyperparameters=Hyperparameters(num_steps_between_training=32, num_epochs=3, batch_size=32),
        evaluate_every=1000,
        stop=StopRules(max_steps=STEPS[algorithm]),
    )
    track = find_track("oval", [builtin_tracks_dir()])
    run = lay_out_run(Path(sys.argv[2]) / algorithm, spec, track=track, reward_text="")
    factory = EnvironmentFactory(run, spec)
    reward = from_callable(lambda params: float(params["speed"]))
    environments = one_stage(spec, lambda rank: factory.training(rank, reward), factory.evaluation(laps=1))
    trainer = Trainer(spec, run, environments)
    trainer.train()
    trainer.close()
    [weights] = run.checkpoints_path.glob(f"*/{POLICY_FILE}")
    print(sha256(weights.read_bytes()).hexdigest())
print("torch._decomp" in sys.modules)
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Returns the digests of what PPO and SAC learnt, by how the learner was loaded, and what was loaded with it."""
    return {
        how: subprocess.run(
            [sys.executable, "-c", PROGRAM, how, str(tmp_path_factory.mktemp(how))],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for how in ("quick", "plain")
    }


def test_what_is_left_out_changes_no_weight(weights: dict[str, list[str]]) -> None:
    assert len(set(weights["quick"][:2])) == 2
    assert weights["quick"][:2] == weights["plain"][:2]


def test_it_is_left_out(weights: dict[str, list[str]]) -> None:
    assert (weights["quick"][2], weights["plain"][2]) == ("False", "True")
