"""One error body for every route."""

from __future__ import annotations

import errno
import logging
import uuid
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from deepracer_local.errors import (
    ArchiveError,
    ConflictError,
    DeepRacerError,
    DiskFullError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    RewardError,
    StorageError,
    UnknownNameError,
)

log = logging.getLogger(__name__)

REQUEST_ID_HEADER = "X-Request-Id"
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    507: "DISK_FULL",
}


class ErrorBody(BaseModel):
    """What every failed request answers with."""

    code: str
    """A word for programs: INVALID, NOT_FOUND, CONFLICT, ..."""
    message: str
    """A sentence for people: what was expected, what came, what to do."""
    field: str | None = None
    """The dotted name of the field at fault."""
    line: int | None = None
    """The line of the reward function at fault."""
    request_id: str
    """The same as in the answer's X-Request-Id and in the service's log."""


class ApiError(Exception):
    """An answer that is not a success, where no other error says it."""

    def __init__(self, status: int, message: str, *, field: str | None = None) -> None:
        self.status = status
        self.message = message
        self.field = field
        super().__init__(message)


def error_response(
    request_id: str,
    status: int,
    message: str,
    *,
    field: str | None = None,
    line: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Returns the error body as a response."""
    body = ErrorBody(
        code=_CODES.get(status, "ERROR"),
        message=_sendable(message),
        field=None if field is None else _sendable(field),
        line=line,
        request_id=request_id,
    )
    return JSONResponse(
        body.model_dump(), status_code=status, headers={**(headers or {}), REQUEST_ID_HEADER: request_id}
    )


def status_of(err: DeepRacerError) -> int:
    """Returns the HTTP status that says what ``err`` says."""
    if isinstance(err, (NotFoundError, UnknownNameError)):
        return 404 if isinstance(err, NotFoundError) else 422
    if isinstance(err, ConflictError):
        return 409
    if isinstance(err, InvalidInputError):
        return 422
    if isinstance(err, DiskFullError):
        return 507
    return 503 if isinstance(err, StorageError) else 500


def request_id_of(request: Request) -> str:
    """Returns the id that the outermost layer gave this request."""
    return str(request.scope.get("state", {}).get("request_id") or uuid.uuid4().hex)


def install_error_handlers(app: FastAPI) -> None:
    """Makes every failure of ``app`` answer with ``ErrorBody``."""

    @app.exception_handler(DeepRacerError)
    def on_our_error(request: Request, err: DeepRacerError) -> JSONResponse:
        request_id, status = request_id_of(request), status_of(err)
        if isinstance(err, FieldError):
            return error_response(request_id, status, str(err), field=err.field or None)
        if isinstance(err, ArchiveError):
            return error_response(request_id, status, str(err), field="file")
        if isinstance(err, RewardError):
            return error_response(request_id, status, str(err), field="reward_function", line=err.line)
        if status >= 500:
            log.error("request.failed", exc_info=err, extra={"request_id": request_id})
        return error_response(request_id, status, str(err))

    @app.exception_handler(ApiError)
    def on_api_error(request: Request, err: ApiError) -> JSONResponse:
        return error_response(request_id_of(request), err.status, err.message, field=err.field)

    @app.exception_handler(RequestValidationError)
    def on_validation_error(request: Request, err: RequestValidationError) -> JSONResponse:
        fault = err.errors()[0]
        field = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
        message = str(fault["msg"]).removeprefix("Value error, ")
        return error_response(request_id_of(request), 422, f"{field}: {message}.", field=field)

    @app.exception_handler(HTTPException)
    def on_http_error(request: Request, err: HTTPException) -> JSONResponse:
        return error_response(request_id_of(request), err.status_code, _sentence(err), headers=err.headers)

    @app.exception_handler(OSError)
    def on_system_error(request: Request, err: OSError) -> JSONResponse:
        if err.errno not in {errno.ENOSPC, errno.EDQUOT}:
            return on_bug(request, err)
        return error_response(request_id_of(request), 507, "The service's disk is full. Delete models, or make room.")

    @app.exception_handler(Exception)
    def on_bug(request: Request, err: Exception) -> JSONResponse:
        request_id = request_id_of(request)
        log.error("request.failed", exc_info=err, extra={"request_id": request_id})
        return error_response(request_id, 500, "The service made a mistake. Its log has the details by this id.")


def _sendable(text: str) -> str:
    """Returns ``text`` with nothing in it that UTF-8 cannot write: a message may repeat what came."""
    return text.encode(errors="replace").decode()


def _sentence(err: HTTPException) -> str:
    if err.status_code == 404:
        return "There is nothing at this address. /docs lists what there is."
    if err.status_code == 405:
        return "This address does not take that method. /docs lists what it takes."
    return str(err.detail)
