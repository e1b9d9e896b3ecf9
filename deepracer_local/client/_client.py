"""A client of one service: ``Client().train(reward="f.py", track="oval").wait().evaluate().download("m.tar.gz")``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deepracer_local.client._errors import ServiceError
from deepracer_local.client._model import ModelHandle, all_pages, segment
from deepracer_local.client._streams import PATIENCE_S, EventReader

DEFAULT_URL = "http://127.0.0.1:8321"


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
            base_url=url,
            headers=headers,
            timeout=timeout_s,
            trust_env=False,
            transport=transport,
            verify=not url.startswith("http:"),  # to load the world's certificates takes longer than a request
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

    def text(self, path: str, **options: Any) -> str:
        """Returns the text below ``/api/v1``."""
        return self._send("GET", f"/api/v1{path}", **options).text

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
        sensor_settings: str | Path | None = None,
        curriculum: str | Path | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> ModelHandle:
        """Creates a model and queues its training.

        Args:
            reward: the path of a ``reward_function.py``; without one the centre-line example is used.
            name: of the model.
            idempotency_key: the same key submits once.
            model_metadata: the path of a ``model_metadata.json``.
            hyperparameters: the path of a ``hyperparameters.json``.
            sensor_settings: the path of a JSON file with rate, delay and noise of the sensors.
            curriculum: the path of a JSON or YAML file of stages, or the same as a mapping.
            options: ``track``, ``sensors``, ``randomisation``, ``max_minutes``, ... as ``POST /models`` takes them.
        """
        paths = {
            "reward_function": reward,
            "model_metadata": model_metadata,
            "hyperparameters": hyperparameters,
            "sensor_settings": sensor_settings,
        }
        if isinstance(curriculum, Mapping):
            options["curriculum"] = dict(curriculum)
        else:
            paths["curriculum"] = curriculum
        files = {field: (Path(p).name, Path(p).read_bytes()) for field, p in paths.items() if p is not None}
        form = [*files.items(), ("request", (None, json.dumps({"name": name, **options}).encode()))]
        answer = self.request("POST", "/models", files=form, headers=_key(idempotency_key))
        return ModelHandle(self, answer)

    def train_again(self, file: str | Path, *, idempotency_key: str | None = None) -> ModelHandle:
        """Creates a model from a file that ``models export`` wrote, and queues its training."""
        headers = {**_key(idempotency_key), "Content-Type": "application/yaml"}
        return ModelHandle(self, self.request("POST", "/models", content=Path(file).read_bytes(), headers=headers))

    def import_model(
        self,
        file: str | Path,
        *,
        name: str | None = None,
        track: str | None = None,
        description: str = "",
        idempotency_key: str | None = None,
        timeout_s: float = 300.0,
    ) -> ModelHandle:
        """Takes a model from an archive; ``info["imported"]`` says what was taken over and what not.

        Args:
            file: a tar, tar.gz or zip: an export of this program, a model folder of the original, a car's archive.
            name: what to call it; without one its file's name.
            track: drive on this one, whatever the archive says.
            description: of the model.
            idempotency_key: the same key imports once.
            timeout_s: of the upload and of the reading.
        """
        given = {"name": name, "track": track, "description": description or None}
        data = {key: value for key, value in given.items() if value is not None}
        with Path(file).open("rb") as content:
            answer = self.request(
                "POST",
                "/models/import",
                files={"file": (Path(file).name, content)},
                data=data,
                headers=_key(idempotency_key),
                timeout=timeout_s,
            )
        return ModelHandle(self, answer)

    def model(self, model_id: str) -> ModelHandle:
        """Returns a model that exists."""
        return ModelHandle(self, self.request("GET", f"/models/{model_id}"))

    def models(self, **query: Any) -> list[dict[str, Any]]:
        """Returns models as ``GET /models`` lists them, all pages."""
        return all_pages(self, "/models", "models", **query)

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        """Returns jobs as ``GET /jobs`` lists them, the newest first, all pages."""
        return all_pages(self, "/jobs", "jobs", **query)

    def queue(self) -> list[dict[str, Any]]:
        """Returns the waiting jobs in the order in which they start."""
        return all_pages(self, "/jobs/queue", "jobs")

    def tracks(self) -> list[dict[str, Any]]:
        """Returns the measures of the service's tracks, the uploaded ones too."""
        found: list[dict[str, Any]] = self.request("GET", "/tracks")["tracks"]
        return found

    def track(self, name: str) -> dict[str, Any]:
        """Returns one of the service's tracks: its measures and its lines in metres."""
        found: dict[str, Any] = self.request("GET", f"/tracks/{segment(name)}")
        return found

    def save_track_picture(self, name: str, path: str | Path) -> Path:
        """Saves the outline of one of the service's tracks as SVG."""
        return self.download(f"/tracks/{segment(name)}/picture", Path(path))

    def upload_track(self, file: str | Path, name: str) -> dict[str, Any]:
        """Hands over a .npy file of the community as a track; returns its measures."""
        files = {"file": (Path(file).name, Path(file).read_bytes())}
        track: dict[str, Any] = self.request("POST", "/tracks", files=files, data={"name": name})
        return track

    def draw_track(
        self,
        points: Sequence[tuple[float, float]],
        *,
        width_m: float,
        name: str | None = None,
        title: str = "",
        description: str = "",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Makes a track of a drawn road; returns what became of it.

        Args:
            points: of a smooth loop, metres, 4 to 200, in driving order; it starts at the first.
            width_m: from border to border.
            name: of the track; only a dry run does without.
            title: its name for people.
            description: a sentence about it.
            dry_run: stores nothing; the answer has the errors, which are otherwise refused.
        """
        body = {
            "name": name,
            "title": title,
            "description": description,
            "points": [list(point) for point in points],
            "width_m": width_m,
            "dry_run": dry_run,
        }
        drawn: dict[str, Any] = self.request("POST", "/tracks/drawn", json=body)
        return drawn

    def delete_track(self, name: str) -> None:
        """Deletes an uploaded or drawn track on which no unfinished job drives."""
        self.request("DELETE", f"/tracks/{segment(name)}")

    def check_reward(
        self,
        file: str | Path,
        *,
        track: str = "reinvent_2018",
        race: Mapping[str, Any] | None = None,
        curriculum: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Lets the service try a reward function on states of a track; returns what it found.

        Args:
            file: the path of a ``reward_function.py``.
            track: where.
            race: whose objects are on the road, as ``POST /models`` takes it.
            curriculum: of the training; it is tried where the first stage drives.
        """
        body: dict[str, Any] = {"reward_function": Path(file).read_text(encoding="utf-8"), "track": track}
        if race:
            body["race"] = dict(race)
        if curriculum:
            body["curriculum"] = dict(curriculum)
        report: dict[str, Any] = self.request("POST", "/reward-functions/check", json=body)
        return report

    def preview_reward(
        self,
        file: str | Path,
        *,
        track: str = "reinvent_2018",
        reverse: bool = False,
        laps: Sequence[Mapping[str, Any]] = (),
        race: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Lets the service run a reward function over sample laps and a grid of a track; returns what it pays.

        Args:
            file: the path of a ``reward_function.py``.
            track: where.
            reverse: drive it against the order of its rows.
            laps: recorded ones of one's own to add, each with ``model``, ``evaluation`` and ``lap``.
            race: whose objects are on the road; none for an empty one.
        """
        text = Path(file).read_text(encoding="utf-8")
        body = {"reward_function": text, "track": track, "reverse": reverse, "laps": [dict(lap) for lap in laps]}
        body |= {"race": None if race is None else dict(race)}
        report: dict[str, Any] = self.request("POST", "/reward-functions/preview", json=body)
        return report

    def require_alive(self) -> None:
        """Raises ``ServiceError`` unless a service answers; needs no token."""
        self._send("GET", "/healthz")

    def health(self) -> dict[str, Any]:
        """Returns whether the service can work, and how each of its parts is."""
        response = self._answer("GET", "/readyz")
        is_answer = response.status_code in {200, 503} and "parts" in response.text
        if not is_answer:
            raise _error(response)
        found: dict[str, Any] = response.json()
        return found

    def prometheus(self) -> str:
        """Returns the service's counts in Prometheus' format."""
        return self._send("GET", "/metrics").text

    def events(
        self,
        job_id: str | None = None,
        *,
        after: int | None = None,
        log_after: int | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields (name, body) of live events, of one job until it is over, or of the whole service.

        When the connection breaks it comes back, and nothing is left out or told twice.

        Args:
            job_id: the job; None for all.
            after: the id of the last event already seen; without it from the job's beginning, or from now on.
            log_after: also yields ``log`` events, of the job's lines behind this number.
            patience_s: how long the service may be away, once it was there.
        """

        def open_stream(query: dict[str, int], headers: dict[str, str]) -> AbstractContextManager[httpx.Response]:
            path = "/events" if job_id is None else f"/jobs/{job_id}/events"
            return self._stream(path, params=query, headers=headers, timeout=httpx.Timeout(30.0))

        ends_with_job = job_id is not None
        yield from EventReader(
            open_stream, ends_with_job=ends_with_job, after=after, log_after=log_after, patience_s=patience_s
        ).events()

    def log_lines(
        self, job_id: str, *, after: int = 0, search: str = "", follow: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yields the lines that a job has printed, as ``GET /jobs/ID/logs`` has them.

        Args:
            job_id: the job.
            after: the number of the last line already seen.
            search: only lines with this in them; the case of A to Z does not matter.
            follow: goes on with what it prints until it is over.
        """
        if follow:
            for name, body in self.events(job_id, log_after=after):
                if name == "log":
                    yield from (line for line in body["lines"] if search.lower() in line["text"].lower())
            return
        while True:
            params = {"after": after, "search": search}
            lines = self.request("GET", f"/jobs/{job_id}/logs", params=params)["lines"]
            yield from lines
            if not lines:
                return
            after = lines[-1]["number"]

    def download(self, path: str, target: Path, **options: Any) -> Path:
        """Streams ``path`` below ``/api/v1`` into the file ``target``; it appears when it is whole."""
        draft = target.with_name(f".{target.name}.part")
        with self._stream(path, **options) as response, draft.open("wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
        return draft.replace(target)

    @contextmanager
    def _stream(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        try:
            with self._http.stream("GET", f"/api/v1{path}", **options) as response:
                if response.status_code >= 400:
                    response.read()
                    raise _error(response)
                yield response
        except httpx.HTTPError as err:
            raise _unreachable(err, self._http.base_url) from err

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._answer(method, path, **options)
        if response.status_code >= 400:
            raise _error(response)
        return response

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.HTTPError as err:
            raise _unreachable(err, self._http.base_url) from err


def local_token(data_dir: Path | None = None) -> str:
    """Returns the token of the service on this machine; empty where there is none."""
    folder = data_dir or Path.home() / ".local" / "share" / "deepracer-local"
    try:
        return (folder / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _key(idempotency_key: str | None) -> dict[str, str]:
    return {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}


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
