"""The application: routes, errors and the guard around them, over services that it is given."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import ASGIApp

from deepracer_local.api import (
    _clean_up,
    _dashboard,
    _events,
    _exports,
    _imports,
    _insights,
    _jobs,
    _logs,
    _models,
    _objects,
    _previews,
    _progress,
    _randomisations,
    _rewards,
    _sandbox,
    _settings,
    _sockets,
    _system,
    _traces,
    _tracks,
    _training_logs,
)
from deepracer_local.api._errors import ErrorBody, install_error_handlers
from deepracer_local.api._guard import COOKIE, PUBLIC_PATHS, Guard
from deepracer_local.api._services import Services
from deepracer_local.api._shared_reads import SharedReads
from deepracer_local.api._tokens import DatabaseAuthenticator
from deepracer_local.api._training_request import CreateModel

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the token in the data directory's file `token`"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "set by the sign-in link"},
}
_FAILURE = {
    "description": "It could not be done; the body says why",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
}


def create_app(services: Services) -> FastAPI:
    """Returns the application without its guard; every route but the public ones then refuses everybody."""
    app = FastAPI(
        title="deepracer_local",
        version=services.version,
        description="Train, evaluate and race DeepRacer cars on your own machine.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    # Each route straight into the app. A router that is included has its routes made a second time, when the first
    # request comes, and every request looks through every level of routers twice.
    for router in (
        _imports.router,
        _models.router,
        _jobs.evaluations_router,
        _jobs.jobs_router,
        _training_logs.router,  # before the files of any name
        _exports.router,  # before the assets, of which physical-car could be one
        _progress.router,
        _traces.router,
        _insights.router,
        _objects.router,
        _logs.router,
        _tracks.router,
        _rewards.router,
        _previews.router,
        _randomisations.router,
        _events.router,
        _sockets.router,
        _settings.router,
        _clean_up.router,
        _sandbox.router,
        _system.router,
        _dashboard.router,
    ):
        app.router.routes.extend(router.routes)
    install_error_handlers(app)
    described: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not described:
            described.update(_describe(app))
        return described

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's documented way
    return app


def create_guarded_app(services: Services, *, hosts: frozenset[str] = LOOPBACK_HOSTS) -> ASGIApp:
    """Returns the application behind its guard, as it is served."""
    return Guard(SharedReads(create_app(services)), DatabaseAuthenticator(services.database), hosts=hosts)


def _describe(app: FastAPI) -> dict[str, Any]:
    """Returns the description of the API: what the framework finds, what guards it, and the body that a form hides."""
    described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = described["components"]["schemas"]
    for model in (CreateModel, ErrorBody):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    for property_ in schemas["ErrorBody"]["properties"].values():
        property_.pop("default", None)  # every answer has all of them
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    described["components"]["securitySchemes"] = _SECURITY
    for path, operations in described["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # the framework's own, in whose place ours is
            operation["responses"]["default"] = _FAILURE
            operation["security"] = [] if path in PUBLIC_PATHS else [{name: []} for name in _SECURITY]
    return described
