"""A model's request as one YAML file, from which the same training can be made again."""

from __future__ import annotations

import json
from typing import Any

import yaml

from deepracer_local.errors import SpecError


class _Dumper(yaml.SafeDumper):
    """Writes source code as a block that a person can read and edit."""


class _Loader(yaml.SafeLoader):
    """Refuses aliases: nobody writes them here, and a few lines of them unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Returns the next node."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name), which is not read here")
        return super().compose_node(parent, index)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def to_yaml(request: dict[str, Any], version: str) -> str:
    """Returns the YAML of a ``CreateModel`` as JSON values; what is None is left out."""
    given = {name: value for name, value in request.items() if value is not None}
    body = yaml.dump(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return f"# deepracer_local {version}: `deepracer-local models create --file THIS-FILE` trains this again.\n{body}"


def from_yaml(content: bytes) -> Any:
    """Returns the JSON values of an uploaded file.

    Raises:
        SpecError: it is not YAML, or holds what JSON has not.
    """
    try:
        # Dates and sets are YAML's own; as JSON they are refused like any other wrong value.
        return json.loads(json.dumps(yaml.load(content, Loader=_Loader), allow_nan=False))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as err:
        reason = " ".join(str(err).split()) or type(err).__name__
        raise SpecError(f"body: expected YAML, got: {reason}. Check the file in an editor.", field="body") from err
