"""The run directory: everything a training leaves behind, as files that need no service to be read.

    spec.json                 the wish (TrainSpec)
    reward_function.py        the user's file, unchanged
    track/NAME/               the geometry that was driven
    evaluations/N/            what the command ``evaluate`` made: laps.json, trace.csv, laps.png, lap.mp4,
                              insight-LAP.json, objects.jsonl, actions.jsonl; of another track track.json, rows.csv;
                              of a race of two models also opponent.json (its TrainSpec), opponent.csv, opponent.png,
                              opponent.objects.jsonl, opponent.actions.jsonl
    opponent/                 in the directory of an evaluation: whom it races against, as a run directory
    trainer.log               what the trainer process printed; the service's runner cuts it at 16 MB
    initial/                  where a clone begins: the parent's policy.safetensors
    exports/STEPS/            a checkpoint for other programs: model.tar.gz, model.onnx, model.tflite, and beside each
                              NAME.export.json about its test (ExportReport)
    export.json               in the directory of an export: the wish (ExportSpec)
    evaluation.json           in the directory of an evaluation: the wish (EvaluateSpec)
    versions.json             program, packages and platform
    sandbox.json              what stood around the reward function
    metrics.jsonl             one row per policy update
    episodes.jsonl            one row per finished training episode (EpisodeSummary)
    evaluations.jsonl         one row per evaluation during training
    reward_prints.jsonl       what the reward function printed: episode, step, text
    reward_errors.jsonl       its failed calls: episode, step, line, message, params
    trace/training/N.csv      every step between the updates N and N + 1
    trace/evaluation/N.csv    every step of the evaluation after update N
    trace/*/N.objects.jsonl   beside a trace: what was on the road (ObjectsNotes), where anything was
    trace/*/N.actions.jsonl   beside a trace: starts and exact actions (ActionsNotes), to drive it again
    checkpoints/index.json    names of the best and the last checkpoint
    checkpoints/STEPS/        model.json, policy.safetensors; in the last also what resuming needs
    progress.json             what is happening now
    live.json                 where every car is, fifteen times a second
    frames/CAR.want, CAR.png  somebody asks for pictures of a car; the newest one of it
    result.json               how it ended (TrainResult); written last

Rows are appended at policy updates only, so that files and checkpoints always tell the same story.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deepracer_local.domain import EpisodeSummary, EvaluateSpec, ExportReport, ExportSpec, TrainResult, TrainSpec
from deepracer_local.errors import RunDirectoryError, RunNotFoundError
from deepracer_local.runs._files import read_json, write_bytes, write_json
from deepracer_local.runs._trace import TRACE_HEADER

WANT_FRAME_S = 3.0
APPENDED_FILES = ("metrics.jsonl", "episodes.jsonl", "evaluations.jsonl", "reward_prints.jsonl", "reward_errors.jsonl")


class RunDirectory:
    """The paths, the readers and the writers of one run directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_path = path / "spec.json"
        self.reward_path = path / "reward_function.py"
        self.tracks_path = path / "track"
        self.evaluations_path = path / "evaluations"
        self.log_path = path / "trainer.log"
        self.initial_policy_path = path / "initial" / "policy.safetensors"
        self.evaluate_spec_path = path / "evaluation.json"
        self.opponent_path = path / "opponent"
        self.exports_path = path / "exports"
        self.export_spec_path = path / "export.json"
        self.sandbox_path = path / "sandbox.json"
        self.versions_path = path / "versions.json"
        self.checkpoints_path = path / "checkpoints"
        self.result_path = path / "result.json"
        self.progress_path = path / "progress.json"

    def read_spec(self) -> TrainSpec:
        """Returns the wish.

        Raises:
            RunNotFoundError: the folder is no run.
            RunDirectoryError: it is damaged, or another version of the program wrote it.
        """
        if not self.spec_path.is_file():
            raise RunNotFoundError(f"Expected a run directory, but {self.path} holds no spec.json. Check the path.")
        try:
            return TrainSpec.model_validate(read_json(self.spec_path))
        except ValidationError as err:
            raise RunDirectoryError(
                f"Expected {self.spec_path} to be a training's specification, got: {err.errors()[0]['msg']} at "
                f"{err.errors()[0]['loc']}. Another version of the program may have written it."
            ) from err

    def write_spec(self, spec: TrainSpec) -> None:
        """Writes the wish."""
        write_json(self.spec_path, spec.model_dump(mode="json"))

    def read_evaluate_spec(self) -> EvaluateSpec:
        """Returns which laps to drive.

        Raises:
            RunDirectoryError: the file is missing or damaged.
        """
        try:
            return EvaluateSpec.model_validate(read_json(self.evaluate_spec_path))
        except ValidationError as err:
            raise RunDirectoryError(f"Expected {self.evaluate_spec_path} to say which laps to drive: {err}.") from err

    def read_export_spec(self) -> ExportSpec:
        """Returns which files to make of which checkpoint.

        Raises:
            RunDirectoryError: the file is missing or damaged.
        """
        try:
            return ExportSpec.model_validate(read_json(self.export_spec_path))
        except ValidationError as err:
            raise RunDirectoryError(f"Expected {self.export_spec_path} to say what to export: {err}.") from err

    def read_export_reports(self) -> list[ExportReport]:
        """Returns the report about each file that was made of a checkpoint, the oldest checkpoint first."""
        files = sorted(self.exports_path.glob("*/*.export.json"))
        return [ExportReport.model_validate(read_json(path)) for path in files]

    def read_result(self) -> TrainResult | None:
        """Returns how the training ended, or None while it has not."""
        return TrainResult.model_validate(read_json(self.result_path)) if self.result_path.exists() else None

    def write_result(self, result: TrainResult) -> None:
        """Writes how the training ended."""
        write_json(self.result_path, result.model_dump(mode="json"))

    def read_sandbox(self) -> dict[str, Any]:
        """Returns what stood around the reward function; empty where it never came to that."""
        sandbox: dict[str, Any] = read_json(self.sandbox_path) if self.sandbox_path.exists() else {}
        return sandbox

    def read_laps(self) -> dict[str, Any]:
        """Returns the newest ``laps.json`` that an evaluation wrote; empty where there is none."""
        files = sorted(self.evaluations_path.glob("*/laps.json"), key=lambda path: int(path.parent.name))
        laps: dict[str, Any] = read_json(files[-1]) if files else {}
        return laps

    def read_rows(self, name: str) -> list[dict[str, Any]]:
        """Returns the rows of one of the ``.jsonl`` files; an unfinished last line is left out."""
        path = self.path / name
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def read_episodes(self) -> list[EpisodeSummary]:
        """Returns the finished training episodes, oldest first."""
        return [EpisodeSummary.model_validate(row) for row in self.read_rows("episodes.jsonl")]

    def append_rows(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Appends rows to one of the ``.jsonl`` files."""
        if not rows:
            return
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row, allow_nan=False) + "\n" for row in rows))

    def write_trace(
        self,
        phase: str,
        iteration: int,
        rows: Sequence[str],
        objects: Sequence[dict[str, Any]] = (),
        actions: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Writes the steps of one iteration or evaluation.

        Args:
            phase: ``training`` or ``evaluation``.
            iteration: its number.
            rows: as ``trace_row`` makes them.
            objects: as ``ObjectsNotes`` makes them.
            actions: as ``ActionsNotes`` makes them.
        """
        folder = self.path / "trace" / phase
        folder.mkdir(parents=True, exist_ok=True)
        trace = folder / f"{iteration}.csv"
        for path, notes in ((objects_beside(trace), objects), (actions_beside(trace), actions)):
            if notes:  # first: whoever finds the trace finds them, too
                write_bytes(path, json_lines(notes))
        trace.write_text("\n".join([TRACE_HEADER, *rows, ""]), encoding="utf-8")

    def trace_files(self, phase: str) -> list[Path]:
        """Returns the trace files of ``phase``, oldest first."""
        return sorted((self.path / "trace" / phase).glob("*.csv"), key=lambda path: int(path.stem))

    def file_sizes(self) -> dict[str, int]:
        """Returns the present size of each appended file in bytes."""
        return {name: path.stat().st_size if path.exists() else 0 for name, path in self._appended()}

    def roll_back(self, sizes: dict[str, int], iterations: int) -> None:
        """Cuts off what was written after a checkpoint, before training goes on from it."""
        for name, path in self._appended():
            if path.exists():
                with path.open("r+b") as file:
                    file.truncate(sizes.get(name, 0))
        for phase, first in (("training", iterations), ("evaluation", iterations + 1)):
            for path in self.trace_files(phase):
                if int(path.stem) >= first:
                    path.unlink()
                    objects_beside(path).unlink(missing_ok=True)
                    actions_beside(path).unlink(missing_ok=True)
        self.result_path.unlink(missing_ok=True)

    def read_progress(self) -> dict[str, Any]:
        """Returns what is happening now; empty before the first step."""
        try:
            progress: dict[str, Any] = read_json(self.progress_path)
        except RunDirectoryError:
            return {}
        return progress

    def write_progress(self, progress: dict[str, Any]) -> None:
        """Replaces ``progress.json``."""
        # No fsync: it is rewritten several times a second and worth nothing after a crash.
        temporary = self.progress_path.with_name(".progress.json.tmp")
        temporary.write_text(json.dumps(progress), encoding="utf-8")
        temporary.replace(self.progress_path)

    def write_live(self, live: dict[str, Any]) -> None:
        """Replaces ``live.json``: what the cars are doing right now."""
        temporary = self.path / ".live.json.tmp"
        temporary.write_text(json.dumps(live), encoding="utf-8")
        temporary.replace(self.path / "live.json")

    def read_live(self) -> dict[str, Any]:
        """Returns what the cars were doing a moment ago; empty where nothing drives."""
        try:
            live: dict[str, Any] = json.loads((self.path / "live.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return live

    def want_frame(self, car: int) -> None:
        """Asks whoever drives for pictures of a car, for the next few seconds; in vain where nothing drives here."""
        with contextlib.suppress(OSError):
            self._frames_path.mkdir(exist_ok=True)
            (self._frames_path / f"{car}.want").touch()

    def wanted_frames(self) -> list[int]:
        """Returns the cars that somebody has lately asked for pictures of."""
        return sorted(int(path.stem) for path in self._frames_path.glob("*.want") if _is_fresh(path))

    def write_frame(self, car: int, png: bytes) -> None:
        """Replaces the newest picture of a car."""
        temporary = self._frames_path / f".{car}.png.tmp"
        temporary.write_bytes(png)
        temporary.replace(self._frames_path / f"{car}.png")

    def read_frame(self, car: int) -> bytes | None:
        """Returns the newest picture of a car, or None where none was made in the last seconds."""
        path = self._frames_path / f"{car}.png"
        try:
            return path.read_bytes() if _is_fresh(path) else None
        except OSError:
            return None

    @property
    def _frames_path(self) -> Path:
        return self.path / "frames"

    def _appended(self) -> Iterator[tuple[str, Path]]:
        return ((name, self.path / name) for name in APPENDED_FILES)


def objects_beside(trace: Path) -> Path:
    """Returns where the objects of a trace file are, if there were any; the names as of ``actions_beside``."""
    return trace.with_name("objects.jsonl" if trace.stem == "trace" else f"{trace.stem}.objects.jsonl")


def actions_beside(trace: Path) -> Path:
    """Returns where starts and exact actions of a trace file are; in an evaluation's folder they have no number."""
    return trace.with_name("actions.jsonl" if trace.stem == "trace" else f"{trace.stem}.actions.jsonl")


def json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    """Returns rows as a ``.jsonl`` file."""
    return "".join(json.dumps(row, allow_nan=False, separators=(",", ":")) + "\n" for row in rows).encode()


def _is_fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < WANT_FRAME_S
    except OSError:
        return False
