"""A web server that behaves like a car's, its lies included: the same routes, tokens, cookies and certificate."""

from __future__ import annotations

import io
import json
import re
import secrets
import ssl
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any

PASSWORD = "on the underside"
DATA = Path(__file__).parents[2] / "data" / "car"


@dataclass
class FakeCar:
    """What the car has and how it fails.

    Attributes:
        models: name → the network's bytes.
        disabled: whether the car lacks the sensors of its models.
        skips: whether it leaves archives unpacked and says "done" all the same.
        upload_status: what it answers to an upload instead.
        load_reason: why it cannot load a model.
        loading: what it says of a model that is being loaded, one after the other; the last one stays.
        is_car: whether its page has a token.
    """

    models: dict[str, bytes] = field(default_factory=dict)
    disabled: bool = False
    skips: bool = False
    upload_status: int = 200
    load_reason: str | None = None
    loading: list[str] = field(default_factory=lambda: ["loading", "loaded"])
    is_car: bool = True
    selected: str | None = None
    requests: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def running(car: FakeCar, *, tls: bool = True) -> Iterator[str]:
    """Runs the car's server; yields ``HOST:PORT``."""

    class Handler(_Handler):
        state = car

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(DATA / "certificate.pem", DATA / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: FakeCar
    protocol_version = "HTTP/1.1"
    csrf = secrets.token_hex(8)
    session = secrets.token_hex(8)

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:  # the name that the library calls
        self._note()
        if self.path == "/":
            token = f'<meta name="csrf-token" content="{self.csrf}">' if self.state.is_car else ""
            self._answer(200, f"<html><head>{token}</head></html>".encode(), "text/html")
        elif not self._is_logged_in():
            self._answer(401, b"no", "text/html")
        elif self.path == "/api/models":
            self._json({"build_type": "x", "models": [self._model(name) for name in self.state.models]})
        elif self.path == "/api/isModelLoading":
            said = self.state.loading
            self._json({"success": True, "isModelLoading": said.pop(0) if len(said) > 1 else said[0]})
        else:
            self._answer(404, b"", "text/html")

    def do_POST(self) -> None:
        self._note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("X-CSRFToken") != self.csrf or not self.headers.get("Referer"):
            self._answer(400, b"The CSRF token is missing.", "text/html")
        elif self.path == "/login":
            self._log_in(body)
        elif not self._is_logged_in():
            self._answer(401, b"no", "text/html")
        elif self.path == "/api/uploadModels":
            self._upload(body)
        elif (found := re.fullmatch(r"/api/models/([^/]+)/model", self.path)) is not None:
            self._load(found.group(1))
        else:
            self._answer(404, b"", "text/html")

    do_PUT = do_POST  # noqa: N815

    def _log_in(self, body: bytes) -> None:
        if body.decode().replace("+", " ") == f"password={PASSWORD}":
            self._answer(200, b"success", "text/html", f"deepracer_token={self.session}; Path=/")
        else:
            self._answer(401, b"failure", "text/html")

    def _upload(self, body: bytes) -> None:
        if self.state.upload_status != 200:
            self._answer(self.state.upload_status, b"Internal Server Error", "text/html")
            return
        head, _, rest = body.partition(b"\r\n\r\n")
        content = rest[: rest.rindex(b"\r\n--")]
        found = re.search(rb'name="file"; filename="([^"]+)"', head)
        assert found is not None
        self._install(found.group(1).decode().removesuffix(".tar.gz"), content)
        self._json({"success": True, "message": "Model uploaded successfully to your vehicle"})

    def _install(self, name: str, content: bytes) -> None:
        self.state.models.pop(name, None)
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]  # files
        networks = [path for path in files if PurePosixPath(path).suffix in ".pb"]
        if not self.state.skips and len(networks) == 1 and "model_metadata.json" in files:
            self.state.models[name] = files[networks[0]]

    def _load(self, name: str) -> None:
        if name not in self.state.models or self.state.load_reason is not None:
            self._json({"success": False, "reason": self.state.load_reason or "Model optimization failed!"})
        else:
            self.state.selected = name
            self._json({"success": True})

    def _model(self, name: str) -> dict[str, Any]:
        return {
            "model_name": "model",
            "model_folder_name": name,
            "model_sensors": ["Stereo camera"],
            "is_select_disabled": self.state.disabled,
        }

    def _is_logged_in(self) -> bool:
        return f"deepracer_token={self.session}" in self.headers.get("Cookie", "")

    def _note(self) -> None:
        self.state.requests.append(f"{self.command} {self.path}")

    def _json(self, value: dict[str, Any]) -> None:
        self._answer(200, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, content_type: str, cookie: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if cookie is not None:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)
