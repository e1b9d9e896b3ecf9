"""Train, evaluate and race DeepRacer cars on your own machine."""

from typing import TYPE_CHECKING, Any

from deepracer_local.registration import register

# The one thing that importing does: gymnasium.make("deepracer_local:DeepRacer-v0") imports this module and then looks
# the name up. The simulator is loaded when an environment is made.
register()

if TYPE_CHECKING:
    from deepracer_local.client import Client

    __version__: str


def __getattr__(name: str) -> Any:
    """Returns what is loaded when it is asked for: ``Client`` (trainers need no HTTP) and ``__version__``."""
    if name == "Client":
        from deepracer_local.client import Client  # noqa: PLC0415

        return Client
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'deepracer_local' has no attribute {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("deepracer-local")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0.0.0"


__all__ = ["Client", "__version__"]
