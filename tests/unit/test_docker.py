"""The container files name commands, files and settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from deepracer_local.cli import _COMMANDS
from deepracer_local.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))


def test_what_the_image_copies_exists() -> None:
    copied = [word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M) for word in line.split()[:-1]]

    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_commands_are_ours() -> None:
    default = re.findall(r'^CMD \["(\w+)"', DOCKERFILE, re.M)

    assert [name for name in [*default, COMPOSE["services"]["service"]["command"][0]] if name not in _COMMANDS] == []


def test_the_settings_are_ours() -> None:
    known = {f"DEEPRACER_LOCAL_{name.upper()}" for name in Settings.model_fields}
    used = {name for name in COMPOSE["services"]["service"]["environment"] if name.startswith("DEEPRACER")}
    used |= set(re.findall(r"DEEPRACER_LOCAL_\w+", DOCKERFILE))

    assert used - known == set()


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_password_is_written_down() -> None:
    text = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")

    for name in ("POSTGRES_PASSWORD", "S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"):
        assert re.search(rf"{name}\W+\"?\$\{{", text)
