from __future__ import annotations

from pathlib import Path

import pytest

from deepracer_local.artifacts import FolderStore, MemoryStore, RetryingStore, S3Store, open_store
from deepracer_local.errors import InvalidInputError, UnknownNameError


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    store = open_store((tmp_path / "with space").as_uri())

    assert isinstance(store, FolderStore)
    assert store.root == tmp_path / "with space"


def test_a_memory_url_is_memory() -> None:
    assert isinstance(open_store("memory://"), MemoryStore)


@pytest.mark.parametrize("url", ["s3://bucket", "s3://bucket/", "s3://bucket/a/prefix", "s3://bucket/a/prefix/"])
def test_an_s3_url_is_a_bucket_that_is_asked_again(url: str) -> None:
    store = open_store(url, endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="b")

    assert isinstance(store, RetryingStore)


@pytest.mark.parametrize("url", ["http://host/x", "gs://bucket", "/folder", "", "ftp://x"])
def test_another_scheme_is_unknown(url: str) -> None:
    with pytest.raises(UnknownNameError):
        open_store(url)


@pytest.mark.parametrize(
    "url",
    [
        "file://relative/folder",
        "file:relative",
        "file:///a?b",
        "s3://",
        "s3:///prefix",
        "s3://key:secret@bucket",
        "s3://bucket/../x",
        "s3://bucket/a?b=c",
    ],
)
def test_a_url_that_does_not_fit_its_scheme_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        open_store(url)

    assert not isinstance(caught.value, UnknownNameError)


def test_one_credential_without_the_other_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        S3Store("bucket", access_key="a")
    with pytest.raises(InvalidInputError):
        S3Store("bucket", secret_key="b")
