"""Making the run directory of a claimed job, from what the job says and what the artifact store holds."""

from __future__ import annotations

import threading
from pathlib import Path

from deepracer_local.artifacts import ArtifactStore
from deepracer_local.domain import JobSpec
from deepracer_local.errors import StorageError
from deepracer_local.runs import RunDirectory, write_bytes, write_json
from deepracer_local.workers._versions import versions


class Preparation:
    """Makes a run directory in a thread: a store that keeps silent must not keep the runner from its other jobs.

    Attributes:
        error: what went wrong, or None; settled once ``is_over`` is true.
        is_store_away: whether it went wrong because the store as a whole cannot be used, not because of this job.
    """

    def __init__(self, run: RunDirectory, spec: JobSpec, store: ArtifactStore) -> None:
        self.error: Exception | None = None
        self.is_store_away = False
        self._thread = threading.Thread(target=self._work, args=(run, spec, store), daemon=True)
        self._thread.start()

    def is_over(self) -> bool:
        """Returns whether the directory is made, or will not be."""
        return not self._thread.is_alive()

    def _work(self, run: RunDirectory, spec: JobSpec, store: ArtifactStore) -> None:
        try:
            prepare(run, spec, store)
        except StorageError as err:
            self.error = err
            self.is_store_away = _is_away(store)
        except Exception as err:  # noqa: BLE001  # whoever started this thread reports it
            self.error = err


def prepare(run: RunDirectory, spec: JobSpec, store: ArtifactStore) -> None:
    """Writes the files of ``spec`` into ``run``; what is there already is left alone.

    Raises:
        StorageError: the store cannot be reached.
        NotFoundError: a file is not in it.
    """
    run.path.mkdir(parents=True, exist_ok=True)
    for file in spec.files:
        target = _inside(run.path, file.path)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with store.open(file.key) as source:
                write_bytes(target, source.read())
    if spec.checkpoint_index is not None:
        write_json(run.checkpoints_path / "index.json", spec.checkpoint_index)
    if spec.evaluate is not None:
        write_json(run.evaluate_spec_path, spec.evaluate.model_dump(mode="json"))
    if spec.export is not None:
        write_json(run.export_spec_path, spec.export.model_dump(mode="json"))
    write_json(run.versions_path, versions())
    run.write_spec(spec.train)


def _is_away(store: ArtifactStore) -> bool:
    try:
        store.check()
    except StorageError:
        return True
    return False


def _inside(root: Path, relative: str) -> Path:
    target = (root / relative).resolve()
    if not target.is_relative_to(root.resolve()):
        raise AssertionError(f"a job's file {relative!r} leaves its run directory")
    return target
