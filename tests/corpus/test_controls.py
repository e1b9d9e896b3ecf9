"""Positive controls: each assertion about the corpus can fail, and the acts that it waits for do work outside the wall.

Nothing of the corpus runs here: every act below is a harmless one of the test's own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deepracer_local.domain import RewardSamples
from deepracer_local.reward import InProcessReward, check_reward, parse_reward
from tests.corpus.cases import Verdict
from tests.corpus.drive import SOUND, ShortTraining
from tests.corpus.watch import CANARY_VARIABLE, Watch, descendants


def in_this_process(body: str, samples: RewardSamples) -> float:
    source = parse_reward(f"def reward_function(params):\n{body}\n    return 1.0\n")
    return InProcessReward(source, max_speed_mps=4.0, max_steering_angle_deg=30.0).call(samples.tour[0].params)


def test_nothing_is_reported_where_nothing_happened(watch: Watch) -> None:
    watch.require_untouched()
    watch.require_no_process()
    watch.require_no_secret("anything")


@pytest.mark.parametrize("act", ["new", "changed", "removed", "rights", "link"])
def test_a_changed_file_is_seen(watch: Watch, act: str, samples: RewardSamples) -> None:
    acts = {
        "new": f"__import__('pathlib').Path('{watch.guarded}/escaped').write_text('x')",
        "changed": f"__import__('pathlib').Path('{watch.canary_file}').write_text('x')",
        "removed": f"__import__('os').unlink('{watch.canary_file}')",
        "rights": f"__import__('os').chmod('{watch.canary_file}', 0o640)",
        "link": f"__import__('os').symlink('nowhere', '{watch.guarded}/escaped')",
    }

    in_this_process(f"    {acts[act]}", samples)

    with pytest.raises(AssertionError):
        watch.require_untouched()


def test_a_process_that_stays_is_seen_even_without_its_parent(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.corpus.watch._PATIENCE_S", 0.2)
    held, holding = os.pipe()
    # The parent ends at once and leaves a child in a session of its own, which waits for its input to end.
    parent = (
        "import os, subprocess, sys; "
        f"p = subprocess.Popen([sys.executable, '-c', 'input()'], stdin={held}, stdout=-3, stderr=-3, "
        "start_new_session=True); os.write(1, str(p.pid).encode()); os._exit(0)"
    )
    command = [sys.executable, "-c", parent]
    answer = subprocess.run(command, pass_fds=(held,), stdout=subprocess.PIPE, timeout=60, check=True)
    process = int(answer.stdout)

    try:
        with pytest.raises(AssertionError, match="left behind"):
            watch.require_no_process()
        assert process in descendants()
    finally:
        os.close(holding)
        os.close(held)
        os.waitpid(process, 0)


def test_a_secret_that_gets_out_is_seen(
    watch: Watch, samples: RewardSamples, capfd: pytest.CaptureFixture[str]
) -> None:
    in_this_process(f"    print(__import__('pathlib').Path('{watch.canary_file}').read_text())", samples)
    from_file = capfd.readouterr().out
    in_this_process(f"    print(__import__('os').environ['{CANARY_VARIABLE}'])", samples)
    from_environment = capfd.readouterr().out

    for output in (from_file, from_environment):
        with pytest.raises(AssertionError):
            watch.require_no_secret({"printed": output})


def test_an_escape_would_be_reported(samples: RewardSamples, training: ShortTraining) -> None:
    text = "def reward_function(params):\n    raise RuntimeError('ESCAPED')\n"

    report, driven = check_reward(text, samples), training.run(text, 5)

    assert [finding.kind for finding in report.findings] == ["TEST_FAILURE"]
    assert "ESCAPED" in report.findings[0].message
    assert "ESCAPED" in str(driven.error)


def test_a_training_that_goes_otherwise_is_told_from_the_control(training: ShortTraining) -> None:
    control = training.run(SOUND, 30)
    again = training.run(SOUND, 30)
    other = training.run(SOUND.replace("1.0 / (", "2.0 / ("), 30)

    assert again.steps == control.steps
    assert other.steps != control.steps
    assert len({step[0] for step in control.steps}) > 5


@pytest.mark.parametrize(
    ("line", "came", "fits"),
    [
        ("7", 7, True),
        ("7", 8, False),
        ("7", None, False),
        ("-", None, True),
        ("-", 7, False),
        ("~7", 7, True),
        ("~7", None, True),
        ("~7", 8, False),
        ("*", 7, True),
        ("*", None, True),
    ],
)
def test_a_verdict_is_held_to_its_line(line: str, came: int | None, fits: bool) -> None:
    assert Verdict("WARNING", "flat", line, "word").fits("WARNING", "flat", came, "a word") is fits


def test_a_verdict_is_held_to_kind_rule_and_word() -> None:
    verdict = Verdict("WARNING", "flat", "-", "word")

    assert not verdict.fits("TEST_FAILURE", "flat", None, "a word")
    assert not verdict.fits("WARNING", "slow", None, "a word")
    assert not verdict.fits("WARNING", "flat", None, "something else")
