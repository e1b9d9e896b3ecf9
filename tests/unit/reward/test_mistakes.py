"""Mistakes that the text shows: each has code that must be warned about, and code beside it that must not."""

from __future__ import annotations

import pytest

from deepracer_local.reward import list_examples, parse_reward
from deepracer_local.reward._mistakes import endless_loop_line, find_mistakes
from tests.unit.reward.states import LEGACY, params

KEYS = params().keys()
HEAD = "import math\nimport numpy as np\ndef reward_function(params):\n"


def found(body: str, head: str = HEAD) -> list[tuple[str, int | None, int | None]]:
    source = parse_reward(head + body)
    return [(finding.rule, finding.line, finding.column) for finding in find_mistakes(source, KEYS)]


WRONG = {
    "math.abs": ("    return math.abs(params['x'])\n", "unknown-name", 12),
    "math.sgrt": ("    return math.sgrt(params['x'])\n", "unknown-name", 12),
    "numpy without float": ("    return np.float(params['x'])\n", "unknown-name", 12),
    "key": ("    return params['trackwidth']\n", "unknown-key", 19),
    "key by get": ("    return params.get('distance_from_centre')\n", "unknown-key", 23),
    "progress equals one": ("    return 1.0 if params['progress'] == 1 else 0.5\n", "progress-as-share", 41),
    "progress reaches 1.0": (
        "    p = params['progress']\n    return 1.0 if p >= 1.0 else p\n",
        "progress-as-share",
        24,
    ),
    "nearly a lap": ("    p = float(params['progress'])\n    return 1.0 if 0.95 < p else p\n", "progress-as-share", 19),
    "sine of degrees": ("    return math.sin(params['heading'])\n", "degrees-as-radians", 21),
    "cosine of a name": ("    h = params['heading'] + 90\n    return np.cos(h)\n", "degrees-as-radians", 19),
    "tangent of steering": (
        "    a = abs(params['steering_angle'])\n    return math.tan(a)\n",
        "degrees-as-radians",
        21,
    ),
    "atan2 minus heading": (
        "    d = math.atan2(params['y'], params['x'])\n    return abs(d - params['heading'])\n",
        "degrees-as-radians",
        16,
    ),
    "heading against pi": (
        "    return 1.0 if abs(params['heading']) > math.pi / 2 else 0.1\n",
        "degrees-as-radians",
        44,
    ),
    "heading against 3.14": ("    return 1.0 if params['heading'] > 3.14 else 0.1\n", "degrees-as-radians", 39),
    "degrees twice": ("    return math.degrees(params['heading'])\n", "degrees-as-radians", 25),
    "radians twice": ("    a = math.atan2(1, 2)\n    return math.radians(a)\n", "degrees-as-radians", 25),
    "a file": ("    return float(open('best.txt').read())\n", "no-files", 18),
}


@pytest.mark.parametrize(("body", "rule", "column"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_found_at_its_place(body: str, rule: str, column: int) -> None:
    assert found(body) == [(rule, 3 + body.count("\n"), column)]


RIGHT = {
    "math.fabs": "    return math.fabs(params['x']) + abs(params['y'])\n",
    "name behind try": "    try:\n        return np.float(1)\n    except AttributeError:\n        return 1.0\n",
    "name that is asked for": "    return np.float(1) if hasattr(np, 'float') else 1.0\n",
    "a number that Python will refuse one day": "    return 1e-3if params['is_offtrack'] else 1.0\n",
    "another thing called math": "    def inner(math):\n        return math.mine\n    return inner(params)\n",
    "submodule": "    return np.linalg.norm([params['x'], params['y']])\n",
    "key with a default": "    return params.get('my_bonus', 0.0)\n",
    "key that is asked for": "    return params['lidar'] if 'lidar' in params else 1.0\n",
    "key of its own": "    params['bonus'] = 3\n    return params['bonus']\n",
    "key behind try": "    try:\n        return params['lidar']\n    except KeyError:\n        return 1.0\n",
    "another dictionary": "    weights = {'a': 1.0}\n    return weights['a'] * params['x']\n",
    "progress of 100": "    return 1.0 if params['progress'] == 100 else 0.5\n",
    "progress above one percent": "    return 1.0 if params['progress'] > 1 else 0.5\n",
    "progress of zero": "    return 1.0 if params['progress'] > 0 else 0.5\n",
    "share of progress": "    share = params['progress'] / 100\n    return 1.0 if share >= 0.95 else share\n",
    "name used twice": "    p = params['progress']\n    p = p / 100\n    return 1.0 if p == 1 else p\n",
    "radians first": "    return math.sin(math.radians(params['heading']))\n",
    "by hand": "    return math.cos(params['heading'] * math.pi / 180)\n",
    "by a number": "    h = params['heading'] * 0.0174533\n    return math.cos(h)\n",
    "converted in place": "    h = params['heading']\n    h = math.radians(h)\n    return math.cos(h)\n",
    "sine of radians": "    d = math.atan2(params['y'], params['x'])\n    return math.sin(d)\n",
    "both in degrees": (
        "    d = math.degrees(math.atan2(params['y'], params['x']))\n    return abs(d - params['heading'])\n"
    ),
    "converted later": (
        "    d = math.atan2(params['y'], params['x'])\n    d = math.degrees(d)\n    return abs(d - params['heading'])\n"
    ),
    "ten degrees": "    return 1.0 if abs(params['heading']) > 10.0 else 0.1\n",
    "three degrees": "    return 1.0 if abs(params['steering_angle']) > 3 else 0.1\n",
    "pi for something else": "    return params['speed'] * math.pi if params['speed'] > 3.14 else 0.1\n",
    "an open of one's own": "    def open(x):\n        return x\n    return open(params['x'])\n",
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT.keys())
def test_sound_code_is_left_alone(body: str) -> None:
    assert found(body) == []


def test_the_dictionary_is_followed_into_helpers_under_other_names() -> None:
    head = (
        "def width(p):\n    return p['track_widht']\n"
        "class Car:\n    def speed(self, state, x):\n        return state['sped']\n"
        "def reward_function(params):\n"
    )

    places = found("    return width(params) + Car().speed(x=1, state=params)\n", head)

    assert places == [("unknown-key", 2, 14), ("unknown-key", 5, 22)]


def test_a_dictionary_that_is_not_handed_over_is_left_alone() -> None:
    assert (
        found("    return gain({'kp': 1.0})\n", "def gain(p):\n    return p['kp']\ndef reward_function(params):\n")
        == []
    )


def test_a_lambda_is_read_too() -> None:
    assert found("", "reward_function = lambda p: p['sped']\n") == [("unknown-key", 1, 31)]


def test_the_arguments_of_2018_have_units_of_their_own() -> None:
    head = f"import math\ndef reward_function({LEGACY}):\n"

    right = "    return 1.0 if progress == 1 else math.cos(car_orientation)\n"
    wrong = "    return 1.0 if progress >= 100 else math.radians(car_orientation)\n"

    assert found(right, head) == []
    assert found(wrong, head) == [("progress-as-share", 3, 31), ("degrees-as-radians", 3, 53)]


def test_messages_say_what_to_do() -> None:
    source = parse_reward(HEAD + "    return math.abs(params['trackwidth'])\n")

    name, key = find_mistakes(source, KEYS)

    assert "Use the built-in abs(...)" in name.message
    assert "Did you mean 'track_width'?" in key.message
    assert key.code == "    return math.abs(params['trackwidth'])"


def test_columns_count_characters_not_bytes() -> None:
    assert found("    return 'größer' and params['sped']\n") == [("unknown-key", 4, 32)]


def test_lines_are_counted_as_python_counts_them() -> None:
    source = parse_reward("x = 'a\u2028b'\r\n\x0cdef reward_function(params):\r\n    return params['sped']\r\n")

    [finding] = find_mistakes(source, KEYS)

    assert (finding.line, finding.code) == (3, "    return params['sped']")


def test_at_most_five_of_a_kind_are_reported() -> None:
    assert len(found("".join(f"    params['a{i}']\n" for i in range(20)) + "    return 1\n")) == 5


def test_an_expression_of_thousands_of_parts_is_no_fault() -> None:
    assert found("    return " + "-" * 500 + "1\n") == []
    assert found("    return 1" + "+1" * 900 + "\n") == []


@pytest.mark.parametrize("example", list_examples(), ids=lambda example: example.name)
def test_no_shipped_example_is_warned_about(example: object) -> None:
    assert find_mistakes(parse_reward(example.text), KEYS) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def f():\n    while True:\n        pass\n", 2),
        ("while 1:\n    x = 1\n", 1),
        ("while True:\n    break\n", None),
        ("def f():\n    while True:\n        return 1\n", None),
        ("while x:\n    pass\n", None),
        ("while True: pass\nwhile True: pass\n", None),
        ("while True pass\n", None),
    ],
)
def test_a_loop_without_an_end_is_found_where_it_is_certain(text: str, line: int | None) -> None:
    assert endless_loop_line(text) == line
