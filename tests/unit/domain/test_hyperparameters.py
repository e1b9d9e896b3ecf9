from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import FAST_HYPERPARAMETERS, Hyperparameters, load_hyperparameters, parse_hyperparameters
from deepracer_local.errors import HyperparameterError

# The defaults of deepracer-for-cloud.
DRFC_FILE = {
    "batch_size": 64,
    "beta_entropy": 0.01,
    "discount_factor": 0.99,
    "e_greedy_value": 0.05,
    "epsilon_steps": 10000,
    "exploration_type": "categorical",
    "loss_type": "huber",
    "lr": 0.0003,
    "num_episodes_between_training": 20,
    "num_epochs": 5,
    "stack_size": 1,
    "term_cond_avg_score": 350.0,
    "term_cond_max_episodes": 1000,
    "sac_alpha": 0.2,
}
# What the console's training jobs received: the numbers arrive as text.
CONSOLE_FILE = {
    "batch_size": "128",
    "beta_entropy": "0.01",
    "discount_factor": "0.999",
    "exploration_type": "Categorical",
    "loss_type": "mean_squared_error",
    "lr": "0.001",
    "num_episodes_between_training": "40",
    "num_epochs": "10",
    "term_cond_max_episodes": "100000",
}


def test_a_file_of_deepracer_for_cloud_is_read_unchanged() -> None:
    hyperparameters = parse_hyperparameters(DRFC_FILE)

    assert hyperparameters.model_dump(exclude={"num_steps_between_training"}) == DRFC_FILE


def test_a_console_file_with_numbers_as_text_is_read() -> None:
    hyperparameters = parse_hyperparameters(CONSOLE_FILE)

    assert hyperparameters.batch_size == 128
    assert hyperparameters.lr == 0.001
    assert hyperparameters.loss_type == "mean squared error"
    assert hyperparameters.exploration_type == "categorical"
    assert hyperparameters.num_episodes_between_training == 40


@pytest.mark.parametrize("spelling", ["mean squared error", "mean_squared_error"])
def test_both_spellings_of_the_squared_loss_mean_the_same(spelling: str) -> None:
    assert parse_hyperparameters({"loss_type": spelling}).loss_type == "mean squared error"


@pytest.mark.parametrize("spelling", ["e-greedy", "EpsilonGreedy"])
def test_both_spellings_of_epsilon_greedy_mean_the_same(spelling: str) -> None:
    assert parse_hyperparameters({"exploration_type": spelling}).exploration_type == "e-greedy"


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse_hyperparameters({}) == Hyperparameters()


def test_a_misspelt_name_is_refused_and_the_nearest_suggested() -> None:
    with pytest.raises(HyperparameterError) as caught:
        parse_hyperparameters({"batch_sise": 64})

    assert caught.value.field == "batch_sise"
    assert "'batch_size'" in str(caught.value)


RANGES: dict[str, tuple[list[Any], list[Any]]] = {
    "batch_size": ([32, 64, 128, 256, 512], [0, 16, 65, 1024, 64.5, None, [], "many"]),
    "num_epochs": ([3, 10], [2, 11, 3.5]),
    "lr": ([1e-8, 1e-3], [0.0, 2e-3, -1e-4, float("nan"), "fast"]),
    "beta_entropy": ([0, 1], [-0.1, 1.1, float("inf")]),
    "discount_factor": ([0, 1], [-0.1, 1.1]),
    "loss_type": (["huber", "mean squared error"], ["hubr", 1, None, [], {}]),
    "num_episodes_between_training": ([1, 1000], [0, 1001]),
    "num_steps_between_training": ([None, 32, 100_000], [31, 100_001]),
    "exploration_type": (["categorical", "e-greedy"], ["greedy", 1, [], {}]),
    "e_greedy_value": ([0, 1], [1.5]),
    "epsilon_steps": ([1], [0]),
    "stack_size": ([1, 4], [0, 5]),
    "sac_alpha": ([0, 1], [-1]),
    "term_cond_max_episodes": ([1], [0]),
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (good, _) in RANGES.items() for value in good], ids=str
)
def test_the_ends_of_every_range_are_accepted(field: str, value: Any) -> None:
    assert parse_hyperparameters({field: value}).model_dump()[field] == value


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (_, bad) in RANGES.items() for value in bad], ids=str
)
def test_a_value_outside_its_range_is_refused_by_the_name_of_the_field(field: str, value: Any) -> None:
    with pytest.raises(HyperparameterError) as caught:
        parse_hyperparameters({field: value}, source="mine.json")

    assert caught.value.field == field
    assert "mine.json" in str(caught.value)


@pytest.mark.parametrize("value", [[], "text", 3, None])
def test_a_file_that_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(HyperparameterError):
        parse_hyperparameters(value)


def test_a_file_is_read_and_a_broken_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "hyperparameters.json"
    path.write_text(json.dumps(DRFC_FILE))
    broken = tmp_path / "broken.json"
    broken.write_text("{")

    assert load_hyperparameters(path) == parse_hyperparameters(DRFC_FILE)
    with pytest.raises(HyperparameterError):
        load_hyperparameters(broken)


def test_the_fast_preset_reads_back_equal() -> None:
    assert Hyperparameters.model_validate_json(FAST_HYPERPARAMETERS.model_dump_json()) == FAST_HYPERPARAMETERS


_json = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(list(Hyperparameters.model_fields)), _json, max_size=4))
def test_any_values_are_either_read_or_refused_with_a_sentence(values: dict[str, Any]) -> None:
    read, refused = _read(values)

    assert refused is None or refused.field in values
    assert read is None or parse_hyperparameters(read.model_dump()) == read


def _read(values: dict[str, Any]) -> tuple[Hyperparameters | None, HyperparameterError | None]:
    try:
        return parse_hyperparameters(values), None
    except HyperparameterError as err:
        return None, err
