"""Train, evaluate and race DeepRacer cars on your own machine."""

from importlib.metadata import PackageNotFoundError, version

from deepracer_local.registration import register

try:
    __version__ = version("deepracer-local")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

# The one thing that importing does: gymnasium.make("deepracer_local:DeepRacer-v0") imports this module and then looks
# the name up. The simulator is loaded when an environment is made.
register()

__all__ = ["__version__"]
