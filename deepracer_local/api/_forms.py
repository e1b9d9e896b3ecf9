"""Reading a request for a new model: JSON, YAML, or a form with files."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from deepracer_local.api._errors import ApiError
from deepracer_local.api._run_file import from_yaml
from deepracer_local.api._training_request import CreateModel, decode_json_file
from deepracer_local.errors import SpecError

MAX_FILE_BYTES = 1_000_000
_JSON_FILES = frozenset({"model_metadata", "hyperparameters", "sensor_settings"})
_FILES = _JSON_FILES | {"reward_function", "curriculum"}


async def create_model_from(request: Request) -> CreateModel:
    """Returns what is asked for.

    Raises:
        RequestValidationError: a field is wrong.
        SpecError: a file is not what it should be.
        ApiError: neither JSON, YAML nor a form came.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        body = await _from_form(request)
    elif kind == "application/json":
        body = _object(decode_json_file(await request.body(), "body"))
    elif kind == "application/yaml":
        body = _object(await run_in_threadpool(from_yaml, await _limited_body(request)))
    else:
        expected = "application/json, application/yaml or multipart/form-data"
        raise ApiError(415, f"Expected {expected}, got {kind or 'nothing'}.")
    try:
        return CreateModel.model_validate(body)
    except ValidationError as err:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in err.errors()]) from err


async def _limited_body(request: Request) -> bytes:
    content = await request.body()
    if len(content) > MAX_FILE_BYTES:
        raise ApiError(413, f"body: expected at most {MAX_FILE_BYTES} bytes of YAML. Send less.", field="body")
    return content


async def _from_form(request: Request) -> dict[str, Any]:
    async with request.form(max_files=len(_FILES), max_fields=10) as form:
        return await _body_of(form)


async def _body_of(form: FormData) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name not in _FILES:
                raise SpecError(f"{name}: expected one of {', '.join(sorted(_FILES))}. Rename the field.", field=name)
            content = await value.read(MAX_FILE_BYTES + 1)
            if len(content) > MAX_FILE_BYTES:
                raise ApiError(413, f"{name}: expected at most {MAX_FILE_BYTES} bytes. Send less.", field=name)
            body[name] = decode_json_file(content, name) if name in _JSON_FILES else _text(content, name)
        elif name == "request":
            body |= _object(decode_json_file(value.encode(), "request"))
        elif name in _JSON_FILES:
            body[name] = decode_json_file(value.encode(), name)
        else:
            body[name] = value
    return body


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SpecError(f"Expected a JSON object, got {json.dumps(value)[:60]}. Send names and values.", field="body")
    return value


def _text(content: bytes, field: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise SpecError(f"{field}: expected UTF-8 text, got: {err}. Save it as UTF-8.", field=field) from err
