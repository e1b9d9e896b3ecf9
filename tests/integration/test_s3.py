"""What stores of a real S3 server have to stand: outages, lost answers, silence, wrong credentials."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from deepracer_local.artifacts import (
    FolderStore,
    Manifest,
    MemoryStore,
    RetryingStore,
    S3Store,
    Spool,
    WeedServer,
    keys,
    open_store,
    read_manifest,
    verify,
    write_manifest,
)
from deepracer_local.errors import ConflictError, NotFoundError, StorageError
from tests.s3_server import DeafServer, LossyProxy, fresh_store, kill, shared_server

LARGE = bytes(range(256)) * 20_000


def read(store: S3Store | RetryingStore | Spool, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def store_at(endpoint_url: str, *, prefix: str = "", timeout_s: float = 5.0) -> S3Store:
    """Returns a store of the shared server's bucket and credentials, elsewhere."""
    server = shared_server()
    return S3Store(
        server.bucket,
        endpoint_url=endpoint_url,
        access_key=server.access_key,
        secret_key=server.secret_key,
        addressing_style="path",
        prefix=prefix,
        timeout_s=timeout_s,
    )


@pytest.fixture
def proxy() -> Iterator[LossyProxy]:
    port = urlsplit(shared_server().endpoint_url).port
    assert port is not None
    with LossyProxy(port) as proxy:
        yield proxy


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WeedServer]:
    """A server that a test may kill."""
    with WeedServer(tmp_path / "server") as server:
        yield server
        kill(server)  # which is faster than asking it to stop


def test_an_outage_loses_nothing(server: WeedServer, tmp_path: Path) -> None:
    s3 = server.store(timeout_s=2.0)
    spool = Spool(tmp_path / "spool", RetryingStore(s3, attempts=2, sleep=lambda _: None))
    before = {f"jobs/a/1/before-{number}": os.urandom(50_000) for number in range(3)}
    during = {f"jobs/a/1/during-{number}": os.urandom(50_000) for number in range(10)}
    for key, content in before.items():
        spool.put(key, content)
    spool.drain()

    kill(server)
    stored = {key: spool.put(key, content) for key, content in during.items()}
    manifest = Manifest.of({key.rsplit("/", 1)[-1]: artifact for key, artifact in stored.items()})
    write_manifest(spool, keys.manifest_of("jobs/a/1"), manifest)
    started = time.monotonic()
    with pytest.raises(StorageError):
        spool.check()
    with pytest.raises(StorageError):
        spool.drain()
    assert time.monotonic() - started < 10
    assert len(spool.pending()) == 11
    assert all(read(spool, key) == content for key, content in during.items())

    # The process that filled the spool is gone too.
    spool = Spool(tmp_path / "spool", s3)
    server.start()
    spool.check()
    assert spool.drain() == 11
    assert spool.pending() == []
    assert all(read(s3, key) == content for key, content in {**before, **during}.items())
    assert verify(s3, read_manifest(s3, keys.manifest_of("jobs/a/1"))) == []
    assert len(s3.list("jobs/a/1/")) == 14


def test_a_put_whose_answer_is_lost_succeeds_when_tried_again(proxy: LossyProxy) -> None:
    s3 = store_at(proxy.endpoint_url, prefix="lost-answer")
    store = RetryingStore(s3, sleep=lambda _: None)
    for number in range(5):
        proxy.cut_after = {b"PUT": [0]}

        stored = store.put(f"a/{number}", LARGE)

        assert stored.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert proxy.n_cut == 5
    assert len(s3.list()) == 5


def test_a_put_whose_answer_is_lost_is_a_storage_error_but_done(proxy: LossyProxy) -> None:
    store = store_at(proxy.endpoint_url, prefix="lost-once")
    proxy.cut_after = {b"PUT": [0]}

    with pytest.raises(StorageError):
        store.put("a", b"x")

    assert proxy.n_cut == 1
    assert read(store, "a") == b"x"
    with pytest.raises(ConflictError):
        store.put("a", b"y")


@pytest.mark.parametrize("n_bytes", [0, 100, 5000, 2_000_000])
def test_an_answer_cut_short_is_never_taken_for_the_whole(proxy: LossyProxy, n_bytes: int) -> None:
    store = store_at(proxy.endpoint_url, prefix=f"cut-{n_bytes}")
    store.put("a", LARGE)
    proxy.cut_after = {b"GET": [n_bytes]}

    with pytest.raises(StorageError):
        read(store, "a")
    proxy.cut_after = {b"GET": [n_bytes, n_bytes]}
    content = read(RetryingStore(store, sleep=lambda _: None), "a")

    assert proxy.n_cut == 3
    assert content == LARGE


def test_a_silent_server_is_a_storage_error_in_bounded_time(tmp_path: Path) -> None:
    with DeafServer() as deaf:
        store = store_at(deaf.endpoint_url, timeout_s=0.3)
        spool = Spool(tmp_path, store)
        for action in (
            store.check,
            store.list,
            lambda: store.stat("a"),
            lambda: store.open("a"),
            lambda: store.put("a", b"x"),
            lambda: store.delete("a"),
            spool.check,
        ):
            started = time.monotonic()
            with pytest.raises(StorageError):
                action()
            assert time.monotonic() - started < 3

        assert spool.put("a", b"x").size == 1


def test_nobody_listening_is_a_storage_error() -> None:
    with pytest.raises(StorageError):
        store_at("http://127.0.0.1:1").check()


@pytest.mark.parametrize("endpoint_url", ["nonsense", "http://", "http://bad host:80"])
def test_an_endpoint_that_is_no_url_is_a_storage_error(endpoint_url: str) -> None:
    with pytest.raises(StorageError):
        store_at(endpoint_url).check()


@pytest.mark.parametrize(
    ("access_key", "secret_key"),
    [("nobody", "nothing"), (None, None), ("same", "wrong")],
    ids=["unknown user", "unsigned", "wrong secret"],
)
def test_wrong_credentials_are_a_storage_error_that_tells_no_secret(
    access_key: str | None, secret_key: str | None
) -> None:
    server = shared_server()
    fresh_store().put("a", b"x")
    store = S3Store(
        server.bucket,
        endpoint_url=server.endpoint_url,
        access_key=server.access_key if access_key == "same" else access_key,
        secret_key=secret_key,
        addressing_style="path",
    )

    for action in (store.check, store.list, lambda: store.stat("a"), lambda: store.put("b", b"x")):
        with pytest.raises(StorageError) as caught:
            action()
        assert server.secret_key not in str(caught.value)
        assert "nothing" not in str(caught.value)


def test_a_missing_bucket_is_a_storage_error_and_no_missing_artifact() -> None:
    server = shared_server()
    store = S3Store(
        "no-such-bucket",
        endpoint_url=server.endpoint_url,
        access_key=server.access_key,
        secret_key=server.secret_key,
        addressing_style="path",
    )

    for action in (
        store.check,
        store.list,
        lambda: store.stat("a"),
        lambda: store.open("a"),
        lambda: store.put("a", b"x"),
        lambda: store.delete("a"),
    ):
        with pytest.raises(StorageError):
            action()


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = shared_server()
    config = tmp_path / "config"
    config.write_text(
        "[default]\nendpoint_url = http://127.0.0.1:1\naws_access_key_id = x\naws_secret_access_key = y\n"
    )
    for name, value in {
        "AWS_ACCESS_KEY_ID": "wrong",
        "AWS_SECRET_ACCESS_KEY": "wrong",
        "AWS_SESSION_TOKEN": "wrong",
        "AWS_PROFILE": "there-is-none",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "nowhere",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
        "NO_PROXY": "",
        "no_proxy": "",
    }.items():
        monkeypatch.setenv(name, value)

    server.store(prefix="environment").put("a", b"x")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
    with pytest.raises(StorageError):
        S3Store(server.bucket, endpoint_url=server.endpoint_url, addressing_style="path").check()


def test_an_object_that_another_program_stored_has_its_hash_computed() -> None:
    server = shared_server()
    client = boto3.session.Session(
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key, region_name="us-east-1"
    ).client("s3", endpoint_url=server.endpoint_url)
    client.put_object(Bucket=server.bucket, Key="foreign/a.b/c", Body=b"hello")
    store = server.store(prefix="foreign")

    expected = hashlib.sha256(b"hello").hexdigest()
    assert store.stat("a.b/c").sha256 == expected
    assert [artifact.sha256 for artifact in store.list()] == [expected]
    assert store.put("a.b/c", b"hello").sha256 == expected
    with pytest.raises(ConflictError):
        store.put("a.b/c", b"other")


def test_the_content_type_reaches_the_server() -> None:
    server = shared_server()
    server.store(prefix="typed").put("trace.csv", b"a,b", content_type="text/csv")

    client = boto3.session.Session(
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key, region_name="us-east-1"
    ).client("s3", endpoint_url=server.endpoint_url)

    assert client.head_object(Bucket=server.bucket, Key="typed/trace.csv")["ContentType"] == "text/csv"


def test_stores_of_different_prefixes_do_not_see_each_other() -> None:
    server = shared_server()
    one, other = server.store(prefix="apart/1"), server.store(prefix="apart/11")
    one.put("a", b"x")
    other.put("b", b"x")

    assert [artifact.key for artifact in one.list()] == ["a"]
    with pytest.raises(NotFoundError):
        one.stat("b")


def put_unchecked(store: S3Store, key: str) -> None:
    """Stores the key as its own content, in a third of the time of a put."""
    content = key.encode()
    store._bucket.put(
        f"{store._start}{key}",
        io.BytesIO(content),
        sha256=hashlib.sha256(content).hexdigest(),
        md5=hashlib.md5(content).digest(),
        content_type="text/plain",
    )


def test_a_list_beyond_one_page_of_the_server_is_whole() -> None:
    store = fresh_store()
    wanted = sorted(f"{number % 3}/{number:04d}" for number in range(1010))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: put_unchecked(store, key), wanted))

    first = store.list(limit=1005)
    rest = store.list(after=first[-1].key, limit=1005)

    assert [artifact.key for artifact in first + rest] == wanted


def test_a_url_opens_the_bucket() -> None:
    server = shared_server()
    store = open_store(
        f"s3://{server.bucket}/by/url",
        endpoint_url=server.endpoint_url,
        access_key=server.access_key,
        secret_key=server.secret_key,
        addressing_style="path",
    )

    store.put("a", b"x")

    assert server.store(prefix="by").stat("url/a").size == 1


def test_a_store_is_copied_into_another_artifact_by_artifact(tmp_path: Path) -> None:
    folder, s3 = FolderStore(tmp_path), fresh_store()
    for number in range(5):
        folder.put(f"a/{number}", os.urandom(1000))

    for artifact in folder.list():
        with folder.open(artifact.key) as stream:
            s3.put(artifact.key, stream.read())

    assert [(a.key, a.sha256) for a in s3.list()] == [(a.key, a.sha256) for a in folder.list()]


class OldServer:
    """A client of a server that does not know conditional writes."""

    def __init__(self, client: object) -> None:
        self._client = client
        self.n_refused = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def put_object(self, **request: object) -> object:
        from botocore.exceptions import ClientError

        if "IfNoneMatch" in request:
            self.n_refused += 1
            raise ClientError({"Error": {"Code": "NotImplemented", "Message": "no"}}, "PutObject")
        return self._client.put_object(**request)  # type: ignore[attr-defined]


def test_a_server_without_conditional_writes_still_keeps_what_is_there(tmp_path: Path) -> None:
    store = shared_server().store(prefix="old-server")
    old = OldServer(store._bucket._client)
    store._bucket._client = old  # type: ignore[assignment]
    source = tmp_path / "source"
    source.write_bytes(LARGE)

    store.put("a", source)

    assert read(store, "a") == LARGE
    with pytest.raises(ConflictError):
        store.put("a", b"other")
    assert read(store, "a") == LARGE
    assert old.n_refused == 1


def test_memory_and_s3_answer_alike_to_the_same_story() -> None:
    s3, memory = fresh_store(), MemoryStore()
    for store in (s3, memory):
        for number in range(6):
            store.put(f"a/{number}", bytes(number))
        store.delete("a/3")

    assert [(a.key, a.size, a.sha256) for a in s3.list("a/", after="a/0", limit=3)] == [
        (a.key, a.size, a.sha256) for a in memory.list("a/", after="a/0", limit=3)
    ]
