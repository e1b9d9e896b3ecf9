"""Recipes are commands that ``train`` takes, and what is measured of a model is what it drives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command

from deepracer_local.bench import _trained as trained_module
from deepracer_local.bench import measure_avoidance, measure_pace, measure_unseen
from deepracer_local.bench._recipe_runs import Trained, train
from deepracer_local.bench._recipes import AVOID, BOTS, OWN_TRACKS, PACE, UNSEEN, Recipe
from deepracer_local.cli._curriculum import read_curriculum
from deepracer_local.cli._train import app
from deepracer_local.domain import load_hyperparameters, load_model_metadata
from deepracer_local.errors import SpecError
from deepracer_local.track import builtin_tracks_dir, find_track, list_tracks

RECIPES = [AVOID, BOTS, UNSEEN, PACE]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """What the pace recipe comes to after one update on a small track."""
    options = ("--track", "oval", "--max-steps", "64", "--cars", "2")
    hyperparameters = {**PACE.hyperparameters, "num_steps_between_training": 64}
    recipe = replace(PACE, options=options, hyperparameters=hyperparameters)
    return train(recipe, tmp_path_factory.mktemp("pace"), seed=3, announce=lambda _line: None)


@pytest.fixture
def without_training(short: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained_module, "train", lambda *_args, **_kwargs: short)
    monkeypatch.setattr("deepracer_local.bench._ideal.N_TRIALS", 200)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_is_a_command_and_files_that_it_takes(recipe: Recipe, tmp_path: Path) -> None:
    arguments = recipe.lay_out(tmp_path)

    context = get_command(app).make_context("train", list(arguments))
    assert load_hyperparameters(context.params["hyperparameters"]).lr == recipe.hyperparameters["lr"]
    metadata = load_model_metadata(context.params["model_metadata"])
    assert metadata.action_space_type == recipe.metadata.get("action_space_type", "discrete")
    stages = read_curriculum(context.params["curriculum"])
    assert (stages is None) == (recipe.curriculum is None)
    assert context.params["reward"].is_file()


def test_the_tracks_of_the_project_are_all_of_them() -> None:
    assert sorted(OWN_TRACKS) == sorted(track.name for track in list_tracks([builtin_tracks_dir()]))


def test_a_training_says_what_it_took(short: Trained) -> None:
    assert (short.steps, short.seed) == (64, 3)
    assert short.minutes > 0
    assert "seed 3, 64 steps" in short.note


@pytest.mark.usefixtures("without_training")
def test_unseen_roads_are_driven_from_several_places_in_both_directions(tmp_path: Path) -> None:
    rows = find_track("triangle", [builtin_tracks_dir()]).to_rows()
    np.save(tmp_path / "corner.npy", rows)

    whole, road, _ = measure_unseen(tmp_path / "run", tmp_path, seed=0, announce=lambda _line: None)

    assert "corner" in road.name
    assert len(road.readings) == 10
    assert road.value == np.mean(road.readings)
    assert whole.value == (100.0 if road.value == 100.0 else 0.0)
    assert road.value == 100.0 or "from" in road.note


@pytest.mark.usefixtures("without_training")
def test_without_roads_it_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="folder"):
        measure_unseen(tmp_path / "run", tmp_path, seed=0, announce=lambda _line: None)


@pytest.mark.usefixtures("without_training")
def test_ten_evaluations_are_driven_among_boxes(tmp_path: Path) -> None:
    clean, costs = measure_avoidance(tmp_path, seed=0, announce=lambda _line: None)

    assert len(clean.readings) == 10
    assert "seed 3" in costs.note


@pytest.mark.usefixtures("without_training")
def test_the_best_lap_is_set_beside_the_ideal_one(tmp_path: Path) -> None:
    best, ideal, bound, over, _ = measure_pace(tmp_path, seed=0, announce=lambda _line: None)

    assert bound.value < ideal.value
    assert over.value > 0 or best.value > ideal.value
    assert (tmp_path / "pace.png").read_bytes()[:4] == b"\x89PNG"
