"""Train, evaluate and race DeepRacer cars on your own machine."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("deepracer-local")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
