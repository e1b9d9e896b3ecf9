"""Which files the artifact store holds, and whose they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from deepracer_local.db._models import lock_model
from deepracer_local.db._nouns import Artifact, NewArtifact
from deepracer_local.db._rows import Row, all_rows, check_id, new_id, one_row, row_or_none, without
from deepracer_local.db._schema import ARTIFACTS, JOBS, MODELS, OPEN_STATES
from deepracer_local.db._store import Store
from deepracer_local.db._transitions import lock_attempt
from deepracer_local.errors import ConflictError

_AT_ONCE = 500


class Artifacts:
    """The rows that name artifacts; the bytes are in the artifact store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, job_id: str, attempt: int, *, name: str, key: str, size: int, sha256: str, kind: str) -> Artifact:
        """Writes down what an attempt has stored; the same again gives the same row.

        Raises:
            StaleAttemptError: the attempt is not the running one.
            ConflictError: the key stands for other bytes.
        """
        with self._store.write() as connection:
            job = lock_attempt(connection, job_id, attempt)
            artifact = _Candidate(self._store, job["owner"], job["model_id"], job_id, attempt)
            return artifact.write(connection, name, key, size, sha256, kind)

    def add(self, owner: str, model_id: str, *, name: str, key: str, size: int, sha256: str, kind: str) -> Artifact:
        """Writes down what belongs to a model without a job: its reward function, an import.

        Raises:
            NotFoundError: the model does not exist, or is another owner's.
            ConflictError: the key stands for other bytes.
        """
        with self._store.write() as connection:
            lock_model(connection, owner, model_id)
            artifact = _Candidate(self._store, owner, model_id, None, None)
            return artifact.write(connection, name, key, size, sha256, kind)

    def list(self, model_id: str, kind: str | None = None) -> Sequence[Artifact]:
        """Returns a model's artifacts, oldest first."""
        check_id("model", model_id)
        query = select(ARTIFACTS).where(ARTIFACTS.c.model_id == model_id).order_by(ARTIFACTS.c.number)
        if kind is not None:
            query = query.where(ARTIFACTS.c.kind == kind)
        with self._store.read() as connection:
            return [_to_artifact(row) for row in all_rows(connection.execute(query))]

    def newest(self, model_id: str, names: Collection[str], *, job_id: str | None = None) -> dict[str, Artifact]:
        """Returns a model's artifacts of these names by name, of several with one name the newest.

        Args:
            model_id: whose they are.
            names: those that nothing is known of are left out.
            job_id: only what this job has left; None for any.
        """
        check_id("model", model_id)
        found: dict[str, Artifact] = {}
        with self._store.read() as connection:
            for some in _portions(names):
                query = select(ARTIFACTS).where(ARTIFACTS.c.model_id == model_id, ARTIFACTS.c.name.in_(some))
                if job_id is not None:
                    query = query.where(ARTIFACTS.c.job_id == job_id)
                for row in all_rows(connection.execute(query.order_by(ARTIFACTS.c.number))):
                    found[row["name"]] = _to_artifact(row)
        return found

    def remove(self, model_id: str, keys: Collection[str]) -> None:
        """Forgets artifacts of a model; those that are unknown are left out."""
        check_id("model", model_id)
        with self._store.write() as connection:
            for some in _portions(keys):
                here = ARTIFACTS.c.model_id == model_id
                connection.execute(delete(ARTIFACTS).where(here, ARTIFACTS.c.key.in_(some)))

    def known(self, keys: Collection[str]) -> set[str]:
        """Returns those of the keys that are pointed to: by a row, a model's specification or an unfinished job's."""
        wanted = set(keys)
        found: set[str] = set()
        with self._store.read() as connection:
            for some in _portions(wanted):
                found.update(connection.execute(select(ARTIFACTS.c.key).where(ARTIFACTS.c.key.in_(some))).scalars())
            for reward_key, spec in connection.execute(select(MODELS.c.reward_key, MODELS.c.spec)):
                found.update({reward_key, *_inputs(spec.get("job", {}))} & wanted)
            for spec in connection.execute(select(JOBS.c.spec).where(JOBS.c.state.in_(OPEN_STATES))).scalars():
                found.update(_inputs(spec) & wanted)
        return found

    def needed(self, keys: Collection[str]) -> set[str]:
        """Returns those of the keys that must stay: the known ones, and all that an unfinished job has stored so far.

        What a running job is just storing has no pointer yet, however long that takes.
        """
        with self._store.read() as connection:
            unfinished = set(connection.execute(select(JOBS.c.id).where(JOBS.c.state.in_(OPEN_STATES))).scalars())
        return self.known(keys) | {key for key in keys if _job_of(key) in unfinished}

    def usage(self, owner: str) -> dict[str, int]:
        """Returns the bytes that somebody's artifacts take, by kind."""
        query = select(ARTIFACTS.c.kind, func.sum(ARTIFACTS.c.size)).where(ARTIFACTS.c.owner == owner)
        with self._store.read() as connection:
            rows = connection.execute(query.group_by(ARTIFACTS.c.kind).order_by(ARTIFACTS.c.kind))
            return {kind: int(size) for kind, size in rows}


class _Candidate:
    """An artifact of somebody, about to be written."""

    def __init__(self, store: Store, owner: str, model_id: str, job_id: str | None, attempt: int | None) -> None:
        self._store = store
        self._row = {"owner": owner, "model_id": model_id, "job_id": job_id, "attempt": attempt}

    def write(self, connection: Connection, name: str, key: str, size: int, sha256: str, kind: str) -> Artifact:
        same = select(ARTIFACTS).where(ARTIFACTS.c.model_id == self._row["model_id"], ARTIFACTS.c.key == key)
        row = row_or_none(connection.execute(same))
        if row is None:
            new = {"name": name, "key": key, "size": size, "sha256": sha256, "kind": kind}
            now = self._store.now(connection)
            statement = insert(ARTIFACTS).values(id=new_id(), created_at=now, **self._row, **new)
            row = one_row(connection.execute(statement.returning(ARTIFACTS)))
        if (row["size"], row["sha256"]) != (size, sha256):
            raise ConflictError(
                f"Expected {key} to be {row['size']} bytes with SHA-256 {row['sha256']}, got {size} bytes with "
                f"{sha256}. Store other bytes under another key."
            )
        return _to_artifact(row)


def insert_artifact(
    connection: Connection, store: Store, owner: str, model_id: str, job_id: str, artifact: NewArtifact
) -> None:
    """Writes down what a job that is over has brought."""
    candidate = _Candidate(store, owner, model_id, job_id, None)
    candidate.write(connection, artifact.name, artifact.key, artifact.size, artifact.sha256, artifact.kind)


def _to_artifact(row: Row) -> Artifact:
    return Artifact.model_validate(without(row, "number"))


def _inputs(spec: Mapping[str, Any]) -> set[str]:
    """Returns the keys of the files that a job's specification names."""
    return {file["key"] for file in spec.get("files", [])}


def _job_of(key: str) -> str | None:
    """Returns the job below whose folder a key lies, None for another key."""
    kind, _, rest = key.partition("/")
    return rest.partition("/")[0] if kind == "jobs" else None


def _portions(keys: Collection[str]) -> list[list[str]]:
    """Returns the keys in portions that are small enough for one statement."""
    ordered = sorted(set(keys))
    return [ordered[i : i + _AT_ONCE] for i in range(0, len(ordered), _AT_ONCE)]
