"""The only door to boto3: one bucket, its calls, and its errors in our words.

Nothing is taken from the environment or from files in a home directory: endpoint, region and credentials are those that
were given. Every call is tried once; ``RetryingStore`` alone decides about trying again.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypedDict
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deepracer_local.artifacts._streams import CountedReader
from deepracer_local.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class _PutRequest(TypedDict):
    Bucket: str
    Key: str
    Body: BinaryIO
    ContentMD5: str
    ContentType: str
    Metadata: dict[str, str]


AddressingStyle = Literal["auto", "path", "virtual"]

_SHA256 = "sha256"
_MISSING = frozenset({"NoSuchKey", "NotFound", "404"})
_TAKEN = frozenset({"PreconditionFailed", "412"})
_UNKNOWN_CONDITION = frozenset({"NotImplemented", "501"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_BEYOND_END = frozenset({"InvalidRange", "416"})
# The names under which botocore looks for these; no place is left where it could look.
_NOTHING_AMBIENT: dict[str, Any] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an S3 server is, and how to talk to it."""

    url: str | None
    """None for that of AWS in the region."""
    region: str
    access_key: str | None
    """None for unsigned requests."""
    secret_key: str | None
    addressing_style: AddressingStyle
    connect_timeout_s: float
    read_timeout_s: float


@dataclass(frozen=True, slots=True)
class Head:
    """What the server says about an object."""

    size: int
    sha256: str | None
    """None for an object that another program stored."""
    stored_at: datetime


class Bucket:
    """One bucket of an S3 server.

    Every method raises ``StorageError`` where the server does not answer, or answers with a refusal.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self._where = f"the bucket {name!r} at {endpoint.url or 'AWS'}"
        with self._translated():
            self._client = _client(endpoint)

    def head(self, name: str) -> Head | None:
        """Returns what is known about an object; None where there is none."""
        with self._translated():
            try:
                answer = self._client.head_object(Bucket=self.name, Key=name)
            except ClientError as err:
                if _code(err) not in _MISSING:
                    raise
                # A missing bucket gets the same answer, and that is no missing object.
                self._client.head_bucket(Bucket=self.name)
                return None
        return Head(answer["ContentLength"], answer["Metadata"].get(_SHA256), answer["LastModified"].astimezone(UTC))

    def put(self, name: str, content: BinaryIO, *, sha256: str, md5: bytes, content_type: str) -> bool:
        """Stores an object and returns True; False, and nothing happens, where the name is taken.

        The server compares the content with ``md5`` before it keeps it.
        """
        request: _PutRequest = {
            "Bucket": self.name,
            "Key": name,
            "Body": content,
            "ContentMD5": base64.b64encode(md5).decode(),
            "ContentType": content_type,
            "Metadata": {_SHA256: sha256},
        }
        with self._translated():
            try:
                self._client.put_object(**request, IfNoneMatch="*")
            except ClientError as err:
                if _code(err) in _TAKEN:
                    return False
                if _code(err) not in _UNKNOWN_CONDITION:
                    raise
                content.seek(0)
                self._client.put_object(**request)
        return True

    def get(self, name: str, byte_range: str | None) -> BinaryIO | None:
        """Returns a stream of an object, or of an HTTP range of it; None where there is none."""
        with self._translated():
            try:
                if byte_range is None:
                    answer = self._client.get_object(Bucket=self.name, Key=name)
                else:
                    answer = self._client.get_object(Bucket=self.name, Key=name, Range=byte_range)
            except ClientError as err:
                if _code(err) in _BEYOND_END:
                    return CountedReader(lambda _: b"").buffered()
                if _code(err) not in _MISSING:
                    raise
                return None
        body = answer["Body"]

        def read(n: int) -> bytes:
            with self._translated():
                return body.read(n)

        return CountedReader(read, close=body.close).buffered()

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names of all objects that begin so, in the server's own order."""
        with self._translated():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", []))

    def delete(self, name: str) -> None:
        """Removes an object; one that is not there is fine."""
        with self._translated():
            self._client.delete_object(Bucket=self.name, Key=name)

    def check(self) -> None:
        """Asks for the bucket."""
        with self._translated():
            self._client.head_bucket(Bucket=self.name)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, OSError, ValueError) as err:
            raise StorageError(
                f"Expected an answer from {self._where}, got: {err}. Check the server, the bucket and the credentials."
            ) from err


def _client(endpoint: Endpoint) -> S3Client:
    config = Config(
        connect_timeout=endpoint.connect_timeout_s,
        read_timeout=endpoint.read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=32,
        s3={"addressing_style": endpoint.addressing_style},
        # Otherwise many servers that are not AWS refuse uploads, or send ranges whose checksum is of the whole.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # the stubs lack it
        # A proxy of the environment is for the world outside.
        proxies={} if urlsplit(endpoint.url or "").hostname in _LOOPBACK else None,
        signature_version=UNSIGNED if endpoint.access_key is None else "s3v4",
    )
    session = boto3.session.Session(
        botocore_session=botocore.session.Session(session_vars=_NOTHING_AMBIENT),
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
        region_name=endpoint.region,
    )
    return session.client("s3", endpoint_url=endpoint.url, config=config)


def _code(err: ClientError) -> str:
    return err.response.get("Error", {}).get("Code", "")
