"""``deepracer-local randomisation``: presets and what they look like."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from deepracer_local.cli._randomisation import app
from deepracer_local.domain import RANDOMISATIONS, RandomisationSpec


def test_the_presets_are_listed_and_shown_as_a_file_to_begin_with(tmp_path: Path) -> None:
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)["randomisations"]
    file = tmp_path / "own.json"
    file.write_text(CliRunner().invoke(app, ["show", "strong"]).output)

    assert {name: RandomisationSpec.model_validate(ranges) for name, ranges in listed.items()} == RANDOMISATIONS
    assert CliRunner().invoke(app, ["show", str(file)]).output == file.read_text()
    assert "camera_fov_deg" in CliRunner().invoke(app, ["list"]).output


def test_a_sheet_shows_a_darker_preset_darker(tmp_path: Path) -> None:
    file = tmp_path / "dark.json"
    file.write_text(json.dumps({"brightness": [-60, -50]}))
    sheet = tmp_path / "sheet.png"

    done = CliRunner().invoke(
        app, ["preview", "--file", str(file), "--track", "oval", "--draws", "1", "-o", str(sheet)]
    )

    assert done.exit_code == 0, done.output
    with Image.open(sheet) as picture:
        pixels = np.asarray(picture).astype(float)
    plain, dark = pixels[8:128, 8:168], pixels[8:128, 176:336]
    assert 45 < (plain - dark).mean() < 61
