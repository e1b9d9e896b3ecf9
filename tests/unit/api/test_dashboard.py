"""The dashboard's files, and what somebody sees who is not signed in."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from deepracer_local.api import Services
from tests.unit.api.service import Caller, Connect, assert_error

PAGE = b"<!doctype html><title>the page</title>"
SCRIPT = b"console.log('the page')"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESSES = ["/", "/create", "/models", "/models/abc", "/models/abc/evaluations/def/insight", "/system", "/tracks"]


@pytest.fixture
def built(services: Services, tmp_path: Path) -> Services:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    (folder / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "notes.txt").write_bytes(b"not for the browser")
    return replace(services, dashboard_dir=folder)


@pytest.fixture
def visitor(connect: Connect, token: str, built: Services) -> Caller:
    return connect(token, services=built)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_of_the_dashboard_is_the_one_page_and_is_never_kept(visitor: Caller, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src" not in answer.headers["content-security-policy"]  # so default-src holds: no inline script


def test_assets_are_kept_for_good_because_their_names_change(visitor: Caller) -> None:
    answer = visitor.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})

    assert answer.content == SCRIPT
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert "content-encoding" not in answer.headers


def test_assets_go_compressed_to_who_takes_that(visitor: Caller) -> None:
    answer = visitor.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == SCRIPT  # the client has unpacked it


@pytest.mark.parametrize("name", ["none.js", "notes.txt", "..%2findex.html", "%2e%2e%2ffavicon.svg", ".js", "a%00.js"])
def test_nothing_else_of_the_disk_can_be_read(visitor: Caller, name: str) -> None:
    assert_error(visitor.get(f"/assets/{name}"), 404, code="NOT_FOUND")


def test_an_unknown_address_is_still_an_error_of_the_api(visitor: Caller) -> None:
    assert_error(visitor.get("/api/v1/nothing"), 404)
    assert_error(visitor.get("/nothing"), 404)


def test_without_a_build_the_service_says_how_to_make_one(
    services: Services, connect: Connect, token: str, tmp_path: Path
) -> None:
    client = connect(token, services=replace(services, dashboard_dir=tmp_path / "nowhere"))

    body = assert_error(client.get("/", headers=BROWSER), 404)

    assert "make install" in body["message"]


@pytest.mark.parametrize("path", [*ADDRESSES, "/nothing"])
def test_a_stranger_with_a_browser_is_told_how_to_sign_in(connect: Connect, built: Services, path: str) -> None:
    answer = connect(services=built).get(path, headers=BROWSER)

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "deepracer-local jobs link" in answer.text
    assert PAGE.decode() not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-request-id"]


def test_a_stranger_who_is_a_program_gets_the_error_body(connect: Connect, built: Services) -> None:
    stranger = connect(services=built)

    assert_error(stranger.get("/", headers={"Accept": "*/*"}), 401, code="UNAUTHENTICATED")
    assert_error(stranger.post("/", headers=BROWSER), 401, code="UNAUTHENTICATED")


def test_the_link_leads_to_the_dashboard(visitor: Caller, connect: Connect, built: Services) -> None:
    path = visitor.post("/api/v1/links").json()["path"]

    answer = connect(services=built).get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
