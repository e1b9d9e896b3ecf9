"""When a stage is over, what a curriculum may say, and what its stages take from the training."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepracer_local.domain import (
    AdvanceRules,
    EvaluationResult,
    LapRecord,
    Outcome,
    RaceSpec,
    StageProgress,
    TrackShare,
    TrainSpec,
    advance_reason,
    parse_curriculum,
    with_curriculum,
)
from deepracer_local.errors import SpecError

SPEC = TrainSpec(track="oval", n_envs=4, race=RaceSpec(race_type="OBJECT_AVOIDANCE", number_of_obstacles=2))
END = {"completion": 90}
EVALUATIONS = st.lists(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=4), max_size=12)


def evaluation(*progress: float) -> EvaluationResult:
    """Returns laps that came so far; 100 is a clean one."""
    laps = tuple(
        LapRecord(
            trial=i + 1,
            time_s=10.0,
            progress=part,
            steps=150,
            outcome=Outcome.LAP_COMPLETE if part == 100.0 else Outcome.OFF_TRACK,
        )
        for i, part in enumerate(progress)
    )
    return EvaluationResult(laps=laps, planned_laps=len(laps))


def after(progress: StageProgress, results: list[EvaluationResult], rules: AdvanceRules) -> StageProgress:
    for result in results:
        progress = progress.after(result, rules)
    return progress


def is_over(rules: AdvanceRules, progress: StageProgress, *, steps: int = 0, seconds: float = 0.0) -> bool:
    return advance_reason(rules, progress, total_steps=steps, training_seconds=seconds) is not None


@given(EVALUATIONS, st.floats(1.0, 100.0), st.integers(1, 4))
def test_completion_is_asked_of_the_newest_evaluations_in_a_row(
    driven: list[list[float]], completion: float, times: int
) -> None:
    rules = AdvanceRules(completion=completion, evaluations=times)
    results = [evaluation(*progress) for progress in driven]

    progress = after(StageProgress(), results, rules)

    newest = results[-times:]
    are_good = len(newest) == times and all(round(one.mean_progress, 3) >= completion for one in newest)
    assert is_over(rules, progress) == are_good


@given(EVALUATIONS, st.integers(1, 5))
def test_clean_laps_are_those_of_one_policy(driven: list[list[float]], n_laps: int) -> None:
    driven = [[100.0 if part > 50.0 else part for part in progress] for progress in driven]
    rules = AdvanceRules(clean_laps=n_laps)

    progress = after(StageProgress(), [evaluation(*one) for one in driven], rules)

    last = driven[-1] if driven else []
    assert is_over(rules, progress) == (len(last) >= n_laps and all(part == 100.0 for part in last[-n_laps:]))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 10**6))
def test_steps_and_minutes_are_counted_from_the_beginning_of_the_stage(
    began: int, further: int, began_s: float, further_s: float, most: int
) -> None:
    before = StageProgress(stage=1, evaluations=3, good_evaluations=2, completion=99.0)
    progress = before.next_stage(total_steps=began, training_seconds=began_s)
    now_s = began_s + further_s

    assert progress == StageProgress(stage=2, began_steps=began, began_seconds=began_s)
    assert is_over(AdvanceRules(max_steps=most), progress, steps=began + further) == (further >= most)
    limit = AdvanceRules(max_minutes=10.0)
    assert is_over(limit, progress, seconds=now_s) == (now_s - began_s >= 600.0)


@given(EVALUATIONS, st.integers(0, 10**6))
def test_another_rule_can_only_end_a_stage_earlier(driven: list[list[float]], steps: int) -> None:
    one = AdvanceRules(completion=60.0, evaluations=2)
    both = AdvanceRules(completion=60.0, evaluations=2, max_steps=5_000, clean_laps=2)
    results = [evaluation(*progress) for progress in driven]

    alone = is_over(one, after(StageProgress(), results, one), steps=steps)
    together = is_over(both, after(StageProgress(), results, both), steps=steps)

    assert together or not alone


def test_a_stage_without_rules_is_never_over() -> None:
    progress = StageProgress(good_evaluations=99, clean_laps=99)

    assert advance_reason(None, progress, total_steps=10**9, training_seconds=1e9) is None


def test_what_a_stage_leaves_out_is_as_in_the_training_and_the_last_one_is_the_training() -> None:
    wish = parse_curriculum(
        {
            "stages": [
                {"max_speed_mps": 1, "race": {"race_type": "TIME_TRIAL"}, "advance": {"clean_laps": 2}},
                {"name": "starts", "race": {"start_position": "random"}, "advance": {"max_steps": 9}},
                {"name": "all", "tracks": ["chicane", {"track": "oval", "reverse": True}], "randomisation": "mild"},
            ],
            "look_back_every": 2,
        }
    )

    spec = with_curriculum(SPEC, wish)

    assert spec.curriculum is not None
    slow, starts, last = (spec.in_stage(i) for i in range(3))
    assert [stage.name for stage in spec.curriculum.stages] == ["1", "starts", "all"]
    assert (spec.n_stages, spec.curriculum.look_back_every) == (3, 2)
    assert (slow.roads, slow.race.race_type, slow.evaluation_laps) == (SPEC.roads, "TIME_TRIAL", 2)
    assert starts.race == SPEC.race.model_copy(update={"start_position": "random"})
    assert (last.roads, last.race, last.randomisation) == (spec.roads, spec.race, spec.randomisation)
    assert spec.roads == (TrackShare(track="chicane"), TrackShare(track="oval", reverse=True))
    assert (spec.track, spec.track_names, spec.randomisation.is_off) == ("chicane", ("chicane", "oval"), False)
    assert all(one.curriculum is None for one in (slow, starts, last))
    assert TrainSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_training_without_a_curriculum_is_its_own_only_stage() -> None:
    assert (SPEC.n_stages, SPEC.in_stage(0), SPEC.track_names) == (1, SPEC, ("oval",))


@pytest.mark.parametrize(
    ("stages", "field", "words"),
    [
        ("oval", "", ("list of stages", "str")),
        ([{"name": "alone"}], ".stages", ("2 to 10", "got 1")),
        ([{"advance": END}, 7], ".stages.1", ("stage 2", "int")),
        ([{"advance": END}, {"trakcs": ["oval"]}], ".stages.1.trakcs", ("stage 2", "'tracks'")),
        ([{"advance": {"completed": 90}}, {}], ".stages.0.advance.completed", ("stage 1", "'completion'")),
        ([{"advance": {"completion": 101}}, {}], ".stages.0.advance.completion", ("stage 1", "101")),
        ([{"advance": {}}, {}], ".stages.0.advance", ("stage 1", "completion, clean_laps")),
        ([{"advance": {"evaluations": 3, "max_steps": 9}}, {}], ".stages.0.advance", ("stage 1", "completion beside")),
        ([{"name": "easy"}, {}], ".stages", ("stage 1 (easy)", "expected advance")),
        ([{"advance": END}, {"advance": END}], ".stages", ("stage 2", "no advance in the last stage")),
        ([{"advance": END}, {"max_speed_mps": 2}], ".stages", ("stage 2", "action space")),
        ([{"advance": END, "max_speed_mps": 9}, {}], ".stages.0.max_speed_mps", ("stage 1", "9")),
        ([{"name": "a", "advance": END}, {"name": "a"}], ".stages", ("stage 2 (a)", "a name of its own")),
        ([{"advance": END}, {"tracks": ["oval", "oval"]}], ".stages.1.tracks", ("stage 2", "once in each direction")),
        ([{"advance": END}, {"tracks": list("abcde")}], ".stages.1.tracks", ("stage 2", "4 cars", "got 5")),
        ([{"advance": END}, {"race": {"number_of_laps": 3}}], ".stages.1.race.number_of_laps", ("stage 2",)),
        ([{"advance": END, "race": {"number_of_obstacles": 7}}, {}], ".stages.0.race.number_of_obstacles", ("7",)),
        ([{"advance": END, "race": {"race_type": "HEAD_TO_MODEL"}}, {}], ".stages.0.race.race_type", ("evaluate",)),
        ([{"advance": END, "randomisation": "wild"}, {}], ".stages.0.randomisation", ("stage 1", "'mild'")),
        ([{"advance": END, "randomisation": {"mass": [9, 9]}}, {}], ".stages.0.randomisation", ("stage 1", "0.5 to 2")),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_stage(stages: Any, field: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        with_curriculum(SPEC, parse_curriculum({"stages": stages}))

    assert caught.value.field == f"curriculum{field}"
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("extra", [{"forgotten_points": 0}, {"look_back_every": -1}, {"look_back": 3}])
def test_settings_out_of_bounds_are_refused_by_their_field(extra: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        with_curriculum(SPEC, parse_curriculum({"stages": [{"advance": END}, {}], **extra}))

    assert caught.value.field == f"curriculum.{next(iter(extra))}"
