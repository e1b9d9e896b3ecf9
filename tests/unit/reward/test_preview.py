"""Running a function over laps and a grid: what it pays, what that says of it, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest

from deepracer_local.domain import RewardSamples, SampleGrid, SampleLap
from deepracer_local.errors import SandboxError
from deepracer_local.race import sample_grid, sample_laps, sample_reward
from deepracer_local.reward import PreviewReport, find_example, list_examples, preview_reward
from deepracer_local.reward.sandbox import ChildProcess, warm_child
from tests.unit.race.scenes import ring_track

HEAD = "def reward_function(params):\n"
TRACK = ring_track()
SAMPLES: RewardSamples = sample_reward(TRACK)
LAPS: tuple[SampleLap, ...] = sample_laps(TRACK)
GRID: SampleGrid = sample_grid(TRACK)


def preview(body: str, *, head: str = "", **options: Any) -> PreviewReport:
    return preview_reward(f"{head}{HEAD}    {body}\n", SAMPLES, LAPS, GRID, **options)


def rules(report: PreviewReport) -> set[str]:
    return {finding.rule for finding in report.check.findings}


def test_every_state_is_paid_what_the_function_returns_for_it() -> None:
    report = preview("return params['progress'] + params['heading'] / 1000")

    def pay(state: dict[str, Any]) -> float:
        return float(state["progress"] + state["heading"] / 1000)

    assert [list(row) for row in report.lap_rewards] == [[pay(state) for state in lap.states] for lap in LAPS]
    assert list(report.grid_rewards) == [pay(state) for state in GRID.states]
    assert report.cut is None


def test_the_answer_is_compact_and_adds_up() -> None:
    answer = preview("return params['distance_from_center']").to_json()

    centre, left = answer["laps"][:2]
    assert (centre["name"], left["name"]) == ("centre", "left")
    assert centre["total"] < left["total"]
    assert left["total"] == pytest.approx(sum(left["reward"]), rel=1e-3)
    assert left["mean"] == pytest.approx(left["total"] / left["steps"], rel=1e-3)
    assert len(left["x"]) == len(left["y"]) == len(left["reward"]) == left["steps"] == len(LAPS[1].states)
    assert answer["low"] <= answer["scale_low"] < answer["scale_high"] <= answer["high"]
    grid = answer["grid"]
    assert [len(row) for row in grid["reward"]] == [len(grid["x"])] * len(grid["headings_deg"])
    assert len(grid["x"]) == grid["n_along"] * len(grid["lanes"])
    assert left["params"] is None
    assert grid["params"] is None


def test_what_the_function_is_told_comes_by_name_on_request() -> None:
    answer = preview("return params['speed']").to_json(with_params=True)

    told = answer["laps"][3]["params"]
    assert told["steering_angle"] == [float(f"{s['steering_angle']:.5g}") for s in LAPS[3].states]
    assert told["closest_waypoints"][0] == LAPS[3].states[0]["closest_waypoints"]
    assert "waypoints" not in told
    assert [len(columns["heading"]) for columns in answer["grid"]["params"]] == [len(answer["grid"]["x"])] * 4


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("return 1.0", "flat"),
        ("return 100.0 * (params['progress'] >= 100)", "sparse"),
        ("return 1 / (params['distance_from_center'] + 1e-3)", "unbounded"),
        ("return params['steps']", "grows"),
        ("return 2.0 - params['speed']", "pays-standing"),
        ("return -params['progress']", "pays-backwards"),
    ],
)
def test_the_verdict_names_what_a_reward_teaches_wrongly(body: str, rule: str) -> None:
    assert rules(preview(body)) == {rule}


@pytest.mark.parametrize("name", [example.name for example in list_examples()])
def test_the_examples_have_no_faults(name: str) -> None:
    report = preview_reward(find_example(name).text, SAMPLES, LAPS, GRID)

    assert report.check.findings == ()
    assert all(reward is not None for row in (*report.lap_rewards, report.grid_rewards) for reward in row)


def test_a_prize_at_the_finish_and_a_fine_beside_the_road_are_no_faults() -> None:
    body = "return 100.0 if params['progress'] >= 100 else -100.0 if params['is_offtrack'] else params['speed']"

    assert rules(preview(body)) == set()


def test_each_lap_is_an_episode_and_knows_nothing_of_the_grid() -> None:
    head = "seen = []\n"
    body = "seen.append(params['steps'])\n    return float(len(seen))"

    report = preview(body, head=head)

    n_steps = [len(lap.states) for lap in LAPS]
    assert report.lap_rewards[0] == tuple(float(i + 1) for i in range(n_steps[0]))
    assert report.lap_rewards[1][0] == n_steps[0] + 1
    assert report.grid_rewards[0] == 1.0


def test_what_fails_here_and_there_leaves_holes_and_is_told_with_line_and_place() -> None:
    report = preview("return 1 / params['speed'] if params['progress'] < 99 else params['nothing'] + params['x']")

    [finding] = [it for it in report.check.findings if it.is_error]
    assert (finding.line, finding.rule) == (2, "unknown-key")
    assert report.lap_rewards[0][0] is not None
    assert report.lap_rewards[0][-1] is None
    assert report.cut is None


def test_a_failure_that_only_a_lap_shows_is_an_error() -> None:
    # The tour of a check knows these steering angles, and no others.
    body = "return 1 / (params['steering_angle'] in (0, 15, -15, 30, -30) or params['is_reversed'])"

    report = preview(body)

    assert not report.check.is_usable
    assert any("on the lap" in (it.place or "") for it in report.check.findings)


def test_a_function_that_always_fails_is_not_asked_for_ever() -> None:
    report = preview("return params['nothing']")

    assert [it.line for it in report.check.findings] == [2]
    assert all(reward is None for row in (*report.lap_rewards, report.grid_rewards) for reward in row)
    assert report.to_json()["low"] is None


def test_a_slow_function_is_cut_with_a_sentence() -> None:
    body = "import time\n    end = time.perf_counter() + 0.004\n"
    body += "    while time.perf_counter() < end: pass\n    return params['x']"

    report = preview(body)

    assert report.cut is not None
    assert "Compute less per call" in report.cut
    assert report.lap_rewards[0][0] is not None
    assert report.grid_rewards[-1] is None


def test_a_loop_that_never_ends_is_named() -> None:
    report = preview("while params['progress'] > 50: pass\n    return 1.0")

    [finding] = [it for it in report.check.findings if it.is_error]
    assert (finding.rule, finding.line) == ("out-of-time", 2)


def test_a_text_that_cannot_be_read_takes_no_child() -> None:
    def take() -> ChildProcess | None:
        raise AssertionError("no child is needed")

    report = preview("return (", take_child=take)

    assert [it.line for it in report.check.findings] == [2]


def test_a_child_that_is_given_is_used_and_ended() -> None:
    child = warm_child()

    report = preview("return params['speed']", take_child=lambda: child)

    assert report.cut is None
    assert not child.is_alive


def test_a_child_that_has_died_is_told() -> None:
    child = warm_child()
    child.wait_until_warm()
    child.kill()

    with pytest.raises((SandboxError, OSError)):
        preview("return 1.0", take_child=lambda: child)
