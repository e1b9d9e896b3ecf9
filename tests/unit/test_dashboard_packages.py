"""The dashboard is built from exactly the packages that are written down, wherever they are fetched from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deepracer_local" / "dashboard"
ADDRESS = re.compile(r"https?://")


def lock() -> dict[str, Any]:
    packages: dict[str, Any] = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return packages


def test_every_package_is_pinned_to_one_version() -> None:
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))

    loose = {
        name: version
        for kind in ("dependencies", "devDependencies")
        for name, version in wanted[kind].items()
        if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    }
    assert loose == {}


def test_the_lock_names_contents_and_no_registry() -> None:
    packages = {name: package for name, package in lock().items() if name}

    assert len(packages) > 50
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []


def test_no_package_is_under_a_licence_that_passes_on() -> None:
    licences = {package.get("license", "none") for name, package in lock().items() if name}

    assert sorted(licence for licence in licences if re.search("GPL|none|UNLICENSED", licence)) == []


def test_the_sources_load_nothing_from_elsewhere() -> None:
    files = [*FOLDER.glob("src/**/*.ts*"), *FOLDER.glob("src/**/*.css"), FOLDER / "index.html"]

    assert len(files) > 30
    assert [str(path) for path in files if ADDRESS.search(path.read_text(encoding="utf-8"))] == []
