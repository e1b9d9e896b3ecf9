"""One model of the service, as a notebook holds it: its jobs, what it learnt and what it left behind."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote

from deepracer_local.client._errors import ServiceError

_OVER = frozenset({"COMPLETED", "FAILED", "CANCELED"})
_POLL_S = 0.5
_ROWS_AT_ONCE = 5_000
_ITEMS_AT_ONCE = 500
Watch = Callable[[dict[str, Any]], None]
"""Told of a job's state now and then."""
Rows = list[dict[str, Any]]
_TRACES = {
    "episode": ("/episodes/{}/trace", ()),
    "training": ("/traces/training/{}", ("episode",)),
    "evaluation": ("/traces/evaluation/{}", ("episode", "lap")),
    "job": ("/evaluations/{}/trace", ("lap", "car")),
}
"""Where each kind of trace is, and what may be chosen from it."""


class Requests(Protocol):
    """What a handle needs of its client."""

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request below ``/api/v1`` and returns the decoded JSON."""

    def text(self, path: str, **options: Any) -> str:
        """Returns the text below ``/api/v1``."""

    def download(self, path: str, target: Path, **options: Any) -> Path:
        """Streams ``path`` below ``/api/v1`` into the file ``target``."""

    def log_lines(self, job_id: str, *, follow: bool = False) -> Iterator[dict[str, Any]]:
        """Yields the lines that a job has printed."""


class ModelHandle:
    """One model of the service.

    Attributes:
        info: what the service last said about it.
        evaluation: the last evaluation that this handle drove, or None.
    """

    def __init__(self, client: Requests, info: dict[str, Any]) -> None:
        self._client = client
        self.info = info
        self.evaluation: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """The model's id."""
        return str(self.info["id"])

    @property
    def job(self) -> dict[str, Any]:
        """The newest job."""
        job: dict[str, Any] = self.info["jobs"][0]
        return job

    def refresh(self) -> Self:
        """Asks the service again."""
        self.info = self._get("")
        return self

    def wait(self, watch: Watch = lambda _job: None, *, timeout_s: float | None = None) -> Self:
        """Waits until the newest job is over.

        Raises:
            ServiceError: the job failed, or the time is over.
        """
        job = self._wait(self.job["id"], watch, timeout_s)
        self.refresh()
        if job["status"] == "FAILED":
            raise ServiceError(422 if job["fault"] == "USER_ERROR" else 500, "JOB_FAILED", job["message"] or "failed")
        return self

    def evaluate(self, *, watch: Watch = lambda _job: None, timeout_s: float | None = None, **options: Any) -> Self:
        """Drives laps, alone or against an ``opponent``, and waits for them; ``evaluation`` then holds them."""
        job = self._wait(self.queue_evaluation(**options)["id"], watch, timeout_s)
        if job["status"] != "COMPLETED":
            raise ServiceError(500, "JOB_FAILED", job["message"] or job["status"])
        self.evaluation = self._get(f"/evaluations/{job['id']}")
        return self

    def queue_evaluation(self, **options: Any) -> dict[str, Any]:
        """Queues laps and returns the evaluation at once; ``trials``, ``track``, ... as the service takes them.

        ``opponent``, whom it races against, is a model or its id; ``opponent_checkpoint`` else is ``best``.
        """
        opponent = options.get("opponent")
        if isinstance(opponent, ModelHandle):
            options["opponent"] = opponent.id
        evaluation: dict[str, Any] = self._client.request("POST", f"/models/{self.id}/evaluations", json=options)
        return evaluation

    def clone(self, **changes: Any) -> ModelHandle:
        """Creates a model that begins with the weights of this one."""
        body = {"name": self.info["name"], **changes}
        return ModelHandle(self._client, self._client.request("POST", f"/models/{self.id}/clone", json=body))

    def stop(self) -> Self:
        """Stops the running or waiting job; a training keeps its last checkpoint."""
        return self._act("stop")

    def pause(self) -> Self:
        """Pauses the running or waiting job."""
        return self._act("pause")

    def resume(self) -> Self:
        """Goes on with the paused job."""
        return self._act("resume")

    def update(self, **changes: Any) -> Self:
        """Changes ``name``, ``description`` or ``tags``, a list of words."""
        self._client.request("PATCH", f"/models/{self.id}", json=changes)
        return self.refresh()

    def metrics(self) -> Rows:
        """Returns a row per policy update: steps, rewards, losses."""
        return self._rows("/metrics", "iteration")

    def episodes(self) -> Rows:
        """Returns a row per finished training episode."""
        return self._rows("/episodes", "number")

    def training_evaluations(self) -> Rows:
        """Returns a row per evaluation that training drove by itself."""
        return self._rows("/training-evaluations", "iteration")

    def evaluations(self) -> Rows:
        """Returns the evaluations that were asked for, the newest first, all pages."""
        return all_pages(self._client, f"/models/{self.id}/evaluations", "evaluations")

    def checkpoints(self) -> Rows:
        """Returns the checkpoints that are kept, the oldest first."""
        found: Rows = self._get("/checkpoints")["checkpoints"]
        return found

    def reward_function(self) -> str:
        """Returns the source text of the reward function as it was handed in."""
        return self._client.text(f"/models/{self.id}/reward-function")

    def traces(self, kind: str = "training") -> Rows:
        """Returns which step traces there are: of the ``training``, or of each ``evaluation`` that it drove."""
        return self._rows("/traces", "number", field="traces", kind=kind)

    def trace(self, kind: str, number: int | str, **choice: Any) -> Rows:
        """Returns the steps of a trace, a row each.

        Args:
            kind: ``episode`` for a training episode, ``training`` for an iteration, ``evaluation`` for an evaluation
                that training drove by itself, ``job`` for one that was asked for.
            number: the ``number`` that ``episodes`` or ``traces`` says; of a job its id.
            choice: ``episode`` of a ``training`` or ``evaluation``, or ``lap`` of an ``evaluation`` or a ``job``; of a
                ``job`` that is a race of two models ``car``: ``model`` or ``opponent``.
        """
        path, query = trace_request(kind, number, **choice)
        return self._rows(path, "row", **query)

    def save_trace(
        self, path: str | Path, kind: str, number: int | str, *, columns: Sequence[str] | None = None, **choice: Any
    ) -> Path:
        """Saves the steps of a trace as CSV, all ``columns`` or only these; the rest as for ``trace``."""
        place, query = trace_request(kind, number, **choice)
        if columns is not None:
            query |= {"columns": ",".join(columns)}
        return self._save(f"{place}.csv", path, **query)

    def objects(self, kind: str, number: int | str, *, episode: int | None = None, car: str | None = None) -> Rows:
        """Returns what was on the road beside the car: rows that hold from their step on.

        Args:
            kind: ``training`` for an iteration, ``evaluation`` for an evaluation that training drove by itself, ``job``
                for one that was asked for.
            number: the ``number`` that ``traces`` says; of a job its id.
            episode: only this one, as the trace's column says.
            car: of a race of two models ``opponent`` for what its opponent met.
        """
        part = segment(str(number))
        path = f"/evaluations/{part}/objects" if kind == "job" else f"/traces/{segment(kind)}/{part}/objects"
        query = {"episode": episode, "car": car}
        found: Rows = self._get(path, **{name: value for name, value in query.items() if value is not None})["rows"]
        return found

    def insight(self, evaluation_id: str, *, lap: int = 1) -> dict[str, Any]:
        """Returns what the network saw at each step of an evaluated lap, what it thought of it and where it looked."""
        found: dict[str, Any] = self._get(f"/evaluations/{segment(evaluation_id)}/insight", lap=lap)
        return found

    def assets(self) -> Rows:
        """Returns the files of the model: name, kind, size in bytes, SHA-256."""
        found: Rows = self._get("/assets")["assets"]
        return found

    def save_asset(self, name: str, path: str | Path) -> Path:
        """Saves one of the model's files."""
        return self._save(f"/assets/{segment(name)}", path)

    def save_logs(
        self,
        path: str | Path,
        kind: str = "training",
        *,
        layout: str = "console",
        evaluations: bool = False,
        evaluation_id: str | None = None,
    ) -> Path:
        """Saves logs and metrics in the original's formats as a tar.gz, also while the training runs.

        Args:
            path: the file to write.
            kind: ``training`` or ``evaluation``.
            layout: ``console`` or ``drfc``, the folders that the community's tools know.
            evaluations: of a training, also those of the evaluations that were asked for.
            evaluation_id: of the evaluations only this one.
        """
        given = {"evaluations": evaluations or None, "evaluation": evaluation_id}
        query = {name: value for name, value in given.items() if value is not None}
        return self._save(f"/assets/{segment(kind)}-logs", path, layout=layout, **query)

    def save_export(self, path: str | Path) -> Path:
        """Saves all that the model was asked for as YAML; ``Client.train_again`` takes it."""
        return self._save("/export", path)

    def download(self, path: str | Path, *, checkpoint: str = "best") -> Path:
        """Saves the model as a tar.gz that holds a run directory."""
        return self._save("/archive", path, checkpoint=checkpoint)

    def export(
        self, *, checkpoint: str = "best", formats: Sequence[str] = ("car",), watch: Watch = lambda _job: None
    ) -> Rows:
        """Has files of a checkpoint made for other programs and waits for them; returns the report about each.

        Args:
            checkpoint: ``best``, ``last`` or a name.
            formats: ``car`` for the physical car, ``onnx``, ``tflite``.
            watch: is told of the job's state now and then.

        Raises:
            ServiceError: the physical car cannot drive with such a model, or a file has not passed its test.
        """
        job = self._wait(self.queue_export(checkpoint=checkpoint, formats=formats)["id"], watch, None)
        if job["status"] != "COMPLETED":
            raise ServiceError(500, "JOB_FAILED", job["message"] or job["status"])
        reports: Rows = job["result"]["exports"]
        return reports

    def queue_export(self, *, checkpoint: str = "best", formats: Sequence[str] = ("car",)) -> dict[str, Any]:
        """Queues what ``export`` waits for and returns the job at once."""
        wish = {"checkpoint": checkpoint, "formats": list(formats)}
        job: dict[str, Any] = self._client.request("POST", f"/models/{self.id}/exports", json=wish)
        return job

    def exports(self) -> Rows:
        """Returns the files that were made of checkpoints for other programs: name and report of each."""
        found: Rows = self._get("/exports")["exports"]
        return found

    def save_for_car(self, path: str | Path, *, checkpoint: str = "best", form: str = "car") -> dict[str, Any]:
        """Saves the archive for the physical car, or another ``form`` of ``export``; has it made where it is missing.

        Returns:
            The report about it: ``agreement``, ``largest_difference``, ``frames``, ...
        """
        query = {"checkpoint": checkpoint, "format": form}
        try:
            saved = self._save("/assets/physical-car", path, **query)
        except ServiceError as err:
            if err.status != HTTPStatus.CONFLICT:
                raise
            self.export(checkpoint=checkpoint, formats=[form])
            saved = self._save("/assets/physical-car", path, **query)
        sha256 = hashlib.sha256(saved.read_bytes()).hexdigest()
        report: dict[str, Any] = next(one["report"] for one in self.exports() if one["report"]["sha256"] == sha256)
        return report

    def logs(self, *, follow: bool = False) -> Iterator[str]:
        """Yields the lines that its training has printed; with ``follow`` what it prints until it is over, too."""
        job_id = self._client.request("GET", f"/models/{self.id}/logs", params={"limit": 1})["job_id"]
        return (line["text"] for line in self._client.log_lines(job_id, follow=follow))

    def delete(self) -> None:
        """Deletes the model with everything that belongs to it."""
        self._client.request("DELETE", f"/models/{self.id}")

    def _act(self, action: str) -> Self:
        self._client.request("POST", f"/models/{self.id}/{action}")
        return self

    def _get(self, path: str, **query: Any) -> Any:
        return self._client.request("GET", f"/models/{self.id}{path}", params=query)

    def _save(self, path: str, target: str | Path, **query: Any) -> Path:
        return self._client.download(f"/models/{self.id}{path}", Path(target), params=query)

    def _rows(self, path: str, number: str, *, field: str = "rows", **query: Any) -> Rows:
        """Returns the rows of all pages; ``number`` is the column by which they go on."""
        found: Rows = []
        while page := self._get(path, after=found[-1][number] if found else -1, limit=_ROWS_AT_ONCE, **query)[field]:
            found += page
        return found

    def _wait(self, job_id: str, watch: Watch, timeout_s: float | None) -> dict[str, Any]:
        started_at = time.monotonic()
        while True:
            job: dict[str, Any] = self._client.request("GET", f"/jobs/{job_id}")
            watch(job)
            if job["status"] in _OVER:
                return job
            if timeout_s is not None and time.monotonic() - started_at > timeout_s:
                raise ServiceError(408, "TIMEOUT", f"Job {job_id} is still {job['status']} after {timeout_s:g} s.")
            time.sleep(_POLL_S)


def all_pages(client: Requests, path: str, field: str, **query: Any) -> Rows:
    """Returns the rows of a list that goes on with ``next_token``, of all pages."""
    found: Rows = []
    token: str | None = None
    while True:
        page = client.request(
            "GET", path, params={"limit": _ITEMS_AT_ONCE, **query, **({"token": token} if token else {})}
        )
        found += page[field]
        token = page["next_token"]
        if token is None:
            return found


def segment(name: str) -> str:
    """Returns a name as one segment of an address, whatever is in it."""
    return quote(name, safe="")


def trace_request(kind: str, number: int | str, **choice: Any) -> tuple[str, dict[str, Any]]:
    """Returns where a model has a trace and the query for it; the arguments as for ``ModelHandle.trace``.

    Raises:
        ServiceError: there is no such kind, or nothing to choose so from it.
    """
    if kind not in _TRACES:
        raise ServiceError(422, "INVALID", f"kind: expected one of {', '.join(_TRACES)}, got {kind!r}.", field="kind")
    path, choices = _TRACES[kind]
    for name in choice:
        if name not in choices:
            known = ", ".join(choices) or "nothing to choose from it"
            raise ServiceError(
                422, "INVALID", f"{name}: a trace of the kind {kind} has no such choice. It has: {known}.", field=name
            )
    return path.format(segment(str(number))), choice
