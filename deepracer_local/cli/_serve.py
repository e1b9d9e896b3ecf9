"""``deepracer-local serve``: the API and a runner, kept alive side by side.

Loads next to nothing before the process of the API has been started, which loads the most: whoever waits for the
service waits for that one.
"""

from __future__ import annotations

from typing import Annotated

import typer

from deepracer_local.cli._child import Child

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8321; 0 takes a free one.")] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, max=256, help="Jobs side by side; by default one per core.")
    ] = None,
    s3: Annotated[
        bool, typer.Option("--s3", help="Keep artifacts in an S3 server started beside the service.")
    ] = False,
    api_only: Annotated[
        bool, typer.Option("--api-only", help="Start no runner; `deepracer-local runner` is one.")
    ] = False,
    when_told: Annotated[
        bool, typer.Option("--when-told", hidden=True, help="Load, and wait for a line that says where to listen.")
    ] = False,
) -> None:
    """Start the service on this machine: the API, and a runner that works on the queue.

    Both run in processes of their own. Prints a link that opens the page signed in, once, within a minute.
    """
    if api_only:
        from deepracer_local.cli._api_process import serve_api  # noqa: PLC0415  # the supervisor stays small

        serve_api(host, port, when_told=when_told)
        return
    api = Child(["serve", "--api-only", "--when-told"])
    from deepracer_local.cli._supervisor import supervise  # noqa: PLC0415  # while the API loads its own

    with api:
        supervise(api, host=host, port=port, slots=slots, s3=s3)
