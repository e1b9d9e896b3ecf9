"""The documents name everything that a user can set, and their links lead somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from deepracer_local.cli import _COMMANDS
from deepracer_local.domain import Hyperparameters, Network, TrainSpec, parse_curriculum, with_curriculum
from deepracer_local.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_and_option_is_documented(command: str) -> None:
    text = text_of("commands.md")
    found = get_command(import_module(f"deepracer_local.cli._{command.replace('-', '_')}").app)

    commands = list(found.commands.values()) if hasattr(found, "commands") else [found]
    # What is hidden from people is said by one process of ours to another.
    shown = [p for c in commands for p in c.params if not getattr(p, "hidden", False)]
    options = {name for p in shown for name in p.opts if name.startswith("--")}

    assert command in text
    assert sorted(option for option in options - {"--help"} if option not in text) == []


def test_every_setting_is_documented() -> None:
    text = text_of("commands.md")

    assert [name for name in Settings.model_fields if f"DEEPRACER_LOCAL_{name.upper()}" not in text] == []


def test_every_hyperparameter_and_network_is_documented() -> None:
    text = text_of("training.md")

    assert [name for name in [*Hyperparameters.model_fields, *Network] if f"`{name}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_curriculum_of_the_document_can_be_trained() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", text_of("curriculum.md"), re.DOTALL)

    spec = with_curriculum(TrainSpec(track="oval"), parse_curriculum(yaml.safe_load(example)))

    assert spec.n_stages == 3


def test_every_document_is_in_the_index() -> None:
    text = text_of("index.md")

    assert [path.name for path in DOCUMENTS[2:] if path.name != "index.md" and path.name not in text] == []
