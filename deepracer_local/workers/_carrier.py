"""Carrying a run directory away while it grows: rows and lines into the database, files into the artifact store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
from pathlib import Path

from deepracer_local.artifacts import ArtifactStore, Manifest, StoredArtifact, keys, write_manifest
from deepracer_local.db import Artifact, Database
from deepracer_local.errors import NotFoundError, StorageError
from deepracer_local.runs import (
    APPENDED_FILES,
    POLICY_FILE,
    CheckpointIndex,
    Checkpoints,
    LogFollower,
    RunDirectory,
    objects_beside,
)

log = logging.getLogger(__name__)

_ROWS_PER_CALL = 500
_FINISHED_FILES = {
    "learning.png": "image/png",
    "result.json": "application/json",
    "trainer.log": "text/plain; charset=utf-8",
    "versions.json": "application/json",
    "spec.json": "application/json",
    "sandbox.json": "application/json",
    "reward_prints.jsonl": "application/x-ndjson",
    "reward_errors.jsonl": "application/x-ndjson",
}
_GROWING_FILES = ("reward_prints.jsonl", "reward_errors.jsonl")
_GROWTH = 1.1
_MOST_GROWING_BYTES = 4_000_000
"""What is larger is carried at the end only: an attempt is not to spend its time on prints."""
_TYPES = {
    ".png": "image/png",
    ".mp4": "video/mp4",
    ".csv": "text/csv",
    ".json": "application/json",
    ".gz": "application/gzip",
    ".jsonl": "application/x-ndjson",
}


class Carrier:
    """Follows one attempt's run directory. All that it writes carries the attempt's number.

    Law: rows arrive in order and once; a file is carried when it will not change any more.
    """

    def __init__(
        self,
        database: Database,
        store: ArtifactStore,
        run: RunDirectory,
        *,
        job_id: str,
        attempt: int,
        is_training: bool,
    ) -> None:
        self._database = database
        self._store = store
        self._run = run
        self._job_id = job_id
        self._attempt = attempt
        self._offsets = dict.fromkeys(APPENDED_FILES, 0)
        self._log = LogFollower(run.log_path)
        self._carried: set[str] = set()
        self._carried_checkpoints: set[str] = set()
        self._is_training = is_training
        self._growing: dict[str, Artifact] = {}
        self._pointers: tuple[str | None, str | None] = (None, None)

    def carry(self) -> None:
        """Carries what is new.

        Raises:
            StaleAttemptError: the attempt is no longer the running one.
            StorageError: database or store cannot be reached; the next call tries again.
        """
        self._carry_log(is_over=False)
        self._carry_rows()
        if self._is_training:
            self._carry_checkpoints()
            self._carry_growing()
        self._carry_traces(is_over=False)

    def finish(self) -> None:
        """Carries the rest, once the process has ended."""
        self._carry_log(is_over=True)
        self._carry_rows()
        if self._is_training:
            self._carry_checkpoints()
        self._carry_traces(is_over=True)
        for name, content_type in _FINISHED_FILES.items():
            path = self._run.path / name
            if path.exists():
                self._put(path, name, kind="log" if name == "trainer.log" else "result", content_type=content_type)
        for path in sorted(self._run.evaluations_path.glob("*/*")):
            name = f"evaluations/{path.parent.name}/{path.name}"
            self._put(path, name, kind="evaluation", content_type=_TYPES.get(path.suffix, "application/octet-stream"))
        for path in sorted(self._run.exports_path.glob("*/[!.]*")):
            name = f"exports/{path.parent.name}/{path.name}"
            self._put(path, name, kind="export", content_type=_TYPES.get(path.suffix, "application/octet-stream"))

    def prune(self, model_id: str) -> None:
        """Forgets what the run directory has let go: checkpoints that are neither best, last nor every n-th.

        Of those that stay, only the last keeps what resuming needs. What a waiting or running evaluation drives with
        stays in the store, as does what cannot be removed now; a clean-up takes it later.
        """
        checkpoints = Checkpoints(self._run.checkpoints_path)
        kept = {
            f"checkpoints/{name}/{path.name}"
            for name in checkpoints.names()
            for path in (checkpoints.directory / name).iterdir()
        }
        stored = self._database.artifacts.list(model_id, "checkpoint")
        doomed = [artifact.key for artifact in stored if artifact.name not in kept]
        self._database.artifacts.remove(model_id, doomed)
        free = sorted(set(doomed) - self._database.artifacts.known(doomed))
        # Beside the runner's work: a store that keeps silent would keep it from its other jobs.
        threading.Thread(target=self._delete, args=(free,), daemon=True).start()

    def _delete(self, free: list[str]) -> None:
        try:
            for key in free:
                self._store.delete(key)
        except StorageError as err:
            log.warning("artifacts.kept", extra={"job_id": self._job_id, "error": str(err)})

    def _carry_log(self, *, is_over: bool) -> None:
        self._database.logs.append(self._job_id, self._attempt, self._log.new_lines(is_over=is_over))
        self._log.move_on()

    def _carry_rows(self) -> None:
        progress = self._database.progress
        writers = {
            "metrics.jsonl": progress.append_metrics,
            "episodes.jsonl": progress.append_episodes,
            "evaluations.jsonl": progress.append_evaluations,
        }
        for name, append in writers.items():
            lines = self._new_lines(name)
            for start in range(0, len(lines), _ROWS_PER_CALL):
                batch = lines[start : start + _ROWS_PER_CALL]
                append(self._job_id, self._attempt, [json.loads(line) for line in batch])
                # Only now: rows that the database could not take are brought again.
                self._offsets[name] += sum(map(len, batch))

    def _new_lines(self, name: str) -> list[bytes]:
        """Returns the complete lines behind those that the database has."""
        path = self._run.path / name
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._offsets[name])
            content = file.read()
        return content[: content.rfind(b"\n") + 1].splitlines(keepends=True)

    def _carry_checkpoints(self) -> None:
        checkpoints = Checkpoints(self._run.checkpoints_path)
        for name in checkpoints.names():
            if name not in self._carried_checkpoints:
                # The trainer may replace it by a newer one at any moment.
                with contextlib.suppress(FileNotFoundError, NotFoundError):
                    self._carry_checkpoint(name, checkpoints.directory / name)
        self._point_to(checkpoints.index())

    def _carry_checkpoint(self, name: str, folder: Path) -> None:
        """Puts the files of a checkpoint and then, last, the manifest that says they are all there."""
        hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
        prefix = keys.checkpoint_folder(self._job_id, self._attempt, int(name), hashes[POLICY_FILE])
        stored = {file: self._store.put(f"{prefix}/{file}", folder / file) for file in hashes}
        write_manifest(self._store, keys.manifest_of(prefix), Manifest.of(stored))
        for file, artifact in stored.items():
            self._record(f"checkpoints/{name}/{file}", artifact, kind="checkpoint")
        self._carried_checkpoints.add(name)

    def _point_to(self, index: CheckpointIndex) -> None:
        """Names the best and the last checkpoint in the database, once their files are in the store."""
        best, last = (name if name in self._carried_checkpoints else None for name in (index.best, index.last))
        if (best, last) == (None, None) or (best, last) == self._pointers:
            return
        lap = self._run.read_progress().get("best_lap_time_s")
        self._database.models.set_result(
            self._job_id, self._attempt, best_checkpoint=best, last_checkpoint=last, best_lap_time_s=lap
        )
        self._pointers = (best, last)

    def _carry_traces(self, *, is_over: bool) -> None:
        for phase in ("training", "evaluation"):
            files = self._run.trace_files(phase)
            # The trainer writes a trace file in one go, but the newest may be under its pen.
            for path in files if is_over else files[:-1]:
                objects = objects_beside(path)
                if objects.exists():
                    name = f"trace/{phase}/{objects.name}"
                    self._put(objects, name, kind="trace-objects", content_type="application/x-ndjson")
                self._put(path, f"trace/{phase}/{path.name}", kind="trace", content_type="text/csv")

    def _carry_growing(self) -> None:
        """Carries what the reward function has printed so far, and where it failed.

        Such a file is carried again when it has grown by a tenth, in place of what was there: all that is written for
        it stays below eleven times its size.
        """
        for name in _GROWING_FILES:
            path = self._run.path / name
            size = path.stat().st_size if path.exists() else 0
            before = self._growing.get(name)
            if not 0 < size <= _MOST_GROWING_BYTES or (before is not None and size < _GROWTH * before.size):
                continue
            content = path.read_bytes()
            content = content[: content.rfind(b"\n") + 1]
            key = keys.content_file(self._job_id, self._attempt, hashlib.sha256(content).hexdigest(), name)
            stored = self._store.put(key, content, content_type=_FINISHED_FILES[name])
            self._take_place(name, self._record(name, stored, kind="result"))

    def _take_place(self, name: str, newer: Artifact) -> None:
        """Lets a version of a growing file go, now that there is a newer one."""
        older = self._growing.get(name)
        self._growing[name] = newer
        if older is not None and older.key != newer.key:
            self._database.artifacts.remove(older.model_id, [older.key])
            self._delete([older.key])

    def _put(self, path: Path, name: str, *, kind: str, content_type: str = "application/octet-stream") -> None:
        if name in self._carried:
            return
        key = keys.content_file(self._job_id, self._attempt, _sha256(path), name)
        artifact = self._record(name, self._store.put(key, path, content_type=content_type), kind=kind)
        self._carried.add(name)
        if name in self._growing:
            self._take_place(name, artifact)

    def _record(self, name: str, stored: StoredArtifact, *, kind: str) -> Artifact:
        return self._database.artifacts.record(
            self._job_id, self._attempt, name=name, key=stored.key, size=stored.size, sha256=stored.sha256, kind=kind
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
