"""Whether the one who answers is the car: its certificate is signed by itself, so nobody else vouches for it."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from deepracer_local.errors import SpecError

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Trust:
    """``fingerprint``: only this certificate; ``is_blind``: any; neither: what this machine trusts."""

    fingerprint: str | None = None
    """SHA-256 of the certificate, 64 hexadecimal digits."""
    is_blind: bool = False

    @classmethod
    def of(cls, fingerprint: str | None, *, is_blind: bool) -> Trust:
        """Returns what a user asked for; colons and capitals in a fingerprint are fine.

        Raises:
            SpecError: both were asked for, or it is no fingerprint.
        """
        if fingerprint is None:
            return cls(None, is_blind)
        if is_blind:
            raise SpecError("Expected --fingerprint or --insecure, got both. Choose one.", field="fingerprint")
        digits = fingerprint.replace(":", "").lower()
        if not _FINGERPRINT.fullmatch(digits):
            raise SpecError(
                f"fingerprint: expected a SHA-256 of 64 hexadecimal digits, got {fingerprint!r}. Colons are fine.",
                field="fingerprint",
            )
        return cls(digits)

    def context(self) -> ssl.SSLContext:
        """Returns how to speak TLS so."""
        if self.fingerprint is None and not self.is_blind:
            return ssl.create_default_context()
        context = _PinningContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the fingerprint says more than a name that the car gave itself
        context.fingerprint = self.fingerprint
        return context


class WrongCertificateError(ssl.SSLError):
    """Somebody else's certificate came; nothing has been sent but a greeting."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(f"another certificate: {found}")


class _PinningContext(ssl.SSLContext):
    fingerprint: str | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(*arguments, **options)
        found = hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()
        if self.fingerprint is not None and found != self.fingerprint:
            wrapped.close()
            raise WrongCertificateError(found)
        return wrapped


def presented_fingerprint(host: str, port: int, *, timeout_s: float) -> str:
    """Returns the fingerprint of whoever answers there.

    Raises:
        OSError: nobody does.
    """
    context = Trust(is_blind=True).context()
    with (
        socket.create_connection((host, port), timeout=timeout_s) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        return hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()
