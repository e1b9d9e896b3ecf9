"""The file of stages on the command line, and what is said of them at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deepracer_local.cli._curriculum import curriculum_json, read_curriculum, stages_said
from deepracer_local.domain import TrainSpec, parse_curriculum, with_curriculum
from deepracer_local.errors import SpecError
from deepracer_local.runs import RunDirectory

STAGES: dict[str, Any] = {"stages": [{"name": "slow", "advance": {"max_steps": 9}}, {"name": "fast"}]}


@pytest.mark.parametrize(
    "text",
    [
        '{"stages": [{"name": "slow", "advance": {"max_steps": 9}}, {"name": "fast"}]}',
        "stages:\n- name: slow\n  advance: {max_steps: 9}\n- name: fast\n",
    ],
    ids=["json", "yaml"],
)
def test_json_and_yaml_say_the_same(tmp_path: Path, text: str) -> None:
    file = tmp_path / "stages"
    file.write_text(text, encoding="utf-8")

    assert curriculum_json(file) == {"curriculum": STAGES}
    assert read_curriculum(file) == parse_curriculum(STAGES)
    assert (curriculum_json(None), read_curriculum(None)) == ({}, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"stages: [", "JSON or YAML"),
        (b"\xff\xfe\xff", "JSON or YAML"),
        (b"stages: 2026-01-01", "not JSON serializable"),
        (b"stages: [{advance: {max_steps: .inf}}, {}]", "JSON or YAML"),
        (b"#" * 1_000_001, "more than"),
    ],
    ids=["missing", "broken", "no text", "a date", "infinity", "too large"],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "stages.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SpecError, match=words) as caught:
        read_curriculum(file)

    assert caught.value.field == "curriculum"


def test_the_end_names_the_stage_that_was_reached_and_what_the_last_look_found_forgotten(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    spec = with_curriculum(TrainSpec(track="oval"), parse_curriculum(STAGES))
    look = {"stage": 1, "mean_progress": 30.2, "when_left": 90.0}
    run.append_rows(
        "evaluations.jsonl",
        [{"earlier": [look | {"is_forgotten": False}]}, {"earlier": [look | {"is_forgotten": True}]}, {"stage": 2}],
    )

    assert stages_said(spec, run, 2) == [
        "reached stage 2 (fast) of 2",
        "warning: stage 1 (slow) is forgotten: completion 90 % when it was left, 30 % now",
    ]
    assert stages_said(TrainSpec(track="oval"), run, None) == []
