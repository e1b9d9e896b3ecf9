"""Small texts of an archive: JSON, and the flat YAML of the original."""

from __future__ import annotations

import json
from typing import Any

import yaml

from deepracer_local.errors import ArchiveError


class _Loader(yaml.BaseLoader):
    """Keeps every value as its text, and refuses aliases, a few lines of which unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Returns the next node."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name), which is not read here")
        return super().compose_node(parent, index)


def decode_json(name: str, content: str) -> Any:
    """Returns the value of a JSON file.

    Raises:
        ArchiveError: it is none.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as err:
        raise ArchiveError(f"{name}: expected JSON, got: {err}.", file=name) from err


def decode_settings(name: str, content: str) -> dict[str, str | list[str]]:
    """Returns the settings of a ``training_params.yaml``: names with texts, or lists of texts.

    Raises:
        ArchiveError: it is no such file.
    """
    try:
        found = yaml.load(content, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise ArchiveError(f"{name}: expected YAML, got: {' '.join(str(err).split())[:300]}.", file=name) from err
    if not isinstance(found, dict):
        raise ArchiveError(f"{name}: expected names and values in YAML, got something else.", file=name)
    settings = dict[str, str | list[str]]()
    for key, value in found.items():
        is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if not isinstance(key, str) or not (isinstance(value, str) or is_list):
            raise ArchiveError(
                f"{name}: expected a text or a list of texts for {str(key)[:60]!r}, got more.", file=name
            )
        settings[key] = value
    return settings
