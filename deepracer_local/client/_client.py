"""A client of one service: ``Client().train(reward="f.py", track="oval").wait().evaluate().download("m.tar.gz")``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deepracer_local.client._errors import ServiceError

DEFAULT_URL = "http://127.0.0.1:8321"
_OVER = frozenset({"COMPLETED", "FAILED", "CANCELED"})
_POLL_S = 0.5
Watch = Callable[[dict[str, Any]], None]
"""Told of a job's state now and then."""


class Client:
    """Speaks to a service. Every method raises ``ServiceError`` where the service does not do what is asked."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        token: str | None = None,
        *,
        timeout_s: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connects lazily.

        Args:
            url: where the service listens.
            token: without one, that of the service on this machine, from its data directory.
            timeout_s: of one request.
            transport: another way than sockets to reach the service, for tests.
        """
        headers = {"Authorization": f"Bearer {token if token is not None else local_token()}"}
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout_s, trust_env=False, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    @property
    def url(self) -> str:
        """Where the service is, without a slash at the end."""
        return str(self._http.base_url).rstrip("/")

    def text(self, path: str) -> str:
        """Returns the text below ``/api/v1``."""
        return self._send("GET", f"/api/v1{path}").text

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request below ``/api/v1`` and returns the decoded JSON, None for an empty answer."""
        response = self._send(method, f"/api/v1{path}", **options)
        return response.json() if response.content else None

    def train(
        self,
        reward: str | Path | None = None,
        *,
        name: str = "model",
        idempotency_key: str | None = None,
        model_metadata: str | Path | None = None,
        hyperparameters: str | Path | None = None,
        **options: Any,
    ) -> ModelHandle:
        """Creates a model and queues its training.

        Args:
            reward: the path of a ``reward_function.py``; without one the centre-line example is used.
            name: of the model.
            idempotency_key: the same key submits once.
            model_metadata: the path of a ``model_metadata.json``.
            hyperparameters: the path of a ``hyperparameters.json``.
            options: ``track``, ``max_minutes``, ``stop_after_clean_laps``, ... as ``POST /models`` takes them.
        """
        paths = {"reward_function": reward, "model_metadata": model_metadata, "hyperparameters": hyperparameters}
        files = {field: (Path(p).name, Path(p).read_bytes()) for field, p in paths.items() if p is not None}
        form = [*files.items(), ("request", (None, json.dumps({"name": name, **options}).encode()))]
        answer = self.request("POST", "/models", files=form, headers=_key(idempotency_key))
        return ModelHandle(self, answer)

    def train_again(self, file: str | Path, *, idempotency_key: str | None = None) -> ModelHandle:
        """Creates a model from a file that ``models export`` wrote, and queues its training."""
        headers = {**_key(idempotency_key), "Content-Type": "application/yaml"}
        return ModelHandle(self, self.request("POST", "/models", content=Path(file).read_bytes(), headers=headers))

    def model(self, model_id: str) -> ModelHandle:
        """Returns a model that exists."""
        return ModelHandle(self, self.request("GET", f"/models/{model_id}"))

    def models(self, **query: Any) -> list[dict[str, Any]]:
        """Returns models as ``GET /models`` lists them, all pages."""
        found: list[dict[str, Any]] = []
        token: str | None = None
        while True:
            page = self.request("GET", "/models", params={**query, **({"token": token} if token else {})})
            found += page["models"]
            token = page["next_token"]
            if token is None:
                return found

    def events(self, job_id: str | None = None, *, after: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields (name, body) of live events, of one job until it is over, or of the whole service."""
        path = "/api/v1/events" if job_id is None else f"/api/v1/jobs/{job_id}/events"
        params = {} if after is None else {"after": after}
        try:
            with self._http.stream("GET", path, params=params, timeout=httpx.Timeout(30.0)) as response:
                if response.status_code >= 400:
                    response.read()
                    raise _error(response)
                yield from _parse_events(response.iter_lines())
        except httpx.HTTPError as err:
            raise _unreachable(err, self._http.base_url) from err

    def download(self, path: str, target: Path, **options: Any) -> Path:
        """Streams ``path`` below ``/api/v1`` into the file ``target``; it appears when it is whole."""
        draft = target.with_name(f".{target.name}.part")
        try:
            with self._http.stream("GET", f"/api/v1{path}", **options) as response:
                if response.status_code >= 400:
                    response.read()
                    raise _error(response)
                with draft.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
        except httpx.HTTPError as err:
            raise _unreachable(err, self._http.base_url) from err
        return draft.replace(target)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as err:
            raise _unreachable(err, self._http.base_url) from err
        if response.status_code >= 400:
            raise _error(response)
        return response


class ModelHandle:
    """One model of the service.

    Attributes:
        info: what the service last said about it.
        evaluation: the last evaluation that this handle drove, or None.
    """

    def __init__(self, client: Client, info: dict[str, Any]) -> None:
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
        self.info = self._client.request("GET", f"/models/{self.id}")
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
        """Drives laps and waits for them; ``evaluation`` then holds them."""
        job = self._client.request("POST", f"/models/{self.id}/evaluations", json=options)
        job = self._wait(job["id"], watch, timeout_s)
        if job["status"] != "COMPLETED":
            raise ServiceError(500, "JOB_FAILED", job["message"] or job["status"])
        self.evaluation = self._client.request("GET", f"/models/{self.id}/evaluations/{job['id']}")
        return self

    def clone(self, **changes: Any) -> ModelHandle:
        """Creates a model that begins with the weights of this one."""
        body = {"name": self.info["name"], **changes}
        return ModelHandle(self._client, self._client.request("POST", f"/models/{self.id}/clone", json=body))

    def stop(self) -> Self:
        """Stops the running or waiting job."""
        self._client.request("POST", f"/models/{self.id}/stop")
        return self

    def download(self, path: str | Path, *, checkpoint: str = "best") -> Path:
        """Saves the model as a tar.gz that holds a run directory."""
        params = {"checkpoint": checkpoint}
        return self._client.download(f"/models/{self.id}/archive", Path(path), params=params)

    def delete(self) -> None:
        """Deletes the model with everything that belongs to it."""
        self._client.request("DELETE", f"/models/{self.id}")

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


def local_token(data_dir: Path | None = None) -> str:
    """Returns the token of the service on this machine; empty where there is none."""
    folder = data_dir or Path.home() / ".local" / "share" / "deepracer-local"
    try:
        return (folder / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _key(idempotency_key: str | None) -> dict[str, str]:
    return {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}


def _parse_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name, data = "message", ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif not line and data:
            yield name, json.loads(data)
            name, data = "message", ""


def _error(response: httpx.Response) -> ServiceError:
    try:
        body = response.json()
        return ServiceError(
            response.status_code, body["code"], body["message"], field=body.get("field"), request_id=body["request_id"]
        )
    except (ValueError, KeyError):
        return ServiceError(response.status_code, "ERROR", f"The service answered {response.status_code}.")


def _unreachable(err: httpx.HTTPError, url: httpx.URL) -> ServiceError:
    return ServiceError(0, "UNREACHABLE", f"No service answers at {url} ({err}). Start one: deepracer-local serve.")
