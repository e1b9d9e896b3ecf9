"""The service under load: start, submission, throughput, requests, watchers, memory."""

from __future__ import annotations

import contextlib
import http.client
import json
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deepracer_local.bench._cancel import measure_cancels
from deepracer_local.bench._load import Target, put_under_load
from deepracer_local.bench._measurement import Measurement, median_of
from deepracer_local.bench._processes import children_of, resident_mb
from deepracer_local.bench._watching import measure_watching
from deepracer_local.client import Client
from deepracer_local.db import NewModel, open_database
from deepracer_local.domain import JobKind
from deepracer_local.errors import WorldError

Announce = Callable[[str], None]
_TURN_S = 0.38
_PAIR_STEPS = 8_000
"""Of each of the trainings that are compared: both of a short pair see the same of a machine's other work."""
_LISTS = ("/api/v1/models?limit=20", "/api/v1/jobs/queue", "/api/v1/tracks", "/api/v1/models?limit=50")


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that was started for a measurement."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    data_dir: Path
    ready_s: float

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


def measure_service(
    folder: Path, environment: Mapping[str, str], *, port: int, announce: Announce
) -> list[Measurement]:
    """Measures a service that is started for it, on loopback, and ends it.

    Args:
        folder: an empty one, for its data directories.
        environment: of the service's processes.
        port: a free one.
        announce: is told what begins.
    """
    found: list[Measurement] = []
    announce("service: start, submission, memory")
    with _service(folder / "empty", environment, port) as service:
        found.append(Measurement("service start to ready, empty", service.ready_s, "s", (service.ready_s,), "under 2"))
        memory_mb = sum(resident_mb(pid) for pid in children_of(service.process.pid))
        found.append(Measurement("memory of API and idle runner", memory_mb, "MB", (memory_mb,), "under 250"))
        found.append(_submit_to_first_step(service))
        announce("service: cancelling")
        with Client(service.url, service.token) as client:
            found += measure_cancels(client, service.process.pid)
            announce("service: 50 watchers")
            found += measure_watching(client, port, service.token)
        announce("service: training throughput")
        found += _throughput(service, environment)
    announce("service: 500 models, 10,000 finished jobs")
    _fill(folder / "full", n_models=500, n_jobs=10_000)
    with _service(folder / "full", environment, port) as service:
        full = Measurement("service start to ready, 10,000 jobs", service.ready_s, "s", (service.ready_s,), "under 3")
        found.append(full)
        announce("service: requests and watchers while both cores train")
        with _two_trainings(service):
            found += _list_latency(service)
            found += _load(service)
            found.append(_watcher_lag(service))
    return found


@contextmanager
def _service(data_dir: Path, environment: Mapping[str, str], port: int) -> Iterator[RunningService]:
    settings = {"DEEPRACER_LOCAL_DATA_DIR": str(data_dir), "DEEPRACER_LOCAL_PORT": str(port)}
    started_at = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "deepracer_local", "serve", "--slots", "2"],
        env=dict(environment) | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"ready at"):
                break
        else:
            raise WorldError(f"Expected the service to start, but it ended with {process.wait()}.")
        ready_s = time.perf_counter() - started_at
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
        yield RunningService(process, port, (data_dir / "token").read_text().strip(), data_dir, ready_s)
    finally:
        process.terminate()
        process.wait(60)


def _submit_to_first_step(service: RunningService) -> Measurement:
    readings = []
    with Client(service.url, service.token) as client:
        for i in range(3):
            started_at = time.perf_counter()
            model = client.train(name=f"first-step-{i}", track="oval", max_steps=512)
            while not client.request("GET", f"/jobs/{model.job['id']}")["progress"]:
                time.sleep(0.02)
            readings.append(time.perf_counter() - started_at)
            model.wait()
    return median_of("submit to first step, as the heartbeat tells it", readings, "s", goal="under 3")


def _throughput(service: RunningService, environment: Mapping[str, str], *, n_pairs: int = 5) -> list[Measurement]:
    """Returns environment steps a second of the same training in the service and by the plain command, in turns."""
    in_service, plain = [], []
    for i in range(n_pairs):
        with Client(service.url, service.token) as client:
            model = client.train(name=f"throughput-{i}", track="oval", max_steps=_PAIR_STEPS, seed=7).wait()
            rows = client.request("GET", f"/models/{model.id}/metrics")["rows"]
        in_service.append(rows[-1]["total_steps"] / rows[-1]["training_seconds"])
        plain.append(_plain_training(service.data_dir / f"plain-{i}", environment))
    shares = [100.0 * served / alone for served, alone in zip(in_service, plain, strict=True)]
    return [
        median_of("training in the service", in_service, "steps/s"),
        median_of("the same by the plain command", plain, "steps/s"),
        median_of("service / plain", shares, "%", goal="at least 95"),
    ]


def _plain_training(out: Path, environment: Mapping[str, str]) -> float:
    command = ["train", "--track", "oval", "--max-steps", str(_PAIR_STEPS), "--seed", "7", "--out", str(out), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "deepracer_local", *command], env=dict(environment), capture_output=True, check=True
    )
    result = json.loads(done.stdout)
    return float(result["total_steps"] / result["training_seconds"])


def _fill(data_dir: Path, *, n_models: int, n_jobs: int) -> None:
    """Writes models and finished jobs straight into the database of a service that does not run."""
    data_dir.mkdir(parents=True)
    database = open_database(f"sqlite:///{data_dir / 'service.db'}")
    database.migrate()
    spec = {"train": {"track": "oval"}, "request": {}, "job": {}}
    for i in range(n_models):
        new = NewModel(name=f"model {i}", spec=spec, reward_key="none", track="oval", tags=("load",))
        _, job = database.jobs.add_with_model("local", new, JobKind.TRAIN, {})
        database.jobs.request_cancel("local", job.id)
    database.close()
    _copy_jobs(data_dir / "service.db", n_jobs // n_models - 1)


def _copy_jobs(file: Path, n_copies: int) -> None:
    """Repeats every job so many times under new ids: through the queue it would take minutes."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
        copied = ", ".join(name for name in columns if name not in {"number", "id", "idempotency_key"})
        connection.execute(
            f"WITH RECURSIVE copies(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copies WHERE i < {n_copies}) "
            f"INSERT INTO jobs (id, {copied}) SELECT substr(hex(randomblob(8)), 1, 15), {copied} FROM jobs, copies"
        )


@contextmanager
def _two_trainings(service: RunningService) -> Iterator[None]:
    with Client(service.url, service.token) as client:
        models = [client.train(name=f"busy-{i}", track="oval", max_minutes=10) for i in range(2)]
        for model in models:
            while not client.request("GET", f"/jobs/{model.job['id']}")["progress"]:
                time.sleep(0.05)
        try:
            yield
        finally:
            for model in models:
                model.stop()


def _list_latency(service: RunningService) -> list[Measurement]:
    latencies_ms = sorted(_get(service, "/api/v1/models?limit=500") for _ in range(200))
    p99 = _p99(latencies_ms)
    return [
        median_of("GET /models with 500 models, both cores training", latencies_ms, "ms"),
        Measurement("the same, p99", p99, "ms", (p99,), "under 200"),
    ]


def _load(service: RunningService, *, n_clients: int = 200, seconds: float = 10.0) -> list[Measurement]:
    """Sends requests from 200 connections: a tenth change a model, the others read lists and, as often, one thing."""
    with Client(service.url, service.token) as client:
        models = [f"/api/v1/models/{model['id']}" for model in client.models(search="model 1")]
        jobs = [f"/api/v1/jobs/{job['id']}" for job in client.request("GET", "/jobs?limit=100")["jobs"]]
    reads = [path for pair in zip(_LISTS * 50, [*models[:100], *jobs], strict=False) for path in pair]
    target = Target(service.port, service.token, reads, models)
    paced = put_under_load(target, n_clients=n_clients, seconds=seconds, interval_s=_TURN_S)
    driven = put_under_load(target, n_clients=n_clients, seconds=seconds)
    errors = float(paced.errors + driven.errors)
    p99, rate, most = _p99(paced.latencies_ms), paced.requests_per_second, driven.requests_per_second
    writes = (
        f"median {statistics.median(paced.latencies_ms):.0f}, p99 of the writes {_p99(sorted(paced.writes_ms)):.0f}"
    )
    name = f"{n_clients} clients, 90 % reads, both cores training"
    return [
        Measurement(f"{name}, each asking every 0.38 s", rate, "requests/s", (rate,), "at least 500"),
        Measurement("the same, p99", p99, "ms", (p99,), "under 300", note=writes),
        Measurement("the same, errors", errors, "", (errors,), "0"),
        Measurement(
            f"{name}, as fast as they can",
            most,
            "requests/s",
            (most,),
            "",
            note=f"p99 {_p99(driven.latencies_ms):.0f} ms",
        ),
    ]


def _p99(values: list[float]) -> float:
    """Returns the 99th percentile of sorted values."""
    return values[int(0.99 * len(values))]


def _watcher_lag(service: RunningService, *, n_watchers: int = 100) -> Measurement:
    """Returns the p99 over 100 watchers of one job of the time from an event to its arrival."""
    with Client(service.url, service.token) as client:
        model = client.train(name="watched", track="oval", max_steps=512)
        job_id = model.job["id"]
        arrivals: list[float] = []
        lock = threading.Lock()
        is_watching = threading.Barrier(n_watchers + 1)

        def watch() -> None:
            with Client(service.url, service.token) as watcher:
                events = watcher.events(job_id)
                next(events)
                is_watching.wait(60)
                for name, _body in events:
                    if name == "job":
                        with lock:
                            arrivals.append(time.perf_counter())
                        return

        threads = [threading.Thread(target=watch) for _ in range(n_watchers)]
        for thread in threads:
            thread.start()
        is_watching.wait(60)
        happened_at = time.perf_counter()
        client.request("POST", f"/jobs/{job_id}/pause")
        for thread in threads:
            thread.join(60)
        model.stop()
    lags = sorted(at - happened_at for at in arrivals)
    p99 = lags[int(0.99 * len(lags)) - 1] if lags else float("nan")
    name = f"{n_watchers} watchers of one job, lag p99"
    return Measurement(name, p99, "s", tuple(lags), "under 1", note=f"median {statistics.median(lags):.2f} s")


def _get(service: RunningService, path: str) -> float:
    """Returns the milliseconds of one GET on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    started_at = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Bearer {service.token}"})
    response = connection.getresponse()
    response.read()
    elapsed_ms = (time.perf_counter() - started_at) * 1e3
    connection.close()
    if response.status != 200:
        raise WorldError(f"Expected {path} to answer 200, it answered {response.status}.")
    return elapsed_ms
