"""Every reward function of the corpus through the check and through a short training, and what must hold after each."""

from __future__ import annotations

import pytest

from deepracer_local.domain import RewardSamples
from deepracer_local.reward import InProcessReward, check_reward, list_examples, parse_reward
from deepracer_local.reward.sandbox import open_sandbox
from tests.corpus.cases import FOLDERS, Case, load_cases
from tests.corpus.drive import SOUND, ShortTraining
from tests.corpus.watch import Watch

CASES = load_cases(*FOLDERS)
VERDICT_S = 3.0
"""From the bad act to the verdict; a call has 1 s of it."""


@pytest.fixture(scope="module")
def control(training: ShortTraining) -> list[tuple[float, ...]]:
    return training.run(SOUND, 150).steps


def test_the_corpus_is_large_and_every_kind_is_there() -> None:
    numbers = {int(case.name[1 : 3 + case.name[3:4].isdigit()]) for case in CASES if case.name[0] == "F"}

    assert len(CASES) >= 110
    assert set(range(1, 113)) - numbers == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_check_says_what_is_to_be_said(case: Case, samples: RewardSamples, watch: Watch) -> None:
    report = check_reward(case.text(canary_file=watch.canary_file, writable=watch.guarded), samples)

    came = [(it.kind.value, it.rule, it.line, it.message) for it in report.findings]
    assert len(came) == len(case.findings), came
    assert all(verdict.fits(*one) for verdict, one in zip(case.findings, came, strict=True)), came
    assert all(finding.params for finding in report.findings if finding.kind == "TEST_FAILURE")
    assert max((len(it.message) for it in report.findings), default=0) < 3_000
    watch.require_no_process()
    watch.require_untouched()
    watch.require_no_secret(report)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_short_training_ends_as_it_should(
    case: Case,
    training: ShortTraining,
    control: list[tuple[float, ...]],
    watch: Watch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    driven = training.run(case.text(canary_file=watch.canary_file, writable=watch.guarded), case.n_steps)

    error = driven.error
    if case.failure is None:
        assert error is None
        assert len(driven.steps) == case.n_steps
    else:
        assert error is not None
        assert case.failure.fits("", "", error.line, str(error)), (error.line, str(error))
    if case.is_control:
        assert driven.steps == control[: case.n_steps]
    limit_s = VERDICT_S if driven.steps or error is None or error.params else VERDICT_S + 5.0  # the import has 5 s
    assert driven.seconds_to_verdict < limit_s
    watch.require_no_process()
    watch.require_untouched()
    watch.require_no_secret(driven, str(error), error.params if error else None, caplog.text)


@pytest.mark.parametrize("folder", ["hostile", "odd"])
def test_while_others_misbehave_and_after_them_a_sound_job_gets_its_rewards(
    folder: str, training: ShortTraining, control: list[tuple[float, ...]], watch: Watch, samples: RewardSamples
) -> None:
    state = samples.tour[5].params
    texts = [case.text(canary_file=watch.canary_file, writable=watch.guarded) for case in load_cases(folder)]
    hostile = [text for text in texts if len(text) < 140_000][::10]
    neighbour = open_sandbox(SOUND)
    expected = 1.0 / (1.0 + state["distance_from_center"])

    for text in hostile:
        training.run(text, 10)
        assert neighbour.call_batch([state]) == [expected]
        assert training.run(SOUND, 5).steps == control[:5]

    neighbour.close()
    watch.require_no_process()


SOUND_TEXTS = {case.name: case.template for case in load_cases("good")} | {it.name: it.text for it in list_examples()}


@pytest.mark.parametrize("text", SOUND_TEXTS.values(), ids=SOUND_TEXTS.keys())
def test_rewards_equal_an_in_process_call_to_the_last_bit(text: str, samples: RewardSamples) -> None:
    here = InProcessReward(parse_reward(text), max_speed_mps=4.0, max_steering_angle_deg=30.0)
    states = [state.params for state in samples.tour] + [params for leg in samples.driving for params in leg]
    there = open_sandbox(text)

    rewards = there.call_batch(states)

    there.close()
    assert [float(it).hex() for it in rewards] == [here.call(params).hex() for params in states]  # type: ignore[arg-type]
