"""``deepracer-local models ...``, what a model learnt and left behind: rows, checkpoints, evaluations, files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._lap_table import lap_rows
from deepracer_local.cli._opponent import describe_verdict
from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import (
    After,
    Json,
    Limit,
    ModelId,
    describe_job,
    print_rows,
    print_saved,
    print_table,
    resolve,
    service,
)

app = typer.Typer()

_METRICS = ["iteration", "total_steps", "training_seconds", "episodes", "mean_reward", "mean_progress"]
_LOSSES = ["policy_loss", "value_loss", "entropy", "kl_divergence"]
_EPISODES = ["number", "episode", "iteration", "steps", "reward", "progress", "time_s", "outcome", "is_reversed"]
_EVALUATIONS = ["iteration", "total_steps", "mean_progress", "mean_lap_time_s", "is_best"]


@app.command()
def metrics(model: ModelId, after: After = -1, limit: Limit = 1_000, as_json: Json = False) -> None:
    """Print a row per policy update: steps, rewards, losses."""
    _print_rows(model, "metrics", [*_METRICS, *_LOSSES], number="iteration", after=after, limit=limit, as_json=as_json)


@app.command()
def episodes(model: ModelId, after: After = -1, limit: Limit = 1_000, as_json: Json = False) -> None:
    """Print a row per finished training episode."""
    _print_rows(model, "episodes", _EPISODES, number="number", after=after, limit=limit, as_json=as_json)


@app.command("training-evaluations")
def training_evaluations(model: ModelId, after: After = -1, limit: Limit = 1_000, as_json: Json = False) -> None:
    """Print a row per evaluation that training drove by itself."""
    path = "training-evaluations"
    _print_rows(model, path, _EVALUATIONS, number="iteration", after=after, limit=limit, as_json=as_json)


@app.command()
def checkpoints(model: ModelId, as_json: Json = False) -> None:
    """List the checkpoints that are kept, the oldest first."""
    found = _get(model, "checkpoints", as_json=as_json)
    if as_json:
        print_json(found)
        return
    print_rows(found["checkpoints"], ["name", "is_best", "is_last", "size"])
    typer.echo(f"best: {found['best_rule']}")


@app.command()
def evaluations(model: ModelId, as_json: Json = False) -> None:
    """List the evaluations of a model, the newest first."""
    with service(as_json=as_json) as client:
        found = client.model(resolve(client, model)).evaluations()
    if as_json:
        print_json({"evaluations": found})
        return
    rows = [[e["id"], e["track"], e["checkpoint"], len(e["laps"]), describe_job(e)] for e in found]
    print_table("", ["id", "track", "checkpoint", "laps", "state"], rows)


@app.command()
def laps(
    model: ModelId,
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id; see `models evaluations`.")],
    as_json: Json = False,
) -> None:
    """Show one evaluation and its laps."""
    found = _get(model, f"evaluations/{evaluation}", as_json=as_json)
    if as_json:
        print_json(found)
        return
    typer.echo(describe_job(found))
    print_laps(found)


@app.command()
def assets(model: ModelId, as_json: Json = False) -> None:
    """List every file of a model; `models asset` downloads one."""
    found = _get(model, "assets", as_json=as_json)
    if as_json:
        print_json(found)
    else:
        print_rows(found["assets"], ["name", "kind", "size"])


@app.command()
def asset(
    model: ModelId,
    name: Annotated[str, typer.Argument(help="A name that `models assets` lists.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write; else named as it is.")] = None,
    as_json: Json = False,
) -> None:
    """Download one file of a model."""
    with service(as_json=as_json) as client:
        path = client.model(resolve(client, model)).save_asset(name, out or Path(Path(name).name))
    print_saved(path, as_json=as_json)


@app.command()
def reward(model: ModelId, as_json: Json = False) -> None:
    """Print a model's reward function as it was handed in."""
    with service(as_json=as_json) as client:
        text = client.model(resolve(client, model)).reward_function()
    if as_json:
        print_json({"reward_function": text})
    else:
        typer.echo(text, nl=False)


@app.command()
def usage(as_json: Json = False) -> None:
    """Show how much room the files of all models take, by kind."""
    with service(as_json=as_json) as client:
        found = client.request("GET", "/usage")
    if as_json:
        print_json(found)
        return
    rows = [[kind, f"{size / 1e6:.1f}"] for kind, size in found["bytes_by_kind"].items()]
    print_table("", ["kind", "MB"], [*rows, ["all", f"{found['total_bytes'] / 1e6:.1f}"]])


@app.command()
def export(
    model: ModelId,
    out: Annotated[Path, typer.Option("--out", "-o", help="The YAML file to write.")] = Path("model.yaml"),
    as_json: Json = False,
) -> None:
    """Write all that this model was asked for into one file, which `models create --file` trains again."""
    with service(as_json=as_json) as client:
        path = client.model(resolve(client, model)).save_export(out)
    print_saved(path, as_json=as_json)


def print_laps(evaluation: dict[str, Any]) -> None:
    """Prints the laps of an evaluation as a table; of a race of two those of both, and who has won."""
    title = f"{evaluation['track']}, checkpoint {evaluation['checkpoint']}"
    columns, rows = lap_rows(evaluation["laps"])
    print_table(title, columns, rows)
    opponent, verdict = evaluation["opponent"], evaluation["verdict"]
    if opponent is not None:
        columns, rows = lap_rows(opponent["laps"])
        print_table(f"{opponent['name']}, checkpoint {opponent['checkpoint']}", columns, rows)
    if opponent is not None and verdict is not None:
        typer.echo(describe_verdict(verdict, model="this model", opponent=opponent["name"]))


def _get(model: str, path: str, *, as_json: bool, **query: Any) -> dict[str, Any]:
    with service(as_json=as_json) as client:
        found: dict[str, Any] = client.request("GET", f"/models/{resolve(client, model)}/{path}", params=query)
    return found


def _print_rows(
    model: str, path: str, columns: list[str], *, number: str, after: int, limit: int, as_json: bool
) -> None:
    found = _get(model, path, as_json=as_json, after=after, limit=limit)
    if as_json:
        print_json(found)
    else:
        print_rows(found["rows"], columns, after=number, limit=limit)
