"""The service from Python: for notebooks, scripts and the command line. Speaks the public API and nothing else."""

from deepracer_local.client._client import Client, ModelHandle
from deepracer_local.client._errors import ServiceError

__all__ = ["Client", "ModelHandle", "ServiceError"]
