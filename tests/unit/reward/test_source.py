from __future__ import annotations

from pathlib import Path

import pytest

from deepracer_local.errors import RewardError
from deepracer_local.reward import load_reward, parse_reward
from tests.unit.reward.states import LEGACY

PARAMS_FORMS = {
    "function": "def reward_function(params):\n    return 1.0\n",
    "default second argument": "def reward_function(params, scale=2):\n    return 1.0\n",
    "star arguments": "def reward_function(*args):\n    return 1.0\n",
    "lambda": "reward_function = lambda params: 1.0\n",
    "object": "class R:\n    def __call__(self, p):\n        return 1.0\nreward_function = R()\n",
    "under if": "if True:\n    def reward_function(params):\n        return 1.0\n",
    "under try": "try:\n    import numpy\nexcept ImportError:\n    pass\nelse:\n    def reward_function(p): return 1\n",
    "method": "class Reward:\n    def reward_function(self, params):\n        return 1.0\n",
    "static method": "class R:\n    @staticmethod\n    def reward_function(params):\n        return 1.0\n",
    "windows line ends": "def reward_function(params):\r\n    return 1.0\r\n",
    "inner generator": "def reward_function(params):\n    def g():\n        yield 1\n    return sum(g())\n",
}


@pytest.mark.parametrize("text", PARAMS_FORMS.values(), ids=PARAMS_FORMS.keys())
def test_the_ways_of_writing_todays_signature(text: str) -> None:
    source = parse_reward(text)

    assert (source.style, source.notices) == ("params", ())


LEGACY_FORMS = {
    "plain": f"def reward_function({LEGACY}):\n    return 1.0\n",
    "self without a class": f"def reward_function(self, {LEGACY}):\n    return 1.0\n",
    "method": f"class Reward:\n    def reward_function(self, {LEGACY}):\n        return 1.0\n",
    "plural": f"def reward_function({LEGACY}s):\n    return 1.0\n",
    "misspelt": f"def reward_function({LEGACY.replace('steering', 'streering')}):\n    return 1.0\n",
    "both": f"class R:\n  def reward_function(self, {LEGACY.replace('steering', 'streering')}s): return 1.0\n",
}


@pytest.mark.parametrize("text", LEGACY_FORMS.values(), ids=LEGACY_FORMS.keys())
def test_the_positional_signature_of_2018_is_recognised_with_a_notice(text: str) -> None:
    source = parse_reward(text)

    assert source.style == "positional"
    assert len(source.notices) == 1


REFUSED = {
    "empty": ("", None),
    "too long": ("#" * 140_001, None),
    "syntax": ("x = 1\ndef reward_function(params)\n    return 1\n", 2),
    "tabs and spaces": ("def reward_function(params):\n\tx = 1\n        return x\n", 3),
    "python 2": ("def reward_function(params):\n    print 'x'\n    return 1\n", 2),
    "null byte": ("def reward_function(params):\n    return 1\0\n", None),
    "deep nesting": ("x = " + "(" * 5000 + ")" * 5000, 1),
    "no function": ("x = 1\n", None),
    "other name": ("def reward_func(params):\n    return 1\n", None),
    "no argument": ("\ndef reward_function():\n    return 1\n", 2),
    "two arguments": ("def reward_function(a, b):\n    return 1\n", 1),
    "keyword-only": ("def reward_function(params, *, scale):\n    return 1\n", 1),
    "eleven of twelve": (f"def reward_function({LEGACY.removesuffix(', closest_waypoint')}):\n    return 1\n", 1),
    "wrong order": (f"def reward_function({LEGACY.replace('x, y', 'y, x')}):\n    return 1\n", 1),
    "method without params": ("class R:\n    def reward_function(self):\n        return 1\n", 2),
    "async": ("async def reward_function(params):\n    return 1\n", 1),
    "generator": ("def reward_function(params):\n    if params:\n        yield 1\n", 1),
    "lambda of two": ("reward_function = lambda a, b: 1\n", 1),
}


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_a_reward_function_is_refused_with_its_line(text: str, line: int | None) -> None:
    with pytest.raises(RewardError) as caught:
        parse_reward(text)

    if line is not None:
        assert caught.value.line == line


def test_a_syntax_error_shows_the_line_and_a_caret() -> None:
    with pytest.raises(RewardError) as caught:
        parse_reward("def reward_function(params):\n    return 1 +* 2\n")

    shown, caret = str(caught.value).splitlines()[-2:]
    assert shown.strip() == "return 1 +* 2"
    assert shown[caret.index("^")] == "*"


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(RewardError, match="Rename 'reward_func'"):
        parse_reward("def helper(a):\n    return 1\ndef reward_func(params):\n    return 1\n")


def test_the_last_of_several_definitions_counts_and_is_noticed() -> None:
    source = parse_reward("def reward_function(a, b): return 1\ndef reward_function(params): return 2\n")

    assert "line 2" in source.notices[0]


def test_a_function_of_the_module_outranks_a_method() -> None:
    source = parse_reward(f"{LEGACY_FORMS['method']}\ndef reward_function(params):\n    return 1\n")

    assert (source.style, source.class_name) == ("params", None)


def test_an_odd_escape_in_a_string_is_no_error() -> None:
    assert parse_reward("def reward_function(params):\n    '\\d'\n    return 1\n").style == "params"


def test_nothing_is_run_by_parsing() -> None:
    assert parse_reward("raise SystemExit\ndef reward_function(params): return 1\n").style == "params"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(b"\xef\xbb\xbfdef reward_function(params):\r\n    return 1.0\r\n")

    source = load_reward(file)

    assert source.text.startswith("def")
    assert source.filename == str(file)


BAD_FILES = {
    "utf-16": "def reward_function(p): return 1\n".encode("utf-16"),
    "latin-1": "# Geschwindigkeit groß\n".encode("latin-1"),
    "too large": b"#" * 600_000,
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_files_that_are_no_text_of_fair_size_are_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(content)

    with pytest.raises(RewardError):
        load_reward(file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.py", tmp_path):
        with pytest.raises(RewardError):
            load_reward(path)
