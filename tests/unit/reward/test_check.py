from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from deepracer_local.domain import RewardParams, RewardSamples, SampledState, SandboxOptions, SandboxPolicy
from deepracer_local.errors import RewardError, RewardFault, SandboxError
from deepracer_local.race import sample_reward
from deepracer_local.reward import CheckReport, InProcessReward, RewardSource, list_examples, parse_reward
from deepracer_local.reward._check import MAX_PRINTED_CHARS, check_reward, check_with
from deepracer_local.track import builtin_tracks_dir, find_track
from tests.unit.reward.states import LEGACY, params

STATES = [params(steps=float(step), distance_from_center=0.01 * step) for step in range(2, 42)]
SAMPLES = sample_reward(find_track("reinvent_2018", [builtin_tracks_dir()]))
GOOD = "def reward_function(params):\n    return 1.0 - params['distance_from_center']\n"


class Here:
    """Calls sound functions in this process, which needs no child for each of many tests."""

    def __init__(self, source: RewardSource) -> None:
        self._reward = InProcessReward(source, max_speed_mps=4.0, max_steering_angle_deg=30.0)
        self.notices = self._reward.notices

    def call_batch(self, states: Sequence[RewardParams]) -> list[float | RewardError]:
        return [self._call(params) for params in states]

    def begin(self, car: int) -> None:
        pass

    def close(self) -> None:
        self._reward.close()

    def _call(self, params: RewardParams) -> float | RewardError:
        try:
            return self._reward.call(params)
        except RewardError as err:
            return err


def open_here(source: RewardSource) -> AbstractContextManager[Here]:
    return closing(Here(source))


def tour(*states: SampledState) -> RewardSamples:
    return RewardSamples(states or tuple(SampledState("on paper", it) for it in STATES), (), (), (), ())


def check(text: str, samples: RewardSamples | None = None) -> CheckReport:
    return check_with(open_here, text, samples or tour())


def rules(body: str, head: str = "") -> list[str]:
    report = check(f"{head}def reward_function(params):\n{body}", SAMPLES)
    assert report.is_usable, report.findings
    return [finding.rule for finding in report.findings]


def test_a_sound_function_has_no_findings_and_a_summary() -> None:
    report = check(GOOD)

    assert (report.findings, report.n_calls, report.is_usable) == ((), 40, True)
    assert [report.min_reward, report.max_reward] == pytest.approx([0.59, 0.98])
    assert report.mean_reward == pytest.approx(0.785)
    assert report.microseconds_per_call is not None
    assert report.microseconds_per_call > 0


def test_a_syntax_error_has_line_column_and_code() -> None:
    [finding] = check("def reward_function(params):\n    return 1 +* 2\n").findings

    assert (finding.kind, finding.rule, finding.line, finding.column) == ("SYNTAX_ERROR", "syntax", 2, 15)
    assert finding.code == "    return 1 +* 2"
    assert "\n" not in finding.message
    assert finding.is_error


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\n", None),
        ("x = 1\ndef reward_fuction(params):\n    return 1.0\n", 2),
        ("def reward_function(a, b):\n    return 1.0\n", 1),
        ("x = 1\nasync def reward_function(params):\n    return 1.0\n", 2),
    ],
    ids=["no function", "misspelt", "two arguments", "async"],
)
def test_a_function_of_another_shape_is_refused_at_its_line(text: str, line: int | None) -> None:
    [finding] = check(text).findings

    assert (finding.kind, finding.rule, finding.line) == ("SYNTAX_ERROR", "signature", line)


def test_a_failing_import_is_found() -> None:
    [finding] = check("import no_such_package_here\n" + GOOD).findings

    assert (finding.kind, finding.rule, finding.line, finding.column) == ("IMPORT_ERROR", "import", 1, 1)
    assert finding.code == "import no_such_package_here"


def test_failures_are_reported_once_per_line_with_the_first_state() -> None:
    text = (
        "def reward_function(params):\n    if params['steps'] > 30:\n        return 1 / 0\n"
        "    if params['steps'] > 9:\n        return None\n    return params['steps']\n"
    )

    report = check(text)

    assert [(it.kind, it.line, it.column) for it in report.findings] == [("TEST_FAILURE", 3, 9), ("TEST_FAILURE", 5, 9)]
    assert [it.params["steps"] for it in report.findings if it.params] == [31.0, 10.0]
    assert {it.place for it in report.findings} == {"on paper"}
    assert (report.n_calls, report.is_usable) == (8, False)


def test_a_misspelt_parameter_is_reported_once_at_its_literal() -> None:
    [finding] = check("def reward_function(params):\n    w = params['trackwidth']\n    return w\n").findings

    assert (finding.kind, finding.rule, finding.line, finding.column) == ("TEST_FAILURE", "unknown-key", 2, 16)
    assert finding.message.endswith("There is no parameter 'trackwidth'. Did you mean 'track_width'?")


def test_at_most_ten_failures_are_reported() -> None:
    lines = [f"    if params['steps'] == {step}:\n        return None\n" for step in range(2, 40)]

    assert len(check("def reward_function(params):\n" + "".join(lines) + "    return 1\n").findings) == 10


def test_what_fails_only_in_a_rare_state_is_a_warning_with_that_state() -> None:
    rare = SampledState("with progress 0", params(progress=0.0, steps=50.0), is_certain=False)
    samples = tour(*(SampledState("on paper", it) for it in STATES), rare)

    report = check("def reward_function(params):\n    return params['steps'] / params['progress']\n", samples)

    [finding] = report.findings
    assert (finding.kind, finding.line, finding.place, report.is_usable) == ("WARNING", 2, "with progress 0", True)
    assert finding.params is not None
    assert finding.params["progress"] == 0.0


def test_a_line_that_fails_in_a_rare_and_in_a_usual_state_is_an_error() -> None:
    rare = SampledState("rare", params(), is_certain=False)

    report = check("def reward_function(params):\n    return 1 / 0\n", tour(rare, SampledState("usual", params())))

    assert [(it.kind, it.place) for it in report.findings] == [("TEST_FAILURE", "usual")]


def test_a_function_that_needs_objects_is_told_that_a_time_trial_has_none() -> None:
    text = (
        "def reward_function(params):\n    _, ahead = params['closest_objects']\n"
        "    x, y = params['objects_location'][ahead]\n    return abs(x)\n"
    )

    [finding] = check(text, SAMPLES).findings

    assert (finding.kind, finding.line) == ("TEST_FAILURE", 3)
    assert "A time trial has no objects" in finding.message


def test_a_slow_function_is_tried_on_fewer_states_and_warned_about() -> None:
    report = check(
        "import time\ndef reward_function(params):\n    time.sleep(0.02)\n    return params['distance_from_center']\n",
        SAMPLES,
    )

    assert [finding.rule for finding in report.findings] == ["slow"]
    assert 10 <= report.n_calls < 60


WARNED = {
    "flat": ("flat", "def reward_function(params):\n    return 1.0\n"),
    "truth value": ("notice", "def reward_function(params):\n    return params['steps'] > 20\n"),
    "2018": ("notice", f"def reward_function({LEGACY}):\n    return steps\n"),
    "defined twice": ("notice", GOOD + GOOD),
    "slow": ("slow", "import time\ndef reward_function(params):\n    time.sleep(0.006)\n    return params['steps']\n"),
}


@pytest.mark.parametrize(("rule", "text"), WARNED.values(), ids=WARNED.keys())
def test_usable_but_odd_functions_get_one_warning(rule: str, text: str) -> None:
    report = check(text)

    assert [(finding.kind, finding.rule) for finding in report.findings] == [("WARNING", rule)]
    assert report.is_usable


BEHAVES_WRONGLY = {
    "slower is better": ("pays-standing", "    return 4.1 - params['speed']\n", ""),
    "bonus for slowness": ("pays-standing", "    return 1.5 if params['speed'] < 1 else 1.0\n", ""),
    "progress left": (
        "pays-backwards",
        "    done = params['progress'] - memory[0]\n    memory[0] = params['progress']\n"
        "    return max(0.1, -done) + 0.01 * params['speed']\n",
        "memory = [0.0]\n",
    ),
    "progress to go": ("pays-backwards", "    return 100.0 - params['progress']\n", ""),
    "angle the wrong way round": (
        "pays-backwards",
        "    a, b = (params['waypoints'][i] for i in params['closest_waypoints'])\n"
        "    d = abs(math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) - params['heading']) % 360\n"
        "    return params['speed'] * min(d, 360 - d)\n",
        "import math\n",
    ),
    "steps as reward": ("grows", "    return params['steps'] * 0.01 + params['speed']\n", ""),
    "adds up": (
        "grows",
        "    total[0] += params['speed']\n    return total[0]\n",
        "total = [0.0]\n",
    ),
    "huge": ("near-limit", "    return 3e4 * params['speed'] / 4\n", ""),
    "flat": ("flat", "    return 0.7\n", ""),
}


@pytest.mark.parametrize(("rule", "body", "head"), BEHAVES_WRONGLY.values(), ids=BEHAVES_WRONGLY.keys())
def test_behaviour_that_teaches_the_wrong_thing_is_warned_about(rule: str, body: str, head: str) -> None:
    assert rules(body, head) == [rule]


BEHAVES = {
    "the place alone": "    return 1.0 - params['distance_from_center'] / params['track_width']\n",
    "progress": "    return params['progress']\n",
    "progress for steps": "    return params['progress'] / params['steps'] * 100 + params['speed'] ** 2\n",
    "a price for time": "    return params['progress'] - 0.02 * params['steps']\n",
    "a bonus every hundred steps": (
        "    bonus = 10.0 if params['steps'] % 100 == 0 and params['progress'] > params['steps'] / 3 else 0.0\n"
        "    return 1.0 - params['distance_from_center'] + bonus\n"
    ),
    "punishment only": "    return -params['distance_from_center']\n",
    "little steering": "    return 1.0 - abs(params['steering_angle']) / 60.0\n",
    "speed": "    return params['speed'] ** 2\n",
    "an average of the last steps": (
        "    memory.append(params['speed'])\n    return sum(memory[-10:]) / len(memory[-10:])\n"
    ),
}


@pytest.mark.parametrize("body", BEHAVES.values(), ids=BEHAVES.keys())
def test_sound_behaviour_is_left_alone(body: str) -> None:
    assert rules(body, "memory = []\n") == []


@pytest.mark.parametrize("track", ["reinvent_2018", "oval", "drag_strip", "serpent", "grand_tour"])
def test_no_shipped_example_is_warned_about(track: str) -> None:
    samples = sample_reward(find_track(track, [builtin_tracks_dir()]))

    found = {example.name: check(example.text, samples).findings for example in list_examples()}

    assert found == {example.name: () for example in list_examples()}


def test_a_single_state_says_nothing_about_flatness() -> None:
    assert check(WARNED["flat"][1], tour(SampledState("alone", STATES[0]))).findings == ()


def test_a_dead_function_is_not_called_again() -> None:
    class Dying(Here):
        calls = 0

        def call_batch(self, states: Sequence[RewardParams]) -> list[float | RewardError]:
            self.calls += 1
            raise RewardError("reward_function.py, line 2: gone.", line=2, fault=RewardFault.TIMEOUT)

    dying = Dying(parse_reward(GOOD))

    [finding] = check_with(lambda _source: closing(dying), GOOD, SAMPLES).findings

    assert (dying.calls, finding.kind, finding.rule, finding.message) == (1, "TEST_FAILURE", "out-of-time", "Gone.")


def test_a_report_is_plain_json() -> None:
    report = check("def reward_function(params):\n    return 1.0\n").to_json()

    assert report["usable"] is True
    assert report["findings"][0]["kind"] == "WARNING"
    assert set(report["findings"][0]) == {
        *("kind", "message", "rule", "line", "column", "code", "place", "params"),
    }


def test_the_function_runs_in_a_process_of_its_own() -> None:
    text = "import os\ndef reward_function(params):\n    return float(os.getpid())\n"

    report = check_reward(text, tour())

    assert report.is_usable
    assert report.min_reward not in {None, float(os.getpid())}


def test_prints_are_part_of_the_report_and_bounded() -> None:
    text = "print('on import')\ndef reward_function(params):\n    print('x' * 999)\n    return params['steps']\n"

    report = check_reward(text, tour())

    assert report.printed.startswith("on import\nxxx")
    assert len(report.printed) == MAX_PRINTED_CHARS
    assert report.is_usable


@pytest.mark.skipif(sys.platform != "linux", reason="an old kernel is imitated with seccomp")
def test_where_there_is_no_wall_the_report_says_so_or_nothing_is_run() -> None:
    prefix = (sys.executable, str(Path(__file__).parent / "sandbox" / "old_kernel.py"))

    report = check_reward(GOOD, tour(), options=SandboxOptions(prefix=prefix))

    assert report.is_usable
    assert any("seccomp" in sentence for sentence in report.missing_layers)
    assert check_reward(GOOD, tour()).missing_layers == ()
    with pytest.raises(SandboxError):
        check_reward(GOOD, tour(), options=SandboxOptions(SandboxPolicy.REQUIRED, prefix))


def test_many_threads_may_check_at_once() -> None:
    lock = threading.Lock()
    texts = [
        GOOD,
        "def reward_function(params):\n    return 1 +\n",
        "def reward_function(params):\n    return 1 / 0\n",
    ] * 4

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda text: check_reward(text, tour(), parsing=lock), texts))

    kinds = [[finding.kind for finding in report.findings] for report in reports]
    assert kinds == [[], ["SYNTAX_ERROR"], ["TEST_FAILURE"]] * 4
