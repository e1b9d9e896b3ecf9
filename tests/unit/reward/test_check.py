from __future__ import annotations

import pytest

from deepracer_local.reward import check_reward, try_reward
from tests.unit.reward.states import LEGACY, params

STATES = [params(steps=float(step), distance_from_center=0.01 * step) for step in range(2, 42)]
GOOD = "def reward_function(params):\n    return 1.0 - params['distance_from_center']\n"


def test_a_sound_function_has_no_findings_and_a_summary() -> None:
    report = try_reward(GOOD, STATES)

    assert (report.findings, report.n_calls, report.is_usable) == ((), 40, True)
    assert [report.min_reward, report.max_reward] == pytest.approx([0.59, 0.98])
    assert report.mean_reward == pytest.approx(0.785)
    assert report.microseconds_per_call is not None
    assert report.microseconds_per_call > 0


def test_a_syntax_error_has_line_and_column() -> None:
    [finding] = check_reward("def reward_function(params):\n    return 1 +* 2\n", STATES)

    assert (finding.kind, finding.line, finding.column) == ("SYNTAX_ERROR", 2, 15)
    assert finding.is_error


def test_a_missing_function_is_a_syntax_error_without_column() -> None:
    [finding] = check_reward("x = 1\n", STATES)

    assert (finding.kind, finding.column) == ("SYNTAX_ERROR", None)


def test_a_failing_import_is_found() -> None:
    [finding] = check_reward("import no_such_package_here\n" + GOOD, STATES)

    assert (finding.kind, finding.line) == ("IMPORT_ERROR", 1)


def test_failures_are_reported_once_per_line_with_the_first_state() -> None:
    text = (
        "def reward_function(params):\n    if params['steps'] > 30:\n        return 1 / 0\n"
        "    if params['steps'] > 9:\n        return None\n    return params['steps']\n"
    )

    report = try_reward(text, STATES)

    assert [(finding.kind, finding.line) for finding in report.findings] == [("TEST_FAILURE", 5), ("TEST_FAILURE", 3)]
    assert [finding.params["steps"] for finding in report.findings if finding.params] == [10.0, 31.0]
    assert (report.n_calls, report.is_usable) == (8, False)


def test_at_most_ten_failures_are_reported() -> None:
    lines = [f"    if params['steps'] == {step}:\n        return None\n" for step in range(2, 40)]

    findings = check_reward("def reward_function(params):\n" + "".join(lines) + "    return 1\n", STATES)

    assert len(findings) == 10


WARNED = {
    "flat": "def reward_function(params):\n    return 1.0\n",
    "truth value": "def reward_function(params):\n    return params['steps'] > 20\n",
    "2018": f"def reward_function({LEGACY}):\n    return steps\n",
    "defined twice": GOOD + GOOD,
    "slow": "import time\ndef reward_function(params):\n    time.sleep(0.006)\n    return params['steps']\n",
}


@pytest.mark.parametrize("text", WARNED.values(), ids=WARNED.keys())
def test_usable_but_odd_functions_get_one_warning(text: str) -> None:
    report = try_reward(text, STATES[:20] + STATES[20:25])

    assert [finding.kind for finding in report.findings] == ["WARNING"]
    assert report.is_usable


def test_a_single_state_says_nothing_about_flatness() -> None:
    assert check_reward(WARNED["flat"], STATES[:1]) == []
