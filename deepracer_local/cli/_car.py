"""``deepracer-local car ...``: physical cars."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from deepracer_local.car import SUFFIX, Car, CarArchive, Pushed, Trust, read_archive, read_password
from deepracer_local.car import push as push_to
from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._service import Json, resolve, service
from deepracer_local.errors import SpecError
from deepracer_local.settings import Settings

app = typer.Typer(help="Send a model to a physical car.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Send a model to a physical car."""


@app.command()
def push(
    host: Annotated[str, typer.Argument(help="The car's address: 192.168.1.7, car.local, HOST:PORT.")],
    archive: Annotated[Path | None, typer.Argument(help="The archive for the car, NAME.tar.gz.")] = None,
    model: Annotated[str | None, typer.Option(help="Instead of an archive: a model of the service.")] = None,
    checkpoint: Annotated[str, typer.Option(help="Of the model: best, last, or a name.")] = "best",
    name: Annotated[
        str | None, typer.Option(help="What the model is called on the car; else as file or model.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password of the car's page in its first line.")
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="SHA-256 of the car's certificate; only it is trusted.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Trust whoever answers; it gets the password.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a model of that name on the car.")] = False,
    select: Annotated[bool, typer.Option(help="Load the model, so that the car can drive with it.")] = True,
    as_json: Json = False,
) -> None:
    """Upload a model to a car, make sure that the car has installed it, and select it."""
    trust = Trust.of(fingerprint, is_blind=insecure)
    opened = _archive_of(archive, model, checkpoint=checkpoint, name=name, as_json=as_json)
    with opened as chosen, Car(host, trust) as car:
        if insecure:
            messages().print(f"the certificate of {host} is not checked: whoever answers there gets the password")
        car.log_in(_password(password_file, host))
        pushed = _push(car, chosen, replace=replace, select=select)
    if as_json:
        print_json({"car": host, **asdict(pushed)})
    else:
        done = "installed and selected" if pushed.is_selected else "installed, not selected"
        typer.echo(f"{pushed.name}: {done} on {host}" + (", in place of the old one" if pushed.has_replaced else ""))


@contextmanager
def _archive_of(
    path: Path | None, model: str | None, *, checkpoint: str, name: str | None, as_json: bool
) -> Iterator[CarArchive]:
    """Yields the archive that is given, or one that the service has of a model."""
    if (path is None) == (model is None):
        raise SpecError("Expected an archive or --model, got both or neither. Give one.", field="archive")
    if path is not None:
        yield read_archive(path, name)
        return
    with tempfile.TemporaryDirectory() as folder:
        with service(as_json=as_json) as client:
            handle = client.model(resolve(client, str(model)))
            target = Path(folder) / f"{PurePosixPath(handle.info['name']).name or 'model'}{SUFFIX}"
            handle.save_for_car(target, checkpoint=checkpoint)
        yield read_archive(target, name)


def _push(car: Car, archive: CarArchive, *, replace: bool, select: bool) -> Pushed:
    columns = (TextColumn("upload"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=messages(), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("upload", total=archive.size)
        return push_to(
            car,
            archive,
            replace=replace,
            select=select,
            on_bytes=lambda count: progress.update(task, completed=count),
            announce=lambda line: progress.console.print(line, markup=False),
        )


def _password(file: Path | None, host: str) -> str:
    """Returns the password: from a file, from the environment, or asked for on a terminal."""
    if file is not None:
        return read_password(file)
    known = Settings().car_password
    if known is not None:
        return known.get_secret_value()
    if sys.stdin.isatty():
        answer: str = typer.prompt(f"password of the car at {host}", hide_input=True, err=True)
        return answer
    raise SpecError(
        "Expected the password of the car's page, got none. Give --password-file, set DEEPRACER_LOCAL_CAR_PASSWORD, or "
        "run this on a terminal.",
        field="password",
    )
