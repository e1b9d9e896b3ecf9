"""Making the run directory of a claimed job, from what the job says and what the artifact store holds."""

from __future__ import annotations

from pathlib import Path

from deepracer_local.artifacts import ArtifactStore
from deepracer_local.domain import JobSpec
from deepracer_local.runs import RunDirectory, write_bytes, write_json
from deepracer_local.workers._versions import versions


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
    write_json(run.versions_path, versions())
    run.write_spec(spec.train)


def _inside(root: Path, relative: str) -> Path:
    target = (root / relative).resolve()
    if not target.is_relative_to(root.resolve()):
        raise AssertionError(f"a job's file {relative!r} leaves its run directory")
    return target
