"""A car's web server, spoken to as its own page does.

Source: reference, section 8.2; aws-deepracer-webserver-pkg, ``webserver_pkg/models.py`` and ``login.py``. The server
says "done" to an upload when nothing was installed, so what it lists afterwards is looked at.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deepracer_local.car._archive import SUFFIX, CarArchive
from deepracer_local.car._trust import Trust, WrongCertificateError, presented_fingerprint
from deepracer_local.errors import CarError, ConflictError, SpecError

TOKEN_COOKIE = "deepracer_token"
CONNECT_S = 10.0
ANSWER_S = 30.0
WORK_S = 300.0
"""Unpacking and optimising take a minute and more on the car's computer."""
_SETTLE_S = 15.0
_TOKENS = (
    re.compile(r"""<meta[^>]*name=["']csrf-token["'][^>]*content=["']([^"']+)["']"""),
    re.compile(r"""<meta[^>]*content=["']([^"']+)["'][^>]*name=["']csrf-token["']"""),
    re.compile(r"""<input[^>]*name=["']csrf_token["'][^>]*value=["']([^"']+)["']"""),
)
OnBytes = Callable[[int], None]
"""Told how many bytes of the archive have been sent."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of an archive on a car."""

    name: str
    size: int
    has_replaced: bool
    """Whether a model of that name was there before."""
    is_selected: bool


def push(
    car: Car,
    archive: CarArchive,
    *,
    replace: bool = False,
    select: bool = True,
    on_bytes: OnBytes = lambda _count: None,
    announce: Callable[[str], None] = lambda _line: None,
) -> Pushed:
    """Uploads an archive to a car that has been logged in to, makes sure that it is installed, and selects it.

    Args:
        car: where to.
        archive: what.
        replace: whether a model of that name on the car may go.
        select: whether to load it, so that the car can drive with it.
        on_bytes: told how far the upload is.
        announce: told in a sentence what begins.

    Raises:
        ConflictError: a model of that name is on the car.
        CarError: the car did not install or load it.
    """
    is_there = archive.name in car.models()
    if is_there and not replace:
        raise ConflictError(
            f"Expected no model {archive.name!r} on the car, there is one. Choose another --name, or add --replace."
        )
    announce(f"uploading {archive.path.name} as {archive.name}")
    car.upload(archive, on_bytes=on_bytes)
    announce("looking whether the car has installed it")
    car.require_installed(archive.name)
    if select:
        announce("loading it; the first time the car optimises it, which takes a minute or two")
        car.select(archive.name)
    return Pushed(archive.name, archive.size, is_there, select)


class Car:
    """One car. Every method raises ``CarError`` where the car cannot be reached or does not do what is asked."""

    def __init__(
        self,
        address: str,
        trust: Trust,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects lazily.

        Args:
            address: ``HOST``, ``HOST:PORT`` or ``https://HOST``; ``http://`` only with blind trust.
            trust: which certificate to accept.
            pause: waits so many seconds before the car is asked again.
            clock: seconds.

        Raises:
            SpecError: it is no address.
        """
        self._url = _url_of(address, trust)
        self._pause = pause
        self._clock = clock
        self._http = httpx.Client(
            base_url=self._url,
            verify=trust.context(),
            follow_redirects=True,
            trust_env=False,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
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

    def log_in(self, password: str) -> None:
        """Logs in as the car's page does: a token against forged requests, the password, a cookie.

        Raises:
            SpecError: the password is wrong.
        """
        page = self._send("GET", "/").text
        token = next((found.group(1) for pattern in _TOKENS if (found := pattern.search(page))), None)
        if token is None:
            raise CarError(
                f"Expected the page of a DeepRacer car at {self._url}, something else answers there. Check the address."
            )
        # Behind TLS the server wants to see where a request comes from.
        self._http.headers.update({"X-CSRFToken": token, "Referer": f"{self._url}/"})
        self._send("POST", "/login", data={"password": password}, refusals=frozenset({400, 401, 403}))
        if TOKEN_COOKIE not in self._http.cookies:
            raise SpecError(
                f"password: the car at {self._url} does not take it. Its first one is on the underside of the car; it "
                "may have been changed on the car's page.",
                field="password",
            )

    def models(self) -> dict[str, dict[str, Any]]:
        """Returns what the car could drive with, by the name of its folder: network and description are there."""
        found = self._ask("GET", "/api/models").get("models")
        if not isinstance(found, list):
            raise self._strange("a list of models")
        return {str(model.get("model_folder_name")): model for model in found if isinstance(model, dict)}

    def upload(self, archive: CarArchive, *, on_bytes: OnBytes = lambda _count: None) -> None:
        """Uploads an archive; that the car answers "done" says nothing about whether it was installed."""
        with archive.path.open("rb") as content:
            files = {"file": (archive.name + SUFFIX, _Counted(content, on_bytes), "application/gzip")}
            timeout = httpx.Timeout(WORK_S, connect=CONNECT_S)
            answer = self._ask("POST", "/api/uploadModels", files=files, timeout=timeout)
        if answer.get("success") is not True:
            raise CarError(f"The car took the file and says: {answer.get('message', answer)}. Look at the car's log.")

    def require_installed(self, name: str) -> None:
        """Waits until the car lists the model.

        Raises:
            CarError: it does not: the archive was skipped.
        """
        deadline = self._clock() + _SETTLE_S
        while name not in self.models():
            if self._clock() > deadline:
                raise CarError(
                    f'The car said "done", but {name!r} is not among its models: it has skipped the archive, or its '
                    "disk is full. Delete models on the car's page, export the model again, and push it once more."
                )
            self._pause(0.5)

    def select(self, name: str) -> None:
        """Loads the model, so that the car drives with it; the first time the car optimises it.

        Raises:
            CarError: the car cannot: a sensor is missing, the model does not fit, or the optimiser failed.
        """
        model = self.models().get(name, {})
        if model.get("is_select_disabled"):
            sensors = ", ".join(map(str, model.get("model_sensors", []))) or "its sensors"
            raise CarError(
                f"The car has installed {name!r} but lacks what it needs: {sensors}. Plug it in and try again."
            )
        timeout = httpx.Timeout(WORK_S, connect=CONNECT_S)
        answer = self._ask("PUT", f"/api/models/{name}/model", timeout=timeout)
        reason = None if answer.get("success") is True else str(answer.get("reason", answer))
        deadline = self._clock() + WORK_S
        while reason is None:
            status = self._ask("GET", "/api/isModelLoading").get("isModelLoading")
            if status == "error":
                reason = "loading ended with an error"
            elif status != "loading":
                return
            elif self._clock() > deadline:
                reason = f"it is still loading after {WORK_S:.0f} s"
            else:
                self._pause(1.0)
        raise CarError(
            f"The car has installed {name!r} but cannot load it: {reason.rstrip('.!')}. If its optimiser failed, the "
            "network is none that it knows; the car's log has the details."
        )

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._send(method, path, **options).json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._strange("an answer in JSON")
        return answer

    def _send(
        self, method: str, path: str, *, refusals: frozenset[int] = frozenset(), **options: Any
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as err:
            raise self._unreachable(err, path) from err
        if answer.is_error and answer.status_code not in refusals:
            raise CarError(_refusal(answer.status_code, path))
        return answer

    def _strange(self, expected: str) -> CarError:
        return CarError(
            f"Expected {expected} from {self._url}, got something else. It is no car, or its server is just starting."
        )

    def _unreachable(self, err: httpx.HTTPError, path: str) -> Exception:
        cause: BaseException | None = err
        while cause is not None:
            if isinstance(cause, WrongCertificateError):
                return SpecError(
                    f"fingerprint: the one that answers at {self._url} has the fingerprint {cause.found}. It is "
                    "another machine, or the car was set up anew. Nothing was sent to it.",
                    field="fingerprint",
                )
            if isinstance(cause, ssl.SSLCertVerificationError):
                return self._untrusted()
            cause = cause.__cause__ or cause.__context__
        if path == "/api/uploadModels" and not isinstance(err, httpx.ConnectError):
            return CarError(
                f"The upload broke off ({str(err) or type(err).__name__}): the network, or the car's disk is full."
            )
        return CarError(
            f"No car answers at {self._url} ({str(err) or type(err).__name__}). Check that it is on, in the same "
            "network, and the address."
        )

    def _untrusted(self) -> Exception:
        url = httpx.URL(self._url)
        try:
            found = presented_fingerprint(url.host, url.port or 443, timeout_s=CONNECT_S)
        except OSError as err:
            return CarError(f"No car answers at {self._url} ({err}). Check the address.")
        return SpecError(
            f"fingerprint: the one that answers at {self._url} signed its certificate itself, as cars do. Its SHA-256 "
            f"is {found}. If you are sure that it is your car, give it with --fingerprint; --insecure trusts anybody.",
            field="fingerprint",
        )


class _Counted:
    """A file that tells how far it has been read."""

    def __init__(self, content: Any, on_bytes: OnBytes) -> None:
        self._content = content
        self._on_bytes = on_bytes

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._content.read(size)
        self._on_bytes(self._content.tell())
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        place: int = self._content.seek(offset, whence)
        return place

    def tell(self) -> int:
        place: int = self._content.tell()
        return place


def read_password(file: Path) -> str:
    """Returns the first line of a file.

    Raises:
        SpecError: it cannot be read, or is empty.
    """
    try:
        password = file.read_text(encoding="utf-8").split("\n", 1)[0].strip("\r")
    except (OSError, UnicodeDecodeError) as err:
        raise SpecError(f"--password-file: expected a text file, got {file}: {err}.", field="password") from err
    if not password:
        raise SpecError(
            f"--password-file: expected the password in the first line of {file}, it is empty.", field="password"
        )
    return password


def _refusal(status: int, path: str) -> str:
    if path == "/api/uploadModels":
        why = {413: "the file is too large for it", 507: "its disk is full"}.get(status, "its disk may be full")
        return f"The car refused the upload with {status}: {why}. Delete models on the car's page and try again."
    if status in {502, 503, 504}:
        return f"The car's server is not ready ({status}). Wait until it has started and try again."
    return f"The car answered {status} to {path}. Log in to its page and look at what it says."


def _url_of(address: str, trust: Trust) -> str:
    text = address if "://" in address else f"https://{address}"
    try:
        url = httpx.URL(text)
        is_plain = url.path in {"", "/"} and not url.query and not url.userinfo and bool(url.host)
    except httpx.InvalidURL:
        is_plain = False
    if not is_plain or url.scheme not in {"http", "https"}:
        raise SpecError(f"Expected a car's address like 192.168.1.7 or car.local, got {address!r}.", field="host")
    if url.scheme == "http" and not trust.is_blind:
        raise SpecError("http:// sends the password in the clear. Leave it out, or add --insecure.", field="host")
    return text.rstrip("/")
