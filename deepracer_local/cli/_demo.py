"""``deepracer-local demo``: the whole path through the service, from nothing to a downloaded model, by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from deepracer_local.cli._child import Child
from deepracer_local.cli._data_dir import read_token
from deepracer_local.cli._model_results import print_laps
from deepracer_local.cli._output import messages
from deepracer_local.cli._service import describe_job, describe_test
from deepracer_local.cli._supervisor import free_port, wait_until_ready
from deepracer_local.client import Client
from deepracer_local.settings import Settings, inherited_environment

LAPS = 3

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    track: Annotated[str, typer.Option(help="A track's name.")] = "reinvent_2018",
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the model is saved.")] = Path("demo-model.tar.gz"),
) -> None:
    """Start the service, train a car until three clean laps, evaluate and download it, and end."""
    started_at = time.monotonic()
    port = free_port()
    service = Child(["serve", "--port", str(port)], inherited_environment() | {"DEEPRACER_LOCAL_LOG_LEVEL": "WARNING"})
    settings = Settings()
    say = messages().print
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(settings, url, service)
        with Client(url, read_token(settings)) as client:
            model = client.train(name="demo", track=track, stop_after_clean_laps=LAPS, max_minutes=5)
            said = ""

            def tell(job: dict[str, Any]) -> None:
                nonlocal said
                line = describe_job(job)
                if line != said:
                    say(f"{time.monotonic() - started_at:5.1f} s  {line}", markup=False)
                said = line

            model.wait(tell)
            say(f"{time.monotonic() - started_at:5.1f} s  driving {LAPS} laps", markup=False)
            model.evaluate(trials=LAPS)
            model.download(out)
            assert model.evaluation is not None
            print_laps(model.evaluation)
            assets = ("evaluations/1/laps.png", "evaluations/1/lap.mp4")
            for name in assets:
                target = out.with_name(f"{out.name.removesuffix('.tar.gz')}-{Path(name).name}")
                client.download(f"/models/{model.id}/assets/{name}", target)
                typer.echo(f"{'lap plot' if name.endswith('png') else 'lap video'}: {target}")
            car = out.with_name(f"{out.name.removesuffix('.tar.gz')}-car.tar.gz")
            report = model.save_for_car(car)
            typer.echo(f"for the physical car: {car}\n{describe_test(report)}")
            typer.echo(f"model: {out}; run directory: {settings.data_dir / 'jobs' / model.job['id']}")
    finally:
        service.stop()
        service.wait()
    typer.echo(f"wall-clock: {time.monotonic() - started_at:.1f} s, service start and end included")
