"""``hyperparameters.json``: the original's names, ranges and defaults.

Source: simapp v6.0.5 for names and meanings; DeepRacer on AWS 1.2.5 for ranges; the console's 2018 form for the
choice of batch sizes and 1000 episodes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from deepracer_local.domain._metadata import first_error, read_json_file
from deepracer_local.domain._sensors import MAX_STACK
from deepracer_local.errors import HyperparameterError, UnknownNameError


class Hyperparameters(BaseModel):
    """How a policy is learnt. Unknown keys are refused, so that a misspelt name is never silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    batch_size: Literal[32, 64, 128, 256, 512] = Field(default=64, description="samples of one gradient step")
    num_epochs: int = Field(default=10, ge=3, le=10, description="passes over the collected steps per policy update")
    lr: float = Field(default=3e-4, ge=1e-8, le=1e-3, description="learning rate of Adam")
    beta_entropy: float = Field(default=0.01, ge=0, le=1, description="weight of the entropy bonus")
    discount_factor: float = Field(default=0.99, ge=0, le=1, description="gamma, per control step of 1/15 s")
    loss_type: Literal["huber", "mean squared error"] = Field(default="huber", description="loss of the value network")
    num_episodes_between_training: int = Field(
        default=20, ge=1, le=1000, description="whole episodes per policy update"
    )
    num_steps_between_training: int | None = Field(
        default=None,
        ge=32,
        le=100_000,
        description="this project's own: collect so many steps instead of whole episodes",
    )
    exploration_type: Literal["categorical", "e-greedy"] = Field(
        default="categorical",
        description="of PPO with discrete actions: draw from the policy, or take the best action but for blind ones",
    )
    e_greedy_value: float = Field(default=0.05, ge=0, le=1, description="share of blind actions at the end")
    epsilon_steps: int = Field(
        default=10000, ge=1, description="environment steps in which the share of blind actions falls from 1 to that"
    )
    stack_size: int = Field(
        default=1,
        ge=1,
        le=MAX_STACK,
        description="observations of successive steps that the policy gets at once; the original stays at 1",
    )
    sac_alpha: float = Field(default=0.2, ge=0, le=1, description="of SAC: weight of the entropy, its temperature")
    term_cond_avg_score: float = Field(
        default=100000.0, description="accepted for old files; the original ignores it too"
    )
    term_cond_max_episodes: int = Field(
        default=100000, ge=1, description="largest number of policy updates, which is what the original made of it"
    )

    @field_validator("loss_type", mode="before")
    @classmethod
    def _both_spellings(cls, value: Any) -> Any:
        # The service's API wrote underscores, its simulator compared with spaces.
        return "mean squared error" if value in ("mean_squared_error", "mse") else value

    @field_validator("exploration_type", mode="before")
    @classmethod
    def _lower_case(cls, value: Any) -> Any:
        names = {"Categorical": "categorical", "EpsilonGreedy": "e-greedy"}
        return names.get(value, value) if isinstance(value, str) else value

    @field_validator("batch_size", mode="before")
    @classmethod
    def _number_in_text(cls, value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.isdigit() else value


FAST_HYPERPARAMETERS = Hyperparameters(
    batch_size=128,
    num_epochs=4,
    lr=1e-3,
    beta_entropy=0.01,
    discount_factor=0.95,
    loss_type="mean squared error",
    num_steps_between_training=512,
)
"""What learns fastest on two CPU cores: the ``fast`` preset. Measured by ``make bench``."""

SAC_HYPERPARAMETERS = Hyperparameters(
    batch_size=64,
    lr=1e-3,
    discount_factor=0.95,
    num_steps_between_training=256,
    sac_alpha=0.1,
)
"""The preset of SAC."""


def parse_hyperparameters(value: Any, *, source: str = "hyperparameters.json") -> Hyperparameters:
    """Reads a decoded ``hyperparameters.json``.

    Raises:
        HyperparameterError: names the first field at fault.
    """
    if not isinstance(value, dict):
        raise HyperparameterError(
            f"Expected {source} to hold an object of names and values, got {type(value).__name__}."
        )
    for name in value:
        if name not in Hyperparameters.model_fields:
            unknown = UnknownNameError("hyperparameter", str(name), Hyperparameters.model_fields)
            raise HyperparameterError(f"{source}: {unknown}", field=str(name))
    try:
        return Hyperparameters.model_validate(value)
    except ValidationError as err:
        field, message = first_error(err)
        raise HyperparameterError(f"{source}: {message}", field=field) from err


def load_hyperparameters(path: Path) -> Hyperparameters:
    """Reads the file ``path``.

    Raises:
        HyperparameterError: the file is missing, too large, not JSON, or has a wrong field.
    """
    return parse_hyperparameters(read_json_file(path, HyperparameterError), source=str(path))
