"""The service's end: starts the child, hears it out under a deadline, and looks again at all that it says."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deepracer_local.domain import Network, SandboxOptions, SandboxPolicy
from deepracer_local.errors import ArchiveError, SandboxError
from deepracer_local.interop._frames import HEADER, MAX_JSON_BYTES, MAX_PART_BYTES, FrameKind
from deepracer_local.interop._layers import Form, Sensor, expected_shapes
from deepracer_local.interop._refusal import MAX_MEMBERS
from deepracer_local.interop._tensors import write_header
from deepracer_local.reward.sandbox.wall import LAYERS

PATIENCE_S = 60.0
_CHILD = Path(__file__).with_name("_child.py")
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Wall(_Said):
    layers: tuple[str, ...]
    missing: tuple[str, ...]


class _Members(_Said):
    sizes: dict[str, Annotated[int, Field(ge=0)]] = Field(max_length=MAX_MEMBERS)
    texts: dict[str, str] = Field(max_length=MAX_MEMBERS)


class _Fault(_Said):
    file: str = Field(max_length=4_000)
    reason: str = Field(max_length=4_000)


class FoundWeights(_Said):
    """Weights that were found, read and tried; their numbers are in a file beside.

    Attributes:
        source: the file in the archive.
        checkpoint: its name there; None for a frozen graph.
        network: whose weights they are.
        algorithm: what trained them.
        sensors: names and shapes of what is read, sorted by name.
        is_alone: whether one array is observed, else one for each sensor.
        n_outputs: actions, or dimensions of a continuous one.
        is_continuous: whether means come out.
        shapes: of each tensor.
    """

    source: str = Field(max_length=300)
    checkpoint: str | None = Field(pattern=r"^[0-9]{1,15}$")
    network: Network
    algorithm: Literal["clipped_ppo", "sac"]
    sensors: tuple[tuple[Annotated[str, Field(max_length=100)], tuple[int, ...]], ...] = Field(max_length=3)
    is_alone: bool
    n_outputs: int = Field(ge=1, le=1_000)
    is_continuous: bool
    shapes: dict[str, tuple[int, ...]]

    @property
    def form(self) -> Form:
        """What the weights are of, by what the process said."""
        sensors = tuple(Sensor(name, shape) for name, shape in self.sensors)
        network = self.network.value
        return Form(network, self.algorithm, sensors, self.is_alone, self.n_outputs, self.is_continuous)


@dataclass(slots=True)
class ArchiveContent:
    """What was read of an archive; nothing of it was run.

    Attributes:
        sizes: the bytes of every file, by name.
        texts: the content of those that are texts of ours, by name.
        weights: with the file that holds their numbers as safetensors.
        unusable: files of weights that are of no use here, each with its reason.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    weights: list[tuple[FoundWeights, Path]] = field(default_factory=list)
    unusable: dict[str, str] = field(default_factory=dict)


def read_archive(archive: IO[bytes], folder: Path, options: SandboxOptions) -> ArchiveContent:
    """Reads an archive in a process behind a wall; it is never unpacked.

    Args:
        archive: an open file; its descriptor is all that the process gets.
        folder: an empty one of the caller's, for the weights.
        options: of this machine; its prefix is for reward functions alone.

    Raises:
        ArchiveError: it is not safe, not whole, or too large; names the file in it.
        SandboxError: no process can be started, or no wall put up where one is required.
    """
    requests, lifeline = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-S", str(_CHILD), str(requests), *_package_folders()],
            stdin=archive.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(requests,),
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as err:
        os.close(lifeline)
        raise SandboxError(f"Expected to start a process that reads the archive, got: {err}.") from err
    finally:
        os.close(requests)
    try:
        return _Listener(process, folder, options).listen()
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        os.close(lifeline)


class _Listener:
    """Hears one child out. Nothing that it says is believed to be well formed."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, options: SandboxOptions) -> None:
        assert process.stdout is not None
        self._descriptor = process.stdout.fileno()
        self._process = process
        self._folder = folder
        self._options = options
        self._deadline = time.monotonic() + PATIENCE_S
        self._found = ArchiveContent()

    def listen(self) -> ArchiveContent:
        try:
            return self._listen()
        except (ValidationError, ValueError) as err:
            raise ArchiveError(
                "the archive: expected a model, but it made its reader say what it may not say."
            ) from err

    def _listen(self) -> ArchiveContent:
        self._agree_on_wall(_Wall.model_validate(self._json(FrameKind.WALL)))
        while True:
            kind, size = self._header()
            if kind == FrameKind.DONE:
                return self._found
            value = self._decoded(size)
            if kind == FrameKind.REFUSED:
                fault = _Fault.model_validate(value)
                raise ArchiveError(f"{fault.file}: {fault.reason}.", file=fault.file)
            if kind == FrameKind.MEMBERS:
                members = _Members.model_validate(value)
                self._found.sizes, self._found.texts = members.sizes, members.texts
            elif kind == FrameKind.UNUSABLE:
                fault = _Fault.model_validate(value)
                self._found.unusable[fault.file] = fault.reason
            elif kind == FrameKind.WEIGHTS and len(self._found.weights) < 2:
                self._take_weights(FoundWeights.model_validate(value))
            else:
                raise ValueError(f"a frame of the kind {kind}")

    def _agree_on_wall(self, found: _Wall) -> None:
        is_up = set(LAYERS) - {"landlock"} <= set(found.layers)
        if self._options.policy is SandboxPolicy.REQUIRED and not is_up:
            raise SandboxError(
                "Expected a wall around the process that reads archives, but this system cannot put it up: "
                f"{'; '.join(found.missing)}. Run on Linux 5.13 or later."
            )

    def _take_weights(self, about: FoundWeights) -> None:
        """Writes the numbers down as they come; each of them is finite."""
        form = about.form
        form.require_possible()
        form.require_size()
        expected = expected_shapes(form)
        if about.shapes != expected:
            raise ValueError("weights of another network than it says")
        path = self._folder / f"{len(self._found.weights)}.safetensors"
        with path.open("xb") as file:
            file.write(write_header({name: expected[name] for name in sorted(expected)}))
            left = 4 * sum(int(np.prod(shape)) for shape in expected.values())
            while left:
                kind, size = self._header()
                if kind != FrameKind.NUMBERS or not 0 < size <= min(left, MAX_PART_BYTES) or size % 4:
                    raise ValueError("another frame than numbers")
                part = self._read(size)
                if not np.isfinite(np.frombuffer(part, "<f4")).all():
                    raise ValueError("numbers that are none")
                file.write(part)
                left -= size
        self._found.weights.append((about, path))

    def _header(self) -> tuple[int, int]:
        kind, size = HEADER.unpack(self._read(HEADER.size))
        return kind, size

    def _json(self, expected: FrameKind) -> Any:
        kind, size = self._header()
        if kind != expected:
            raise ValueError("frames in another order")
        return self._decoded(size)

    def _decoded(self, size: int) -> Any:
        if size > MAX_JSON_BYTES:
            raise ValueError("more than anybody writes")
        return json.loads(self._read(size))

    def _read(self, count: int) -> bytes:
        return b"".join(self._parts(count))

    def _parts(self, count: int) -> Iterator[bytes]:
        while count:
            left_s = self._deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._descriptor], [], [], left_s)[0]:
                raise ArchiveError(
                    f"the archive: expected one that is read within {PATIENCE_S:g} s, this takes longer."
                )
            part = os.read(self._descriptor, min(count, 1 << 20))
            if not part:
                raise ArchiveError(
                    "the archive: expected a model, but the process that read it ended without an answer "
                    f"(exit code {self._process.wait()}): it took too much memory or time."
                )
            count -= len(part)
            yield part


def _package_folders() -> list[str]:
    """Returns where installed packages lie: the child looks there and in the standard library."""
    return [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
