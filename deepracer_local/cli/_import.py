"""``deepracer-local import``: a model from an archive or a folder, into the service or a run directory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Annotated

import typer

from deepracer_local.cli._output import messages, print_json
from deepracer_local.cli._service import service
from deepracer_local.errors import InvalidInputError
from deepracer_local.settings import Settings

app = typer.Typer(add_completion=False)

Pack = Callable[[IO[bytes]], None]
"""Writes an archive."""


@app.command("import")
def import_model(
    source: Annotated[Path, typer.Argument(help="A tar.gz, tar or zip, or a model's folder.")],
    name: Annotated[str | None, typer.Option(help="What to call the model; without it the source's name.")] = None,
    track: Annotated[str | None, typer.Option(help="Drive on this track, whatever the source says.")] = None,
    description: Annotated[str, typer.Option(help="What there is to say about it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Make this run directory; no service is needed.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key imports once.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Take a model from elsewhere: an export of this program, a model folder of the original, or a car's archive.

    Reward function, action space, hyperparameters, track and rules are taken over, and weights of the networks that are
    known here. What is not taken is listed with its reason. Nothing in the source is run or unpacked.
    """
    from deepracer_local.interop import pack_folder  # noqa: PLC0415  # --help need not load it

    called = name or _plain(source)
    if source.is_dir():
        bring_in(lambda target: pack_folder(source, target), called, track, description, out, idempotency_key, as_json)
    elif out is not None:
        with _opened(source) as archive:
            _lay_out(archive, out, track, as_json=as_json)
    else:
        _send(source, called, track, description, idempotency_key, as_json=as_json)


def bring_in(
    pack: Pack,
    name: str,
    track: str | None,
    description: str,
    out: Path | None,
    idempotency_key: str | None,
    as_json: bool,
) -> None:
    """Packs an archive, and hands it to the service or makes a run directory of it."""
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        pack(archive)
        archive.flush()
        if out is not None:
            _lay_out(archive, out, track, as_json=as_json)
        else:
            _send(Path(archive.name), name, track, description, idempotency_key, as_json=as_json)


def _send(
    file: Path, name: str, track: str | None, description: str, idempotency_key: str | None, *, as_json: bool
) -> None:
    with service(as_json=as_json) as client:
        model = client.import_model(
            file, name=name, track=track, description=description, idempotency_key=idempotency_key
        ).info
    if as_json:
        print_json(model)
        return
    report = model["imported"]
    typer.echo(f"model {model['id']}: {model['name']}, {model['status']}, {report['origin']}, on {model['track']}")
    _print(report["taken"], [(one["name"], one["reason"]) for one in report["not_taken"]])
    verb = "evaluate" if report["has_weights"] else "clone"
    typer.echo(f"next: deepracer-local models {verb} {model['id']}")


def _lay_out(archive: IO[bytes], out: Path, track: str | None, *, as_json: bool) -> None:
    """Makes a run directory of an archive."""
    from deepracer_local.interop import plan_import, read_archive  # noqa: PLC0415  # see above
    from deepracer_local.track import builtin_tracks_dir, find_track  # noqa: PLC0415
    from deepracer_local.workers.layout import add_checkpoint, lay_out_run  # noqa: PLC0415

    settings = Settings()
    directories = [builtin_tracks_dir(), settings.user_tracks_dir]
    with tempfile.TemporaryDirectory() as folder:
        content = read_archive(archive, Path(folder), settings.sandbox_options)
        found = plan_import(content, Path(folder), find_track=lambda name: find_track(name, directories), track=track)
        run = lay_out_run(out, found.spec, track=found.track, reward_text=found.reward_text)
        for one in found.checkpoints:
            add_checkpoint(run, one.name, one.info, one.file, best=found.best, last=found.last)
    not_taken = [(one.name, one.reason) for one in found.not_taken]
    if as_json:
        print_json(
            {
                "run": str(run.path),
                "origin": found.origin,
                "track": found.track.name,
                "has_weights": bool(found.checkpoints),
                "taken": list(found.taken),
                "not_taken": [{"name": name, "reason": reason} for name, reason in not_taken],
            }
        )
        return
    typer.echo(f"run directory: {run.path}, {found.origin}, on {found.track.name}")
    _print(list(found.taken), not_taken)
    if found.checkpoints:
        messages().print(f"next: deepracer-local evaluate {run.path}", markup=False)


def _print(taken: list[str], not_taken: list[tuple[str, str]]) -> None:
    typer.echo(f"taken: {', '.join(taken) or 'nothing'}")
    for name, reason in not_taken:
        typer.echo(f"not taken: {name}: {reason}")


def _opened(source: Path) -> IO[bytes]:
    try:
        return source.open("rb")
    except OSError as err:
        raise InvalidInputError(
            f"Expected an archive or a folder at {source}, found: {err.strerror}. Check the path."
        ) from err


def _plain(source: Path) -> str:
    """Returns a name that a model can have."""
    stem = source.resolve().name.partition(".")[0]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " _-") else "-" for c in stem).strip(" _-")
    return plain[:64] or "imported"
