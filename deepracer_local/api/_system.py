"""Routes about the service itself: health, metrics, sign-in, documentation."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from deepracer_local.api._auth import Reader, Writer
from deepracer_local.api._errors import ApiError, ErrorBody
from deepracer_local.api._guard import COOKIE, token_of
from deepracer_local.api._services import Kit, Services
from deepracer_local.domain import SandboxPolicy
from deepracer_local.errors import DeepRacerError

router = APIRouter(tags=["system"])

_DOCS_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
_DOCS_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>deepracer_local API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon.png"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>"""
_DOCS_SCRIPT = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", deepLinking: true});'


class Part(BaseModel):
    """One part of the service and how it is."""

    name: str
    is_healthy: bool
    message: str
    milliseconds: float


class Readiness(BaseModel):
    """Whether the service can work."""

    is_ready: bool
    version: str
    parts: list[Part]


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Answers while the process lives; needs no token and tells nothing else."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Readiness | ErrorBody, "description": "A part cannot be reached"}})
def readyz(_: Reader, kit: Kit, response: Response) -> Readiness:
    """Tells whether database and store can be reached, the disk has room, and reward functions run as is demanded."""
    checks = {"database": kit.database.check, "artifact store": kit.store.check, "disk": kit.require_room}
    parts = [*(_probe(name, check) for name, check in checks.items()), _sandbox(kit)]
    is_ready = all(part.is_healthy for part in parts)
    response.status_code = 200 if is_ready else 503
    return Readiness(is_ready=is_ready, version=kit.version, parts=parts)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(_: Reader, kit: Kit) -> PlainTextResponse:
    """Returns counts of jobs by state, in Prometheus' format."""
    registry = CollectorRegistry()
    jobs = Gauge("deepracer_jobs", "Jobs by state.", ["state"], registry=registry)
    for state, count in kit.database.jobs.counts().items():
        jobs.labels(state.value).set(count)
    return PlainTextResponse(generate_latest(registry).decode(), media_type="text/plain; version=0.0.4")


@router.get("/login", response_class=RedirectResponse, status_code=303)
def login(kit: Kit, code: Annotated[str, Query(max_length=100)]) -> Response:
    """Turns a one-time code, as ``serve`` prints it, into a session of this browser."""
    token = kit.login_codes.redeem(code)
    if token is None:
        raise ApiError(
            401, "This link was used before, or is older than a minute. `deepracer-local jobs link` makes one."
        )
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return response


@router.post("/api/v1/links", status_code=201)
def make_link(identity: Writer, kit: Kit, request: Request) -> dict[str, str]:
    """Returns a path that signs a browser in as the caller, once, within a minute."""
    token = token_of(request.headers)
    assert token is not None  # nobody comes here without
    return {"path": f"/login?code={kit.login_codes.issue(token)}", "owner": identity.owner}


@router.get("/openapi.json", response_class=JSONResponse, include_in_schema=False)
def openapi(_: Reader, request: Request) -> JSONResponse:
    """Returns the description of this API."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def docs(_: Reader) -> HTMLResponse:
    """Shows the description of this API as a page; it loads nothing from elsewhere."""
    return HTMLResponse(_DOCS_PAGE)


@router.get("/docs/{name}", include_in_schema=False)
def docs_file(_: Reader, name: str) -> Response:
    """Returns a file of that page."""
    if name == "start.js":
        return Response(_DOCS_SCRIPT, media_type="text/javascript")
    if name not in _DOCS_FILES:
        raise ApiError(404, "There is no such file.")
    content = (files("fastapi_offline") / "static" / name).read_bytes()
    return Response(content, media_type=_DOCS_FILES[name])


def _sandbox(kit: Services) -> Part:
    started_at = time.perf_counter()
    report = kit.wall.report()
    milliseconds = (time.perf_counter() - started_at) * 1e3
    is_healthy = report.is_safe or kit.sandbox.policy is SandboxPolicy.PREFERRED
    return Part(name="sandbox", is_healthy=is_healthy, message=report.sentence, milliseconds=round(milliseconds, 2))


def _probe(name: str, check: Callable[[], None]) -> Part:
    started_at = time.perf_counter()
    try:
        check()
        message = "good"
    except DeepRacerError as err:
        message = str(err)
    milliseconds = (time.perf_counter() - started_at) * 1e3
    return Part(name=name, is_healthy=message == "good", message=message, milliseconds=round(milliseconds, 2))
