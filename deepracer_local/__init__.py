"""Train, evaluate and race DeepRacer cars on your own machine."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from deepracer_local.registration import register

try:
    __version__ = version("deepracer-local")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

# The one thing that importing does: gymnasium.make("deepracer_local:DeepRacer-v0") imports this module and then looks
# the name up. The simulator is loaded when an environment is made.
register()

if TYPE_CHECKING:
    from deepracer_local.client import Client


def __getattr__(name: str) -> Any:
    """Returns ``Client``, which is loaded when it is asked for: trainers need no HTTP."""
    if name == "Client":
        from deepracer_local.client import Client  # noqa: PLC0415

        return Client
    raise AttributeError(f"module 'deepracer_local' has no attribute {name!r}")


__all__ = ["Client", "__version__"]
