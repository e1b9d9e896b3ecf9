"""The dashboard's types are those of the API."""

from __future__ import annotations

from tests.dashboard.api_types import FILE, describe_api, typescript_of


def test_the_types_of_the_dashboard_are_those_of_the_api() -> None:
    written = FILE.read_text(encoding="utf-8")

    assert written == typescript_of(describe_api()), "run `python -m tests.dashboard.api_types` and adapt the pages"


def test_required_and_optional_fields_and_choices_are_told_apart() -> None:
    schema = {
        "properties": {
            "name": {"type": "string"},
            "cars": {"type": "integer", "default": 16},
            "parent": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "kinds": {"type": "array", "items": {"enum": ["a", "b"]}},
        },
        "required": ["name", "parent", "kinds"],
    }
    answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}}}}

    text = typescript_of({"components": {"schemas": {"Wish": schema}}, "paths": {"/a": {"get": {"responses": answer}}}})

    assert "  name: string;\n" in text
    assert "  cars?: number;\n" in text
    assert "  parent: string | null;\n" in text
    assert '  kinds: ("a" | "b")[];\n' in text
    assert '  "GET /a": Wish;\n' in text
