"""Tells Gymnasium the name of our environment, without importing Gymnasium."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # they load more than all of this package's other first modules
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec

ENVIRONMENT_ID = "DeepRacer-v0"


def register() -> None:
    """Registers ``DeepRacer-v0``: now if Gymnasium is loaded, else as soon as it is. A second call changes nothing.

    Gymnasium takes 0.1 s to load, and most commands and the service need none of it; it has no plug-ins that it would
    look for by itself.
    """
    loaded = sys.modules.get("gymnasium")
    if loaded is not None:
        _register_in(loaded)
    elif not any(isinstance(finder, _GymnasiumFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _GymnasiumFinder())


def _register_in(gymnasium: ModuleType) -> None:
    if ENVIRONMENT_ID not in gymnasium.registry:
        gymnasium.register(id=ENVIRONMENT_ID, entry_point="deepracer_local.env:DeepRacerEnv")


class _GymnasiumFinder:
    """Waits for the first import of Gymnasium, then goes away."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns Gymnasium's own specification with a loader that registers afterwards; None for other modules."""
        if fullname != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _RegisteringLoader(spec.loader)  # type: ignore[assignment]  # has what a loader needs
        return spec


class _RegisteringLoader:
    """Loads with the module's own loader, which the module keeps, and registers."""

    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Returns what the own loader makes."""
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module, then registers in it."""
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        self._own.exec_module(module)
        _register_in(module)
