"""What the service answered when it did not do what was asked."""

from __future__ import annotations

from deepracer_local.errors import DeepRacerError


class ServiceError(DeepRacerError):
    """An answer of the service that is not a success.

    Attributes:
        status: the HTTP status; 0 where the service could not be reached.
        code: the word for programs.
        field: the field at fault, or None.
        request_id: what the service's log calls the request.
    """

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None, request_id: str = "") -> None:
        self.status = status
        self.code = code
        self.field = field
        self.request_id = request_id
        super().__init__(message)

    @property
    def is_users_fault(self) -> bool:
        """True where another request would be answered better."""
        return 400 <= self.status < 500
