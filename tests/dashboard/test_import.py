"""A model is imported from its file, and says what was taken over and what not."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.dashboard.browser import Visitor
from tests.unit.interop.archives import console, own, tar_gz, zipped


def test_an_export_is_imported_and_says_where_it_comes_from(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    (tmp_path / "Fast car.tar.gz").write_bytes(tar_gz(own() | {"notes.txt": "hello"}, top="car/"))
    visitor.open("/models")

    page.get_by_role("button", name="Import").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "Fast car.tar.gz")
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(page.get_by_text("It came with weights")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("dialog")).to_contain_text("this program does not know such a file")
    page.get_by_role("link", name="Open the model").click()

    expect(page.get_by_role("heading", name="Fast car")).to_be_visible()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("heading", name="Where it comes from")).to_be_visible()
    expect(page.get_by_role("button", name="Evaluate")).to_be_enabled()


def test_what_is_refused_is_said_beside_the_file(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    (tmp_path / "bad.zip").write_bytes(zipped(console() | {"policy.pkl": b"x"}))
    visitor.open("/models")

    page.get_by_role("button", name="Import").click()
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(page.get_by_text("Choose an archive.")).to_be_visible()
    page.locator("input[type=file]").set_input_files(tmp_path / "bad.zip")
    visitor.is_disturbed = True  # the browser reports every answer that is a refusal
    page.get_by_role("dialog").get_by_role("button", name="Import").click()

    expect(page.get_by_role("dialog").get_by_text("policy.pkl: expected no pickles").first).to_be_visible(
        timeout=60_000
    )
