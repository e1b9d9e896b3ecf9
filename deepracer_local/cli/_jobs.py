"""``deepracer-local jobs ...``: the queue and its events from the command line."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from deepracer_local.cli._output import print_json
from deepracer_local.cli._service import Json, describe_job, describe_start, print_table, service

app = typer.Typer(help="Look at the queue, watch and cancel jobs.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id.")]


@app.command("list")
def list_all(
    state: Annotated[str | None, typer.Option(help="Only jobs in this state, for example RUNNING.")] = None,
    as_json: Json = False,
) -> None:
    """List jobs, the newest first."""
    with service(as_json=as_json) as client:
        jobs = client.jobs(**({"state": state} if state else {}))
    if as_json:
        print_json({"jobs": jobs})
        return
    print_table(
        "", ["id", "kind", "model", "state"], [[j["id"], j["kind"], j["model_id"], describe_job(j)] for j in jobs]
    )


@app.command()
def queue(as_json: Json = False) -> None:
    """List the waiting jobs in the order in which they start."""
    with service(as_json=as_json) as client:
        jobs = client.queue()
    if as_json:
        print_json({"jobs": jobs})
        return
    print_table(
        "",
        ["place", "id", "kind", "model", "starts"],
        [[j["queue_position"], j["id"], j["kind"], j["model_id"], describe_start(j)] for j in jobs],
    )


@app.command()
def show(job: JobId, as_json: Json = False) -> None:
    """Show one job and everything that happened to it."""
    with service(as_json=as_json) as client:
        found = client.request("GET", f"/jobs/{job}")
    if as_json:
        print_json(found)
        return
    typer.echo(describe_job(found))
    for event in found["events"]:
        typer.echo(f"  {event['at']}  {event['event']} -> {event['state']}")


@app.command()
def watch(
    job: Annotated[str | None, typer.Argument(help="The job's id; without it, all jobs.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="Go on after the event with this id.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
) -> None:
    """Print live events, one JSON object a line: of one job until it is over, or of all."""
    with service() as client:
        for name, body in islice(client.events(job, after=after), count):
            print_json({"event_name": name, **body})


@app.command()
def cancel(job: JobId, as_json: Json = False) -> None:
    """Cancel a job in any state; a running training writes a last checkpoint first."""
    _act(job, "cancel", as_json=as_json)


@app.command()
def pause(job: JobId, as_json: Json = False) -> None:
    """Pause a waiting or running job."""
    _act(job, "pause", as_json=as_json)


@app.command()
def resume(job: JobId, as_json: Json = False) -> None:
    """Put a paused job back into the queue; a training goes on from its last checkpoint."""
    _act(job, "resume", as_json=as_json)


@app.command()
def slots(
    number: Annotated[
        int | None, typer.Argument(min=1, max=256, help="The new number; without it, the present.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or change how many jobs each runner runs side by side, while the service runs."""
    with service(as_json=as_json) as client:
        given = {"json": {"slots": number}} if number is not None else {}
        settings = client.request("PATCH" if given else "GET", "/settings", **given)
    if as_json:
        print_json(settings)
    else:
        typer.echo(settings["slots"] or "as the runner was started: one per core as far as memory reaches, or --slots")


@app.command()
def link(as_json: Json = False) -> None:
    """Print a link that opens the page signed in, once, within a minute."""
    with service(as_json=as_json) as client:
        address = client.url + client.request("POST", "/links")["path"]
    if as_json:
        print_json({"link": address})
    else:
        typer.echo(address)


def _act(job: str, action: str, *, as_json: bool) -> None:
    with service(as_json=as_json) as client:
        found = client.request("POST", f"/jobs/{job}/{action}")
    if as_json:
        print_json(found)
    else:
        typer.echo(describe_job(found))
