"""TypeScript types of the API, written from its own description, for the dashboard.

``python -m tests.dashboard.api_types`` writes them; ``test_api_types.py`` fails where the file and the API differ.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deepracer_local.api import create_app
from tests.unit.api.service import make_services

FILE = Path(__file__).parents[2] / "deepracer_local" / "dashboard" / "src" / "api" / "types.ts"
HEADER = """/* Written by `python -m tests.dashboard.api_types` from the API's description. Do not edit. */

"""
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def describe_api() -> dict[str, Any]:
    """Returns the API's description."""
    with tempfile.TemporaryDirectory() as folder:
        services = make_services(Path(folder))
        described: dict[str, Any] = create_app(services).openapi()
        services.database.close()
    return described


def typescript_of(described: Mapping[str, Any]) -> str:
    """Returns an interface for each schema, and one that has the answer of each route."""
    schemas = described["components"]["schemas"]
    blocks = [_declaration(name, schemas[name]) for name in sorted(schemas) if not name.startswith("Body_")]
    answers = sorted(_answers(described["paths"]))
    blocks.append(
        "/** What each route answers when it succeeds. */\nexport interface Answers {\n"
        + "".join(f"  {json.dumps(route)}: {answer};\n" for route, answer in answers)
        + "}\n"
    )
    return HEADER + "\n".join(blocks)


def _answers(paths: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            content = answers[0].get("content", {}) if answers else {}
            schema = content.get("application/json", {}).get("schema")
            yield (
                f"{method.upper()} {path}",
                "string" if content and schema is None else _type(schema or {"type": "null"}),
            )


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    comment = _comment(schema.get("description"), "")
    if "properties" not in schema:
        return f"{comment}export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    lines = [
        _comment(field.get("description"), "  ")
        + f"  {_key(key)}{'' if key in required or 'default' not in field else '?'}: {_type(field)};\n"
        for key, field in schema["properties"].items()
    ]
    return f"{comment}export interface {name} {{\n{''.join(lines)}}}\n"


def _comment(text: str | None, indent: str) -> str:
    if not text:
        return ""
    first = " ".join(text.split("\n\n")[0].split()).replace("*/", "* /")
    return f"{indent}/** {first} */\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " | ".join(dict.fromkeys(_type(option) for option in schema[choice]))
    kind = schema.get("type")
    if kind == "array":
        item = _type(schema.get("items", {}))
        return f"({item})[]" if " " in item else f"{item}[]"
    if kind == "object":
        inner = schema.get("additionalProperties", True)
        return f"Record<string, {'unknown' if isinstance(inner, bool) else _type(inner)}>"
    return _SCALARS.get(str(kind), "unknown")


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name)


if __name__ == "__main__":
    FILE.write_text(typescript_of(describe_api()), encoding="utf-8")
    sys.stderr.write(f"wrote {FILE}\n")
