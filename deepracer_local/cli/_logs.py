"""``deepracer-local logs``: traces, metrics and logs in the original's formats, for the community's tools."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from deepracer_local.artifacts import ArtifactStore
from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._service import Json, resolve, service
from deepracer_local.cli._store import open_url
from deepracer_local.errors import ConflictError, RunNotFoundError, SpecError
from deepracer_local.runs import RunDirectory
from deepracer_local.settings import Settings
from deepracer_local.simlog import (
    Layout,
    LogFile,
    evaluation_files,
    evaluations_of,
    tar_gz,
    training_files,
    training_of,
    write_folder,
)

app = typer.Typer(add_completion=False)


class Part(StrEnum):
    """What the files are of."""

    TRAINING = "training"
    EVALUATIONS = "evaluations"


@app.command()
def logs(
    source: Annotated[str, typer.Argument(help="A run directory; with --service a model's name or id.")],
    layout: Annotated[Layout, typer.Option(help="console: AWS's console; drfc: DeepRacer-for-Cloud.")] = Layout.CONSOLE,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="A folder, a FILE.tar.gz, or s3://BUCKET/PREFIX; else a folder.")
    ] = None,
    of_service: Annotated[bool, typer.Option("--service", help="Of a model of the service.")] = False,
    only: Annotated[Part | None, typer.Option(help="training or evaluations; else both.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Write traces, metrics and logs of a training and of its evaluations in the original's formats."""
    target = out or f"{PurePosixPath(source).name or 'run'}-logs"
    n_files, size = 0, 0
    opened = (
        _files_of_model(source, layout, only, as_json=as_json) if of_service else _files_of_run(source, layout, only)
    )
    with opened as files, messages().status("") as status:
        for file in _write(files, target, force=force):
            n_files, size = n_files + 1, size + file.size
            status.update(f"{n_files} files, {size / 1e6:.1f} MB: {file.path}")
    found = {"out": target, "layout": layout.value, "files": n_files, "bytes": size}
    if as_json:
        print_json(found)
    else:
        typer.echo(f"{n_files} files, {size / 1e6:.1f} MB, in the layout {layout.value}: {target}")


@contextmanager
def _files_of_run(path: str, layout: Layout, only: Part | None) -> Iterator[Iterator[LogFile]]:
    run = RunDirectory(Path(path))
    training: Iterable[LogFile] = ()
    evaluations: Iterable[LogFile] = ()
    if only is not Part.EVALUATIONS:
        training = training_files(training_of(run), layout)
    if only is not Part.TRAINING:
        driven = evaluations_of(run)
        if only is Part.EVALUATIONS and not driven:
            raise RunNotFoundError(f"Expected a run with an evaluation, but none has been driven in {path}.")
        evaluations = evaluation_files(driven, layout, with_model=only is Part.EVALUATIONS)
    yield chain(training, evaluations)


@contextmanager
def _files_of_model(name: str, layout: Layout, only: Part | None, *, as_json: bool) -> Iterator[Iterator[LogFile]]:
    with tempfile.TemporaryDirectory() as folder:
        kind = "evaluation" if only is Part.EVALUATIONS else "training"
        archive = Path(folder) / "logs.tar.gz"
        with service(as_json=as_json) as client:
            handle = client.model(resolve(client, name))
            handle.save_logs(archive, kind, layout=layout.value, evaluations=only is None)
        with tarfile.open(archive, mode="r|gz") as tar:
            yield _unpacked(tar)


def _unpacked(tar: tarfile.TarFile) -> Iterator[LogFile]:
    """Yields the files of an archive without the folder that they are in."""
    for member in tar:
        content = tar.extractfile(member)
        parts = PurePosixPath(member.name).parts[1:]
        if content is None or not parts or ".." in parts:
            raise SpecError(f"Expected plain files in the service's archive, got {member.name!r}. Update the service.")
        yield LogFile("/".join(parts), content, member.size)


def _write(files: Iterator[LogFile], target: str, *, force: bool) -> Iterator[LogFile]:
    """Writes the files and yields each when it is written, or is about to be.

    Raises:
        SpecError: something is at the target already.
        ConflictError: other bytes are in the bucket under the name of a file.
    """
    if target.startswith("s3://"):
        return _write_bucket(files, open_url(Settings(), target), force=force)
    path = Path(target)
    if path.exists() and not force and not (path.is_dir() and not any(path.iterdir())):
        raise SpecError(
            f"--out: expected a new place, but {path} is there. Choose another, or add --force.", field="out"
        )
    return _write_archive(files, path) if target.endswith(".tar.gz") else write_folder(files, path)


def _write_archive(files: Iterator[LogFile], path: Path) -> Iterator[LogFile]:
    seen: list[LogFile] = []

    def noted() -> Iterator[LogFile]:
        for file in files:
            seen.append(file)
            yield file

    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as archive:
        for piece in tar_gz(noted(), path.name.removesuffix(".tar.gz")):
            archive.write(piece)
            yield from seen
            seen.clear()
    yield from seen
    draft.replace(path)


def _write_bucket(files: Iterator[LogFile], store: ArtifactStore, *, force: bool) -> Iterator[LogFile]:
    for file in files:
        with tempfile.NamedTemporaryFile() as copy:
            shutil.copyfileobj(file.content, copy)
            copy.flush()
            path = Path(copy.name)
            try:
                store.put(file.path, path)
            except ConflictError as err:
                if not force:
                    raise ConflictError(
                        f"Expected room for {file.path} in the bucket, but another file of that name is there. "
                        "Choose another prefix, or add --force."
                    ) from err
                store.delete(file.path)
                store.put(file.path, path)
        yield file
