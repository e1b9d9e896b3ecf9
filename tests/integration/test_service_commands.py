"""Every action of the API has a command: each is run, for people and as JSON, and has to reach its route."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from deepracer_local.api import Services, create_app
from deepracer_local.client import Client
from deepracer_local.db import Job
from deepracer_local.domain import JobState
from deepracer_local.errors import DeepRacerError
from tests.integration.service import api_in_thread
from tests.unit.api.exports import ARCHIVE, store_export
from tests.unit.api.service import OWNER, REWARD, add_token, make_services
from tests.unit.api.traces import EPISODE_1, ITERATIONS, claim, csv_of, drive, finish_evaluation, store
from tests.unit.interop.archives import console, tar
from tests.unit.track.roads import BEAN, ring_rows

API = "/api/v1"
COMMANDS = {
    f"GET {API}/models": "models list",
    f"POST {API}/models": "models create --name new --reward FOLDER/reward.py --track oval",
    f"POST {API}/models/import": "import FOLDER/console.tar --name imported",
    f"GET {API}/models/{{model_id}}": "models show TRAINED",
    f"GET {API}/models/{{model_id}}/export": "models export TRAINED --out FOLDER/model.yaml",
    f"PATCH {API}/models/{{model_id}}": "models set TRAINED --description fast --tag a --tag b",
    f"DELETE {API}/models/{{model_id}}": "models delete TRAINED",
    f"POST {API}/models/{{model_id}}/clone": "models clone TRAINED --name child",
    f"POST {API}/models/{{model_id}}/stop": "models stop WAITING",
    f"POST {API}/models/{{model_id}}/pause": "models pause WAITING",
    f"POST {API}/models/{{model_id}}/resume": "models resume PAUSED",
    f"POST {API}/models/{{model_id}}/evaluations": "models evaluate TRAINED --no-wait",
    f"GET {API}/models/{{model_id}}/evaluations": "models evaluations TRAINED",
    f"GET {API}/models/{{model_id}}/evaluations/{{evaluation_id}}": "models laps TRAINED EVALUATION",
    f"GET {API}/models/{{model_id}}/evaluations/{{evaluation_id}}/trace": "models trace TRAINED job EVALUATION --lap 2",
    f"GET {API}/models/{{model_id}}/evaluations/{{evaluation_id}}/trace.csv": (
        "models trace TRAINED job EVALUATION --out FOLDER/laps.csv"
    ),
    f"GET {API}/models/{{model_id}}/evaluations/{{evaluation_id}}/insight": "models insight TRAINED EVALUATION",
    f"GET {API}/models/{{model_id}}/evaluations/{{evaluation_id}}/objects": "models objects TRAINED job EVALUATION",
    f"GET {API}/models/{{model_id}}/traces/{{kind}}/{{number}}/objects": "models objects TRAINED training 0",
    f"GET {API}/models/{{model_id}}/metrics": "models metrics TRAINED",
    f"GET {API}/models/{{model_id}}/episodes": "models episodes TRAINED",
    f"GET {API}/models/{{model_id}}/episodes/{{number}}/trace": "models trace TRAINED episode 0",
    f"GET {API}/models/{{model_id}}/episodes/{{number}}/trace.csv": "models trace TRAINED episode 0 --out FOLDER/e.csv",
    f"GET {API}/models/{{model_id}}/training-evaluations": "models training-evaluations TRAINED",
    f"GET {API}/models/{{model_id}}/traces": "models traces TRAINED",
    f"GET {API}/models/{{model_id}}/traces/{{kind}}/{{number}}": "models trace TRAINED training 0 --episode 1",
    f"GET {API}/models/{{model_id}}/traces/{{kind}}/{{number}}.csv": (
        "models trace TRAINED training 0 --out FOLDER/iteration.csv"
    ),
    f"GET {API}/models/{{model_id}}/checkpoints": "models checkpoints TRAINED",
    f"GET {API}/models/{{model_id}}/assets": "models assets TRAINED",
    f"GET {API}/models/{{model_id}}/assets/{{name}}": "models asset TRAINED trace/training/0.csv --out FOLDER/a.csv",
    f"GET {API}/models/{{model_id}}/assets/training-logs": "logs TRAINED --service --force --out FOLDER/logs",
    f"GET {API}/models/{{model_id}}/assets/evaluation-logs": (
        "models download TRAINED --what evaluation-logs --out FOLDER/logs.tar.gz"
    ),
    f"GET {API}/models/{{model_id}}/assets/physical-car": (
        "models download TRAINED --format car --out FOLDER/car.tar.gz"
    ),
    f"POST {API}/models/{{model_id}}/exports": "models convert TRAINED --format onnx --format car --no-wait",
    f"GET {API}/models/{{model_id}}/exports": "models exports TRAINED",
    f"GET {API}/models/{{model_id}}/archive": "models download TRAINED --out FOLDER/model.tar.gz",
    f"GET {API}/models/{{model_id}}/reward-function": "models reward TRAINED",
    f"GET {API}/models/{{model_id}}/logs": "models logs TRAINED",
    f"GET {API}/jobs/{{job_id}}/logs": "models logs TRAINED --job EVALUATION",
    f"GET {API}/jobs": "jobs list",
    f"GET {API}/jobs/queue": "jobs queue",
    f"GET {API}/jobs/{{job_id}}": "jobs show EVALUATION",
    f"POST {API}/jobs/{{job_id}}/cancel": "jobs cancel WAITING-JOB",
    f"POST {API}/jobs/{{job_id}}/pause": "jobs pause WAITING-JOB",
    f"POST {API}/jobs/{{job_id}}/resume": "jobs resume PAUSED-JOB",
    f"GET {API}/jobs/{{job_id}}/events": "jobs watch EVALUATION",
    f"GET {API}/events": "jobs watch --after 0 --count 1",
    f"GET {API}/tracks": "tracks list --service",
    f"POST {API}/tracks": "tracks import FOLDER/ring.npy --name FREE-NAME --service",
    f"POST {API}/tracks/drawn": "tracks create FOLDER/bean.json --name FREE-DRAWN --service",
    f"DELETE {API}/tracks/{{name}}": "tracks delete RING --service",
    f"GET {API}/tracks/{{name}}": "tracks show oval --service",
    f"GET {API}/tracks/{{name}}/picture": "tracks draw oval --service --out FOLDER/oval.svg",
    f"GET {API}/reward-functions/examples": "reward examples --service",
    f"POST {API}/reward-functions/check": "reward check FOLDER/reward.py --track oval --service",
    f"POST {API}/reward-functions/preview": "reward preview FOLDER/reward.py --track oval --service",
    f"GET {API}/randomisations": "randomisation list --service",
    f"GET {API}/settings": "jobs slots",
    f"PATCH {API}/settings": "jobs slots 3",
    f"GET {API}/usage": "models usage",
    f"POST {API}/clean-up": "artifacts clean-up --dry-run",
    f"GET {API}/sandbox": "doctor --service",
    f"POST {API}/links": "jobs link",
    "GET /healthz": "health --alive",
    "GET /readyz": "health",
    "GET /metrics": "health --prometheus",
}
"""The command of every route, with names that stand for what the house holds."""
NOT_FOR_COMMANDS = {"GET /login": "a browser opens it; `jobs link` prints its address"}
PRINTS_LINES = {"jobs watch"}
"""Prints an object a line and not one in all."""


@dataclass
class House:
    """A served API with its requests written down, and what is in it."""

    services: Services
    client: Client
    folder: Path
    seen: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    n_filled: int = 0

    def fill(self) -> None:
        """Makes a trained and evaluated model, one whose training waits and one whose training is paused."""
        jobs = self.services.database.jobs
        for job in jobs.list(OWNER, states=[JobState.QUEUED, JobState.PAUSED]).items:
            jobs.request_cancel(OWNER, job.id)
        self.n_filled += 1
        trained = self.client.train(self.folder / "reward.py", name=f"trained {self.n_filled}", track="oval")
        self.finish(drive(self.services))
        evaluation = trained.queue_evaluation(trials=2)
        finish_evaluation(self.services)
        paused = self.client.train(name=f"paused {self.n_filled}", track="oval").pause()
        waiting = self.client.train(name=f"waiting {self.n_filled}", track="oval")
        self.names = {
            "FOLDER": str(self.folder),
            "FREE-NAME": f"ring{self.n_filled}",
            "FREE-DRAWN": f"bean{self.n_filled}",
            "RING": self.own_track(),
            "EVALUATION": evaluation["id"],
            "WAITING-JOB": waiting.job["id"],
            "PAUSED-JOB": paused.job["id"],
            "TRAINED": f"trained {self.n_filled}",
            "WAITING": waiting.id,
            "PAUSED": paused.id,
        }

    def own_track(self) -> str:
        """Draws a track that may be deleted; returns its name."""
        name = f"drawn{self.n_filled}"
        self.client.draw_track(BEAN["spline"], width_m=BEAN["width"], name=name)
        return name

    def finish(self, job: Job) -> None:
        """Lets a training leave a checkpoint and succeed."""
        for name in ("model.json", "policy.safetensors"):
            store(self.services, job, f"checkpoints/000001/{name}", f"{name} of {job.id}", kind="checkpoint")
        store_export(self.services, job.id)
        self.services.database.logs.append(job.id, job.attempt, ["driving"])
        self.services.database.models.set_result(
            job.id, job.attempt, best_checkpoint="000001", last_checkpoint="000001", best_lap_time_s=9.5
        )
        self.services.database.jobs.succeed(job.id, job.attempt, {"state": "SUCCEEDED"})

    def call(self, line: str, *options: str) -> str:
        """Runs a command to its good end; returns what it printed."""
        code, printed = self.try_to_call(line, *options)
        assert code == 0, f"{line}: {printed}"
        return printed

    def try_to_call(self, line: str, *options: str) -> tuple[int, str]:
        """Runs a command; returns its exit code and what it printed."""
        group, *words = line.split()
        for i, word in enumerate(words):
            for name, value in self.names.items():
                if word == name or word.startswith(f"{name}/"):
                    words[i] = word.replace(name, value)
                    break
        app = import_module(f"deepracer_local.cli._{group}").app
        result = CliRunner().invoke(app, [*words, *options])
        if isinstance(result.exception, DeepRacerError):
            raise result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), f"{line}: {result.exc_info}"
        return result.exit_code, result.stdout if result.exit_code == 0 or result.stdout else result.output


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "reward.py").write_text(REWARD)
    np.save(folder / "ring.npy", ring_rows())
    (folder / "console.tar").write_bytes(tar(console()))
    (folder / "bean.json").write_text(json.dumps(BEAN))
    services = make_services(folder)
    (folder / "token").write_text(add_token(services.database))
    seen: list[str] = []

    def noting(app: Any) -> Any:
        async def noted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                seen.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        return noted

    with api_in_thread(services, noting) as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEEPRACER_LOCAL_DATA_DIR", str(folder))
        environment.setenv("DEEPRACER_LOCAL_HOST", "127.0.0.1")
        environment.setenv("DEEPRACER_LOCAL_PORT", url.rsplit(":", 1)[1])
        with Client(url, (folder / "token").read_text()) as client:
            made = House(services, client, folder, seen)
            made.fill()
            yield made
    services.close()


def routes_of(services: Services) -> list[str]:
    """Returns every operation that the API describes."""
    paths = create_app(services).openapi()["paths"]
    return [f"{method.upper()} {path}" for path, operations in paths.items() for method in operations]


def pattern_of(route: str) -> re.Pattern[str]:
    """Returns what the requests of a route look like."""
    parts = re.split(r"(\{[a-z_]+\})", route)
    anything = {"{name}": ".+"}
    return re.compile("".join(anything.get(p, "[^/.]+") if p.startswith("{") else re.escape(p) for p in parts))


def test_every_route_of_the_api_has_a_command(house: House) -> None:
    routes = set(routes_of(house.services))

    assert sorted(routes - COMMANDS.keys() - NOT_FOR_COMMANDS.keys()) == [], "give each a command"
    assert sorted((COMMANDS.keys() | NOT_FOR_COMMANDS.keys()) - routes) == [], "these are no routes"


@pytest.mark.parametrize("route", COMMANDS)
def test_the_command_reaches_its_route(house: House, route: str) -> None:
    line = COMMANDS[route]
    is_lines = " ".join(line.split()[:2]) in PRINTS_LINES

    for options in ([], ["--json"]) if not is_lines else ([],):
        if not route.startswith("GET "):
            house.fill()
        house.seen.clear()
        printed = house.call(line, *options)
        assert [request for request in house.seen if pattern_of(route).fullmatch(request)], house.seen
        if options:
            assert isinstance(json.loads(printed), dict)
        elif is_lines:
            assert all(isinstance(json.loads(row), dict) for row in printed.splitlines())
        assert printed.strip()


def test_every_command_of_the_service_speaks_json() -> None:
    silent = []
    for group in ("models", "jobs", "health"):
        found = get_command(import_module(f"deepracer_local.cli._{group}").app)
        commands = dict(found.commands) if hasattr(found, "commands") else {"": found}
        for name, command in commands.items():
            if not any("--json" in parameter.opts for parameter in command.params):
                silent.append(f"{group} {name}".strip())

    assert silent == sorted(PRINTS_LINES)


def test_files_are_written_as_the_service_sends_them(house: House) -> None:
    house.call("models trace TRAINED episode 0 --out FOLDER/written.csv")
    house.call("models asset TRAINED trace/training/0.csv --out FOLDER/written-asset.csv")

    assert (house.folder / "written.csv").read_text() == csv_of(EPISODE_1)
    assert (house.folder / "written-asset.csv").read_text() == csv_of(ITERATIONS[0])
    house.call("models insight TRAINED --lap 1 --step 2 --out FOLDER/look.png")

    assert (house.folder / "look.png").read_bytes().startswith(b"\x89PNG")
    assert house.call("models trace TRAINED episode 0 --csv") == csv_of(EPISODE_1)
    assert house.call("models trace TRAINED episode 0 --csv --columns steps,X").splitlines()[:2] == [
        "steps,X",
        "1,0.1000",
    ]
    house.call("models trace TRAINED episode 0 --out FOLDER/narrow.csv --columns X")
    assert (house.folder / "narrow.csv").read_text().splitlines()[:2] == ["X", "0.1000"]
    assert house.call("models reward TRAINED") == REWARD


def test_rows_are_a_table_for_people_and_say_where_to_go_on(house: House) -> None:
    printed = house.call("models trace TRAINED episode 0")
    rows = json.loads(house.call("models trace TRAINED episode 0 --after 1 --limit 2", "--json"))["rows"]

    assert printed.count("in progress") + printed.count("in_progress") == 5
    assert [row["steps"] for row in rows] == [3, 4]
    everything = CliRunner().invoke(
        import_module("deepracer_local.cli._models").app, ["episodes", house.names["TRAINED"], "--limit", "1"]
    )
    assert "--after 0" in everything.output


def test_a_model_is_described_and_tagged(house: House) -> None:
    house.fill()
    house.call("models set TRAINED --description quick --tag a --tag b")
    tagged = json.loads(house.call("models show TRAINED", "--json"))
    house.call("models set TRAINED --no-tags")

    assert (tagged["description"], tagged["tags"]) == ("quick", ["a", "b"])
    assert json.loads(house.call("models show TRAINED", "--json"))["tags"] == []
    assert json.loads(house.call("models list --status READY --sort NAME --ascending", "--json"))["models"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("models metrics nobody", "nobody"),
        ("models trace TRAINED episode 99", "99"),
        ("models trace TRAINED episode 0 --lap 1", "lap"),
        ("models trace TRAINED training 0 --lap 1", "lap"),
        ("models laps TRAINED WAITING-JOB", "evaluation"),
        ("models insight TRAINED --lap 2", "insight"),
        ("models insight WAITING", "models evaluate"),
        ("models asset TRAINED ../../tracks", "asset"),
        ("models list --sort colour", "sort"),
        ("tracks show ../models --service", "nothing at this address"),
        ("tracks show nowhere --service", "no track"),
        ("tracks import FOLDER/reward.py --name bad --service", "file"),
        ("tracks create FOLDER/bean.json --name oval --service", "taken"),
        ("tracks delete oval --service", "comes with the program"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(house: House, line: str, says: str) -> None:
    code, printed = house.try_to_call(line, "--json")

    assert code == 2
    assert says in json.loads(printed)["message"]


def test_a_path_that_is_not_there_is_said_so(house: House) -> None:
    for line in (
        "models trace TRAINED episode 0 --out FOLDER/nowhere/t.csv",
        "models create --reward FOLDER/nowhere.py",
        "tracks import FOLDER/nowhere.npy --name x --service",
    ):
        with pytest.raises(DeepRacerError, match="nowhere"):
            house.try_to_call(line)


def test_a_part_that_is_ill_is_shown_with_exit_code_1(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        from deepracer_local.errors import StorageError

        raise StorageError("the store is away")

    monkeypatch.setattr(house.services.store, "check", away)

    code, printed = house.try_to_call("health")

    assert code == 1
    assert "not ready" in printed
    assert "the store is away" in printed


def test_a_handle_gives_what_a_notebook_asks_for(house: House) -> None:
    house.fill()
    [info] = [model for model in house.client.models() if model["name"] == house.names["TRAINED"]]
    model = house.client.model(info["id"])

    assert [row["iteration"] for row in model.metrics()] == [1, 2, 3]
    assert [row["number"] for row in model.episodes()] == [0, 1]
    assert [row["iteration"] for row in model.training_evaluations()] == [2]
    assert [checkpoint["name"] for checkpoint in model.checkpoints()] == ["000001"]
    assert [evaluation["id"] for evaluation in model.evaluations()] == [house.names["EVALUATION"]]
    assert [trace["number"] for trace in model.traces()] == [0, 1, 2]
    assert [row["steps"] for row in model.trace("episode", 0)] == list(range(1, 8))
    assert len(model.trace("training", 0, episode=1)) == 2
    assert [row["steps"] for row in model.trace("job", house.names["EVALUATION"], lap=1)] == [1, 2, 3]
    assert len(model.trace("evaluation", 2, lap=1)) == 7
    assert [step["step"] for step in model.insight(house.names["EVALUATION"])["steps"]] == [1, 2, 3]
    assert model.save_trace(house.folder / "h.csv", "training", 1).read_text() == csv_of(ITERATIONS[1])
    assert model.save_for_car(house.folder / "h.tar.gz")["agreement"] == 0.995
    assert (house.folder / "h.tar.gz").read_bytes() == ARCHIVE
    assert [one["name"] for one in model.exports()] == ["exports/000001/model.tar.gz"]
    assert "trace/training/0.csv" in {asset["name"] for asset in model.assets()}
    assert model.update(tags=["x"]).info["tags"] == ["x"]
    waiting = house.client.model(house.names["WAITING"])
    assert waiting.pause().refresh().job["status"] == "PAUSED"
    assert waiting.resume().refresh().job["status"] == "QUEUED"
    assert house.client.queue()[0]["id"] == waiting.job["id"]
    assert claim(house.services).id == waiting.job["id"]
