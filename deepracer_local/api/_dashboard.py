"""The dashboard's files: the page, what it loads, and what somebody sees who is not signed in.

The page is a client of the JSON API like any other. Its own addresses (``/models/ID``) all answer with the one page,
which then shows what belongs there.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import FileResponse, HTMLResponse

from deepracer_local.api._auth import Reader
from deepracer_local.api._errors import REQUEST_ID_HEADER, ApiError
from deepracer_local.api._services import Kit

router = APIRouter(tags=["dashboard"], include_in_schema=False)

_FOREVER = "private, max-age=31536000, immutable"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}")
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_NOT_BUILT = (
    "The dashboard has not been built here. `make install` or `pip install .` in the checkout builds it; /docs and the "
    "commands work without."
)
_SIGN_IN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in - deepracer_local</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.25rem}}
h1{{font-size:1.5rem}}code{{font-size:.95em;padding:.15em .4em;border:1px solid #8886;border-radius:4px}}
p.small{{opacity:.75;font-size:.9em}}</style></head>
<body><main><h1>Sign in to deepracer_local</h1><p>{message}</p>
<p>On the machine that runs the service, make a fresh link and open it in this browser.
It works once, within a minute:</p>
<p><code>deepracer-local jobs link</code></p>
<p><a href="/">I have opened the link: show the dashboard</a></p>
<p class="small">There is no password. The link shows that you can run commands as the user who owns the service.</p>
</main></body></html>"""


@router.get("/")
@router.get("/create")
@router.get("/laps")
@router.get("/learn")
@router.get("/models")
@router.get("/models/{page}")
@router.get("/models/{page}/evaluations/{evaluation}/insight")
@router.get("/system")
@router.get("/tracks")
@router.get("/tracks/draw")
def page(_: Reader, kit: Kit) -> Response:
    """Returns the dashboard; what it shows depends on the address."""
    file = kit.dashboard_dir / "index.html"
    if not file.is_file():
        raise ApiError(404, _NOT_BUILT)
    return HTMLResponse(file.read_bytes())


@router.get("/favicon.svg")
def icon(_: Reader, kit: Kit) -> Response:
    """Returns the picture of the browser's tab."""
    return _file(kit.dashboard_dir, "favicon.svg", "", cache_control="private, max-age=86400")


@router.get("/assets/{name}")
def asset(_: Reader, kit: Kit, name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """Returns a file that the page loads; its name changes with its content, so browsers keep it."""
    return _file(kit.dashboard_dir / "assets", name, accept_encoding, cache_control=_FOREVER)


def sign_in_page(request_id: str, message: str) -> HTMLResponse:
    """Returns what a browser shows to somebody who is not signed in: why, and what to do."""
    text = _SIGN_IN.format(message=html.escape(message))
    return HTMLResponse(text, status_code=401, headers={REQUEST_ID_HEADER: request_id})


def _file(folder: Path, name: str, accept_encoding: str, *, cache_control: str) -> Response:
    path = folder / name
    media_type = _MEDIA_TYPES.get(path.suffix)
    if media_type is None or not _NAME.fullmatch(name) or not path.is_file():
        raise ApiError(404, f"The dashboard has no file {name!r}. Load the page again: it may have been built anew.")
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    packed = path.with_name(f"{name}.gz")
    if "gzip" in accept_encoding and packed.is_file():
        return FileResponse(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(path, media_type=media_type, headers=headers)
