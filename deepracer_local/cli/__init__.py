"""The command line: ``deepracer-local``. Puts the rooms together and reads the settings."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from deepracer_local.cli._output import describe, exit_code, messages, print_json
from deepracer_local.errors import DeepRacerError

_COMMANDS = {
    "train": "Train a car, or go on with an interrupted training.",
    "evaluate": "Drive laps with a trained car.",
    "replay": "Drive a recorded episode or lap again, bit for bit, and film it.",
    "logs": "Write logs and metrics in the original's formats.",
    "export": "Write a trained car for the physical one.",
    "tracks": "List, show, draw and import tracks.",
    "randomisation": "Look at what differs between episodes.",
    "reward": "Check reward functions and look at examples.",
    "car": "Send a model to a physical car.",
    "bench": "Measure speed and memory.",
    "import": "Take a model from an archive or a folder of another program.",
    "import-drfc": "Take a model from a folder of deepracer-for-cloud.",
    "networks": "List the networks with their sizes and how long an action takes.",
    "models": "Create, watch, evaluate and download models of the service.",
    "jobs": "Look at the service's queue, watch and cancel jobs.",
    "health": "Show whether the service can work.",
    "artifacts": "Free the room of files that nothing needs.",
    "demo": "The whole path through the service, by itself.",
    "serve": "Start the service: API and runner.",
    "runner": "Work on the service's queue.",
    "doctor": "Try whether this machine can confine reward functions.",
}


class _LazyGroup(TyperGroup):
    """Imports a command's module when it is called: ``train`` must not wait for what ``evaluate`` needs."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        if ctx.resilient_parsing or "--help" in sys.argv[1:2] or len(sys.argv) == 1:
            return get_command(_described(cmd_name))
        command = get_command(import_module(f"deepracer_local.cli._{cmd_name.replace('-', '_')}").app)
        command.name = cmd_name
        return command


def _described(name: str) -> typer.Typer:
    """Returns a command that has nothing but its sentence in the list of commands."""
    app = typer.Typer()
    app.command(name, help=_COMMANDS[name])(lambda: None)
    return app


app = typer.Typer(cls=_LazyGroup, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:  # typer calls it so
    if wanted:
        from deepracer_local import __version__  # noqa: PLC0415  # looked up among the installed packages

        typer.echo(f"deepracer-local {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Train, evaluate and race DeepRacer cars on your own machine."""


def main() -> None:
    """Runs the command line. Exit code 0: done; 2: the user asked wrongly; 1: our fault."""
    try:
        app()
    except DeepRacerError as err:
        if "--json" in sys.argv:
            print_json(describe(err))
        messages().print(f"error: {err}", markup=False)
        sys.exit(exit_code(err))


__all__ = ["main"]
