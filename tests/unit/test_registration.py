"""Gymnasium learns our name whichever of the two is imported first, and is not loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    """Returns what a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_no_gymnasium() -> None:
    assert run("import deepracer_local, sys; print('gymnasium' in sys.modules)") == "False"


@pytest.mark.parametrize("imports", ["deepracer_local, gymnasium", "gymnasium, deepracer_local"])
def test_the_name_is_known_whichever_is_imported_first(imports: str) -> None:
    assert run(f"import {imports}; print(gymnasium.spec('DeepRacer-v0').entry_point)") == (
        "deepracer_local.env:DeepRacerEnv"
    )


def test_gymnasium_keeps_its_own_loader() -> None:
    code = "import deepracer_local, gymnasium; print(gymnasium.__spec__.loader is gymnasium.__loader__, "
    code += "type(gymnasium.__loader__).__name__)"

    assert run(code) == "True SourceFileLoader"


def test_a_second_registration_changes_nothing() -> None:
    code = "import warnings; warnings.simplefilter('error'); import deepracer_local.registration as r, sys; "
    code += "before = len(sys.meta_path); r.register(); print(len(sys.meta_path) - before); import gymnasium; "
    code += "r.register(); print(gymnasium.make('DeepRacer-v0').spec.id)"

    assert run(code).split() == ["0", "DeepRacer-v0"]
