"""Routes about reward functions: check one, list the examples."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._fields import Text, TrackName, track_named
from deepracer_local.api._services import Kit
from deepracer_local.reward import list_examples

router = APIRouter(prefix="/reward-functions", tags=["reward functions"])

MAX_REPORT_BYTES = 1_000_000
_MAX_FILE_BYTES = 64_000_000
_MAX_MEMORY_BYTES = 4_000_000_000
_NICE = 10


class CheckRequest(BaseModel):
    """A reward function to try."""

    model_config = ConfigDict(extra="forbid")

    reward_function: Text = Field(max_length=140_000, description="the source text")
    track: TrackName = "reinvent_2018"


class CheckAnswer(BaseModel):
    """What was found; usable unless one of the findings is an error."""

    usable: bool
    findings: list[dict[str, Any]]
    calls: int
    min_reward: float | None
    mean_reward: float | None
    max_reward: float | None
    microseconds_per_call: float | None


class ExampleView(BaseModel):
    """A shipped reward function."""

    name: str
    title: str
    text: str


class ExampleList(BaseModel):
    """All shipped reward functions."""

    examples: list[ExampleView]


@router.get("/examples")
def examples(_: Reader, kit: Kit) -> ExampleList:
    """Lists the shipped reward functions."""
    with kit.parsing:
        found = list_examples()
    return ExampleList(examples=[ExampleView(name=e.name, title=e.title, text=e.text) for e in found])


@router.post("/check")
async def check(_: Writer, kit: Kit, body: CheckRequest) -> CheckAnswer:
    """Tries a reward function on a few hundred states of a track, in a process of its own.

    Two are tried at the same time, the others wait their turn.
    """
    return await kit.check_turns.run(partial(_check, kit, body))


def _check(kit: Kit, body: CheckRequest) -> CheckAnswer:
    track = track_named(body.track, kit)
    with tempfile.TemporaryDirectory() as folder:
        file, report_file = Path(folder) / "reward_function.py", Path(folder) / "report.json"
        file.write_text(body.reward_function, encoding="utf-8")
        command = [sys.executable, "-m", "deepracer_local", "reward", "check", str(file), "--track", track.name]
        # Into a file: code that prints without end would fill the memory of a process that listens.
        with report_file.open("wb") as output:
            process = subprocess.Popen(
                [*command, "--json"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=_environment(kit, folder),
                start_new_session=True,
            )
        try:
            _limit(process.pid)
            process.wait(kit.check_timeout_s)
        except subprocess.TimeoutExpired:
            return _hopeless(f"it did not finish within {kit.check_timeout_s:g} s. Look for a loop that never ends.")
        finally:
            _kill_all(process)
        with report_file.open("rb") as output:
            return _answer(output.read(MAX_REPORT_BYTES), str(file))


def _answer(content: bytes, file: str) -> CheckAnswer:
    try:
        report = json.loads(content)
    except ValueError:
        return _hopeless("the process that tried it died. Look for code that ends the process or needs much memory.")
    if "findings" not in report:
        return _hopeless(str(report.get("message", "it could not be tried.")).replace(file, "reward_function.py"))
    for finding in report["findings"]:
        finding["message"] = finding["message"].replace(file, "reward_function.py")
    return CheckAnswer(**{key: report[key] for key in CheckAnswer.model_fields})


def _environment(kit: Kit, folder: str) -> dict[str, str]:
    """Returns all that the trying process gets: no credential; where uploaded tracks are is no secret."""
    return {"PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8", "DEEPRACER_LOCAL_DATA_DIR": str(kit.data_dir)}


def _limit(pid: int) -> None:
    """Keeps a process behind the API and bounds what it may take of the machine."""
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
        if sys.platform == "linux":
            import resource  # noqa: PLC0415  # not on Windows

            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_MAX_FILE_BYTES, _MAX_FILE_BYTES))
            resource.prlimit(pid, resource.RLIMIT_DATA, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _hopeless(message: str) -> CheckAnswer:
    finding = {"kind": "TEST_FAILURE", "line": None, "column": None, "message": message, "params": None}
    return CheckAnswer(
        usable=False,
        findings=[finding],
        calls=0,
        min_reward=None,
        mean_reward=None,
        max_reward=None,
        microseconds_per_call=None,
    )
