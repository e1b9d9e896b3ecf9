"""What the wall refuses. On a system that cannot put it up, these tests fail: that is what they are for."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deepracer_local.domain import SandboxOptions, SandboxPolicy
from deepracer_local.errors import RewardError, RewardFault, SandboxError
from deepracer_local.reward.sandbox import SandboxedReward, open_sandbox, try_wall
from deepracer_local.reward.sandbox._probes import PROBES
from deepracer_local.reward.sandbox._seccomp import AARCH64, X86_64, calls_of
from tests.integration.service import wait_until
from tests.unit.reward.states import in_process, params

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall is Linux's")

OLD_KERNEL = (sys.executable, str(Path(__file__).with_name("old_kernel.py")))
"""A prefix behind which seccomp and Landlock answer ENOSYS, as on a kernel without them."""
PROBE_TEXT = Path(sys.modules[open_sandbox.__module__].__file__ or "").with_name("_probes.py").read_text()

Open = Callable[..., SandboxedReward]


@pytest.fixture
def sandbox() -> Iterator[Open]:
    opened = []

    def open_one(text: str, **options: Any) -> SandboxedReward:
        reward = open_sandbox(textwrap.dedent(text), **options)
        opened.append(reward)
        return reward

    yield open_one
    for reward in opened:
        reward.close()


@pytest.fixture(scope="module")
def prober() -> Iterator[SandboxedReward]:
    reward = open_sandbox(PROBE_TEXT)
    yield reward
    reward.close()


def value(reward: SandboxedReward, **state: Any) -> float:
    [answer] = reward.call_batch([params(**state)])
    assert isinstance(answer, float), answer
    return answer


@pytest.mark.parametrize("probe", PROBES)
def test_an_attempt_to_get_out_is_refused(prober: SandboxedReward, probe: str) -> None:
    assert value(prober, probe=probe) == 1.0


def test_all_layers_but_landlock_are_demanded_and_stand(prober: SandboxedReward) -> None:
    assert prober.wall.is_up
    assert not [sentence for sentence in prober.wall.missing if not sentence.startswith("landlock")]


def test_the_self_test_finds_31_calls_and_nothing_else() -> None:
    report = try_wall()

    assert report.is_safe, report.sentence
    assert report.n_open_calls == 31
    assert "31 system calls" in report.sentence


def test_both_architectures_allow_the_same_calls() -> None:
    assert set(AARCH64.allowed) - {"ppoll"} | {"poll"} == set(X86_64.allowed)


def test_the_kernel_says_so_too(prober: SandboxedReward) -> None:
    status = Path(f"/proc/{prober.pid}/status").read_text()
    limits = {
        line[:26].strip(): line[26:].split()[0]
        for line in Path(f"/proc/{prober.pid}/limits").read_text().splitlines()[1:]
    }
    terminal = Path(f"/proc/{prober.pid}/stat").read_text().rpartition(")")[2].split()[4]

    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert "Threads:\t1" in status
    assert (limits["Max core file size"], limits["Max file size"], limits["Max processes"]) == ("0", "0", "0")
    assert int(limits["Max open files"]) <= 16
    assert int(limits["Max address space"]) == 512 << 20
    assert (os.getsid(prober.pid), terminal) == (prober.pid, "0")


def test_the_environment_is_empty(sandbox: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPRACER_LOCAL_S3_SECRET_KEY", "canary")
    text = """
        import os, ctypes
        def reward_function(params):
            getenv = ctypes.CDLL(None).getenv
            getenv.restype = ctypes.c_char_p
            return len(os.environ) + sum(getenv(name) is not None for name in (b"PATH", b"PYTHONHASHSEED"))
    """

    assert value(sandbox(text)) == 0.0


def test_no_descriptor_is_inherited_but_the_pipes(sandbox: Open, tmp_path: Path) -> None:
    table = calls_of(os.uname().machine)
    assert table is not None
    fstat = table.allowed["fstat"]
    text = f"""
        import ctypes
        libc, buffer = ctypes.CDLL(None), ctypes.create_string_buffer(256)
        def reward_function(params):
            is_open = [libc.syscall({fstat}, fd, buffer) == 0 for fd in range(1024)]
            return float(is_open.index(False) + 1000 * sum(is_open))
    """
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        reward = sandbox(text)

        assert value(reward) == 7.0 + 7000.0


def test_numeric_packages_work_behind_the_wall_and_give_the_same(sandbox: Open) -> None:
    text = textwrap.dedent("""
        import random
        import numpy as np
        from shapely.geometry import LineString, Point
        def reward_function(params):
            points = np.array(params["waypoints"])
            singular = np.linalg.svd(np.vander(points[:, 0], 4))[1].sum()
            fit = np.polyfit(points[:, 0], np.sin(points[:, 0]), 2)[0] + np.abs(np.fft.rfft(points[:, 0])).sum()
            drawn = np.random.default_rng(3).normal() + random.Random(3).random()
            return float(singular + fit + drawn + LineString(points).distance(Point(params["x"], params["y"])))
    """)

    assert value(sandbox(text)) == in_process(text).call(params())


def test_chance_is_the_same_for_the_same_seed(sandbox: Open) -> None:
    text = """
        import random
        import numpy as np
        def reward_function(params):
            return random.random() + np.random.rand() + len("".join({"a", "bc", "def", "ghij"}).split("a")[0])
    """

    first, again, other = (value(sandbox(text, seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_package_that_is_not_at_hand_is_named(sandbox: Open) -> None:
    reward = sandbox("def reward_function(params):\n    import socket\n    return 1.0\n")

    [error] = reward.call_batch([params()])

    assert isinstance(error, RewardError)
    assert error.line == 2
    assert "No module named 'socket'" in str(error)
    assert "docs/sandbox.md" in str(error)


def test_what_is_written_to_the_standard_streams_reaches_nobody(
    sandbox: Open, capfd: pytest.CaptureFixture[str]
) -> None:
    reward = sandbox("import os\ndef reward_function(params):\n    return os.write(1, b'x') + os.write(2, b'x')\n")

    assert value(reward) == 2.0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("act", ["while True: pass", "import time; time.sleep(3600)"])
def test_a_child_does_not_outlive_its_parent(act: str) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom deepracer_local.reward.sandbox import SandboxLimits, open_sandbox\n"
            f"text = 'def reward_function(params):\\n    {act}\\n'\n"
            "reward = open_sandbox(text, limits=SandboxLimits(call_s=600.0))\n"
            "print(reward.pid, flush=True)\nreward.call_batch([{}])\n",
        ],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    wait_until(lambda: not _is_running(child), "the end of the child")


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_without_a_wall_code_is_refused_where_it_is_required() -> None:
    with pytest.raises(SandboxError, match="seccomp"):
        open_sandbox(
            "def reward_function(params):\n    return 1.0\n",
            options=SandboxOptions(SandboxPolicy.REQUIRED, OLD_KERNEL),
        )


def test_without_a_wall_ones_own_code_runs_with_limits(sandbox: Open) -> None:
    options = SandboxOptions(SandboxPolicy.PREFERRED, OLD_KERNEL)
    reward = sandbox("def reward_function(params):\n    return len(bytearray(params['steps']))\n", options=options)

    assert not reward.wall.is_up
    assert {sentence.partition(":")[0] for sentence in reward.wall.missing} == {"landlock", "seccomp"}
    assert value(reward, steps=7) == 7.0
    with pytest.raises(RewardError) as caught:
        reward.call_batch([params(steps=1 << 34)])
    assert caught.value.fault is RewardFault.MEMORY


def test_the_self_test_of_a_system_without_a_wall_says_what_is_missing() -> None:
    report = try_wall(SandboxOptions(SandboxPolicy.PREFERRED, OLD_KERNEL))

    assert not report.is_safe
    assert {"read a file", "open a TCP socket", "start a process"} <= set(report.open_probes)
    assert report.n_open_calls is None
    assert "NOT confined" in report.sentence


def test_a_prefix_that_cannot_be_started_is_told() -> None:
    options = SandboxOptions(SandboxPolicy.PREFERRED, ("/nonexistent/bwrap",))

    with pytest.raises(SandboxError, match="/nonexistent/bwrap"):
        open_sandbox("def reward_function(params):\n    return 1.0\n", options=options)
    assert not try_wall(options).is_safe


def test_a_prefix_that_runs_something_else_is_told() -> None:
    with pytest.raises(SandboxError, match="prefix"):
        open_sandbox(
            "def reward_function(params):\n    return 1.0\n",
            options=SandboxOptions(SandboxPolicy.PREFERRED, (sys.executable, "-c", "print('hello')")),
        )
