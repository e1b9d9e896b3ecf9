"""A reward function in its own process: rewards, errors, budgets. What the wall refuses is in ``test_wall``."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from deepracer_local.errors import RewardError, RewardFault
from deepracer_local.reward.sandbox import SandboxedReward, SandboxLimits, open_sandbox
from tests.unit.reward.states import in_process, params

Open = Callable[..., SandboxedReward]


@pytest.fixture
def sandbox() -> Iterator[Open]:
    opened = []

    def open_one(*lines: str, **options: Any) -> SandboxedReward:
        reward = open_sandbox("\n".join(["def reward_function(params):", *(f"    {x}" for x in lines)]), **options)
        opened.append(reward)
        return reward

    yield open_one
    for reward in opened:
        reward.close()


def failing(reward: SandboxedReward, state: dict[str, Any] | None = None) -> RewardError:
    try:
        [answer] = reward.call_batch([state or params()])
    except RewardError as err:
        return err
    assert isinstance(answer, RewardError)
    return answer


def test_rewards_of_a_batch_come_in_the_order_of_the_states(sandbox: Open) -> None:
    reward = sandbox("return params['steps'] / 3")

    assert reward.call_batch([params(steps=float(i)) for i in range(300)]) == [i / 3 for i in range(300)]


def test_the_function_sees_the_same_values_of_the_same_types_as_in_this_process(sandbox: Open) -> None:
    state = params(objects_location=[(1.5, -0.0)], objects_left_of_center=[True], x=-0.0, y=5e-324)
    line = "return float(sum(map(ord, repr(sorted((k, repr(v), str(type(v))) for k, v in params.items())))) % 99991)"
    expected = in_process(f"def reward_function(params):\n    {line}\n").call(state)

    assert sandbox(line).call_batch([state]) == [expected]


def test_each_car_has_globals_of_its_own(sandbox: Open) -> None:
    reward = sandbox("params['objects_speed']", "calls.append(1)", "return len(calls)\ncalls = []", n_cars=2)

    reward.call_batch([params(), params(), params()], [0, 1, 0])

    assert reward.call_batch([params(), params()], [0, 1]) == [3.0, 2.0]


def test_other_waypoints_are_sent_when_they_change(sandbox: Open) -> None:
    reward = sandbox("return len(params['waypoints'])")
    short = [(0.0, 0.0), (1.0, 0.0)]

    states = [params(), params(waypoints=short), params(waypoints=short), params()]

    assert reward.call_batch(states) == [4.0, 2.0, 2.0, 4.0]


def test_what_the_function_does_to_the_waypoints_lasts_for_that_call_only(sandbox: Open) -> None:
    reward = sandbox("n = len(params['waypoints'])", "params['waypoints'].clear()", "return n")

    assert reward.call_batch([params()] * 3) == [4.0] * 3


def test_a_failing_state_does_not_spoil_the_others(sandbox: Open) -> None:
    reward = sandbox("return 1 / (params['steps'] - 1)")

    first, second, third = reward.call_batch([params(steps=0.0), params(steps=1.0), params(steps=2.0)])

    assert (first, third) == (-1.0, 1.0)
    assert isinstance(second, RewardError)
    assert (second.line, second.fault, second.params) == (2, RewardFault.EXCEPTION, params(steps=1.0))


UNUSABLE = {
    "empty": ("", RewardFault.SYNTAX, None),
    "no Python": ("def reward_function(params)\n    return 1\n", RewardFault.SYNTAX, 1),
    "another name": ("def reward(params):\n    return 1\n", RewardFault.SYNTAX, None),
    "raises on import": ("\n1 / 0\ndef reward_function(params):\n    return 1\n", RewardFault.IMPORT, 2),
    "no such module": ("import socket\ndef reward_function(params):\n    return 1\n", RewardFault.IMPORT, 1),
    "interrupts on import": ("def reward_function(params): ...\nraise KeyboardInterrupt\n", RewardFault.IMPORT, 2),
    "hangs on import": ("def reward_function(params): ...\nwhile True: pass\n", RewardFault.TIMEOUT, 2),
    "much memory on import": ("x = bytearray(1 << 40)\ndef reward_function(params): ...\n", RewardFault.IMPORT, 1),
    "exits on import": ("import os\nos._exit(0)\ndef reward_function(params): ...\n", RewardFault.DEATH, None),
    "too long": ("#" * 140_001, RewardFault.SYNTAX, None),
    "deep nesting": ("x = " + "(" * 100_000 + ")" * 100_000, RewardFault.SYNTAX, None),
}


@pytest.mark.parametrize(("text", "fault", "line"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_text_is_refused_with_kind_and_line(text: str, fault: RewardFault, line: int | None) -> None:
    with pytest.raises(RewardError) as caught:
        open_sandbox(text, limits=SandboxLimits(import_s=1.0))

    assert (caught.value.fault, caught.value.line) == (fault, line)


ENDED = {
    "endless loop": (["while params['steps']: pass", "return 1.0"], RewardFault.TIMEOUT, 2),
    "sleep": (["import time", "time.sleep(3600)"], RewardFault.TIMEOUT, 3),
    "endless loop in C": (["return sum(range(10 ** 12))"], RewardFault.TIMEOUT, None),
    "ignores signals": (
        ["import signal", "signal.signal(signal.SIGALRM, signal.SIG_IGN)", "while True: pass"],
        RewardFault.TIMEOUT,
        None,
    ),
    "memory": (["return len(bytearray(1 << 33))"], RewardFault.MEMORY, 2),
    "output": (["print('x' * 65_537)", "return 1.0"], RewardFault.OUTPUT, None),
    "endless output": (["while True: print('x' * 100)"], RewardFault.OUTPUT, None),
    "exit": (["import os", "os._exit(0)"], RewardFault.DEATH, None),
    "abort": (["import os", "os.abort()"], RewardFault.DEATH, None),
    "closed replies": (["import os", "os.closerange(0, 99)", "return 1.0"], RewardFault.DEATH, None),
    "garbage in reports": (["import os", "os.write(5, b'x' * 99)", "return 1.0"], RewardFault.PROTOCOL, None),
    "an answer too many": (["import os", "os.write(4, b'x' * 99)", "return 1.0"], RewardFault.PROTOCOL, None),
    "NaN without a reason": (
        ["import os, struct", "os.write(4, struct.pack('d', float('nan')))", "return 1.0"],
        RewardFault.PROTOCOL,
        None,
    ),
    "a reward beyond the limit": (
        ["import os, struct", "os.write(4, struct.pack('d', 1e9))", "return 1.0"],
        RewardFault.PROTOCOL,
        None,
    ),
}


@pytest.mark.parametrize(("lines", "fault", "line"), ENDED.values(), ids=ENDED.keys())
def test_what_goes_beyond_a_budget_ends_the_child(
    sandbox: Open, lines: list[str], fault: RewardFault, line: int | None
) -> None:
    reward = sandbox(*lines)

    error = failing(reward)

    assert (error.fault, error.line) == (fault, line)
    with pytest.raises(ProcessLookupError):
        os.kill(reward.pid, 0)
    assert failing(reward) is error


def test_memory_that_is_taken_bit_by_bit_ends_the_child(sandbox: Open) -> None:
    limits = SandboxLimits(memory_bytes=200 << 20, call_s=30.0)
    reward = sandbox("x = []", "while True: x.append(bytearray(1 << 20))", limits=limits)

    error = failing(reward)

    assert (error.fault, error.line) == (RewardFault.MEMORY, 3)


def test_an_answer_ahead_of_its_question_is_a_violation(sandbox: Open) -> None:
    reward = sandbox("import os", "os.write(4, b'12345678')", "return 1.0")

    found = next(error for error in (_try(reward) for _ in range(1_000)) if error is not None)

    assert found.fault is RewardFault.PROTOCOL


def _try(reward: SandboxedReward) -> RewardError | None:
    try:
        reward.call_batch([params()])
    except RewardError as err:
        return err
    return None


def test_slow_calls_of_a_batch_have_a_second_each(sandbox: Open) -> None:
    reward = sandbox("import time", "time.sleep(0.3)", "return 1.0", limits=SandboxLimits(call_s=0.8))

    assert reward.call_batch([params()] * 4) == [1.0] * 4


def test_the_state_of_a_call_that_hangs_is_told(sandbox: Open) -> None:
    reward = sandbox("while params['steps'] == 5: pass", "return 1.0", limits=SandboxLimits(call_s=0.5))

    with pytest.raises(RewardError) as caught:
        reward.call_batch([params(steps=float(i)) for i in range(8)])

    assert caught.value.params == params(steps=5.0)
    assert caught.value.line == 2


def test_a_child_that_is_killed_from_outside_ends_the_function_and_nothing_else(sandbox: Open) -> None:
    reward = sandbox("return 1.0")
    os.kill(reward.pid, signal.SIGKILL)

    error = failing(reward)

    assert error.fault is RewardFault.DEATH
    assert "SIGKILL" in str(error)


def test_prints_are_tied_to_car_episode_and_step(sandbox: Open) -> None:
    reward = sandbox("print('speed', params['speed'])", "return 1.0", n_cars=2)
    reward.begin(1)
    reward.begin(1)

    reward.call_batch([params(steps=4.0, speed=2.5)], [1])

    assert reward.take_printed() == [(1, 2, 4, "speed 2.5\n")]
    assert reward.take_printed() == []


def test_the_output_budget_begins_anew_with_each_episode(sandbox: Open) -> None:
    reward = sandbox("print('x' * 40_000)", "return 1.0")
    for _ in range(3):
        reward.begin(0)
        assert reward.call_batch([params()]) == [1.0]

    assert failing(reward).fault is RewardFault.OUTPUT


def test_the_output_of_all_episodes_together_is_bounded(sandbox: Open) -> None:
    reward = sandbox("print('x' * 40_000)", "return 1.0")
    for _ in range(26):
        reward.begin(0)
        reward.call_batch([params()])
    reward.begin(0)

    assert failing(reward).fault is RewardFault.OUTPUT


def test_what_is_printed_cannot_steer_a_terminal(sandbox: Open) -> None:
    reward = sandbox(r"print('\x1b[2J\r\0\u202e</script>')", "return 1.0")

    reward.call_batch([params()])

    assert reward.take_printed()[0].text == "\\x1b[2J\\r\\x00\\u202e</script>\n"


def test_notices_come_once(sandbox: Open) -> None:
    reward = sandbox("return True", n_cars=2)

    reward.call_batch([params()] * 4, [0, 1, 0, 1])

    assert len(reward.notices) == 1


def test_ctrl_c_while_a_call_is_under_way_ends_the_child(sandbox: Open) -> None:
    reward = sandbox("import time", "time.sleep(600)", limits=SandboxLimits(call_s=600.0))
    interrupt = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # xdist's workers ignore it
    interrupt.start()

    try:
        with pytest.raises(KeyboardInterrupt):
            reward.call_batch([params()])
    finally:
        signal.signal(signal.SIGINT, before)

    with pytest.raises(ProcessLookupError):
        os.kill(reward.pid, 0)


def test_values_that_are_not_plain_are_refused(sandbox: Open) -> None:
    with pytest.raises(TypeError, match="x: float64"):
        sandbox("return 1.0").call_batch([params(x=np.float64(1.0))])
