"""The service from Python: for notebooks, scripts and the command line. Speaks the public API and nothing else."""

from deepracer_local.client._client import Client
from deepracer_local.client._errors import ServiceError
from deepracer_local.client._model import ModelHandle, trace_request

__all__ = ["Client", "ModelHandle", "ServiceError", "trace_request"]
