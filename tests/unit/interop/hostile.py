"""Archives that mean harm, or are damaged: each with the file at fault and a word of the reason."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import load, save

from tests.unit.interop.archives import (
    METADATA,
    GraphWriter,
    console,
    field,
    number,
    own,
    safetensors,
    tar,
    tar_gz,
    text,
    varint,
    zipped,
)

PB = "agent/model.pb"
MODEL = "checkpoints/000000512/model.json"
WEIGHTS = "checkpoints/000000512/policy.safetensors"


class Hostile(NamedTuple):
    """An archive, the file that its refusal names, and a part of the reason."""

    name: str
    make: Callable[[], bytes]
    file: str
    reason: str


class Canary:
    """A pickle of it raises the alarm when it is read."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('the canary sings')",))


PICKLED = pickle.dumps(Canary())


def entry(name: str = "reward_function.py", content: bytes = b"x", **changes: Any) -> bytes:
    """Returns a tar with one member whose header has these attributes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        made = tarfile.TarInfo(name)
        made.size = len(content)
        for key, value in changes.items():
            object.__setattr__(made, key, value)
        archive.addfile(made, io.BytesIO(content) if made.type == tarfile.REGTYPE else None)
    return buffer.getvalue()


def raw_header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    """Returns one tar header with the bytes of its size as they are."""
    header = bytearray(512)
    header[:100] = name.ljust(100, b"\0")
    header[100:108], header[124:136], header[156:157] = b"0000644\0", size.ljust(12, b"\0"), kind
    header[257:265] = b"ustar\x0000"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def pax(records: bytes, name: bytes = b"a") -> bytes:
    block = records + b"\0" * (-len(records) % 512)
    return raw_header(b"pax", b"%011o" % len(records), b"x") + block + raw_header(name, b"00000000001") + b"x" * 512


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    size = len(body) + len(str(len(body) + 3))
    return str(size).encode() + body


def bomb(n_bytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    header = raw_header(b"a/zeros.bin", b"%011o" % n_bytes)
    parts = [packer.compress(header)]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(n_bytes >> 20)]
    return b"".join([*parts, packer.compress(bytes(1024)), packer.flush()])


def zip_entry(mode: int, name: str = "a") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        made = zipfile.ZipInfo(name)
        made.create_system, made.external_attr = 3, mode << 16
        archive.writestr(made, b"x")
    return buffer.getvalue()


def patched(archive: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    """Returns a zip with bytes changed at an offset behind each of its marks."""
    changed, place = bytearray(archive), archive.find(mark)
    while place >= 0:
        changed[place + offset : place + offset + len(value)] = value
        place = archive.find(mark, place + 1)
    return bytes(changed)


def overlapping() -> bytes:
    """Returns a zip whose two names in the list lie at one place."""
    archive = zipped({"a": "x" * 50, "b": "x" * 50})
    second = archive.rfind(b"PK\x01\x02")
    changed = bytearray(archive)
    changed[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(changed)


def many_members(count: int) -> bytes:
    return gzip.compress(b"".join(raw_header(b"f%d" % i, b"00000000000") for i in range(count)) + bytes(1024), 1)


def described(sensors: Any) -> bytes:
    """Returns an export of this program whose description names these sensors."""
    files = own()
    return tar(files | {MODEL: files[MODEL] | {"sensors": sensors, "observation_shape": None}})


def weights(change: Callable[[dict[str, Any]], None], **wish: Any) -> bytes:
    """Returns an export of this program whose tensors were changed."""
    files = own(**wish)
    tensors = {name: tensor.copy() for name, tensor in load(files[WEIGHTS]).items()}
    change(tensors)
    return tar(files | {WEIGHTS: save(tensors)})


def with_weights(content: bytes) -> bytes:
    return tar(own() | {WEIGHTS: content})


def graph(*operations: str, content: bytes | None = None) -> bytes:
    writer = GraphWriter()
    for i, operation in enumerate(operations):
        writer.node(f"node{i}", operation)
    return tar({PB: writer.content() if content is None else content, "model_metadata.json": METADATA})


def claims(shape: list[int], dtype: str = "F32", end: int = 4) -> bytes:
    return with_weights(safetensors({"t": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}}, b"\0" * 4))


def set_one(name: str, value: float) -> Callable[[dict[str, Any]], None]:
    def change(tensors: dict[str, Any]) -> None:
        tensors[name].reshape(-1)[0] = value

    return change


def _in_archive() -> Iterator[Hostile]:
    good = tar(console())
    for name in ("../../x", "a/../../x", "./model//../x", "..\\..\\x", "C:\\x", "c:/x", "%2e%2e/x", "%252e/x", "a\nb"):
        yield Hostile(f"name {name!r}", lambda name=name: entry(name), "x" if name != "a\nb" else "a?b", "expected a")
    yield Hostile("absolute name", lambda: entry("/etc/x"), "/etc/x", "absolute")
    yield Hostile("overlong UTF-8", lambda: raw_header(b"\xc0\xae/x", b"0" * 11) + bytes(1024), "/x", "UTF-8")
    yield Hostile("deep name", lambda: entry("/".join(["a"] * 100)), "a/a", "folders within each other")
    yield Hostile("long name", lambda: entry("a" * 4_096), "aaa", "at most 240 bytes")
    yield Hostile("NUL in a name", lambda: pax(record("path", "a\0b")), "a?b", "control characters")
    kinds = {"hard link": b"1", "link": b"2", "character device": b"3", "block device": b"4", "pipe": b"6"}
    for word, kind in kinds.items():
        make = lambda kind=kind: entry("a", b"", type=kind, linkname="/etc/passwd")  # noqa: E731
        yield Hostile(word, make, "a", "files and folders")
    yield Hostile(
        "link, then a file through it", lambda: entry("a", b"", type=b"2", linkname="/tmp") + good, "a", "link"
    )
    yield Hostile("setuid", lambda: entry(mode=0o4755), "reward_function.py", "setuid")
    yield Hostile("gzip bomb", lambda: bomb(64 << 20), "the archive", "bomb")
    yield Hostile("gzip in gzip", lambda: gzip.compress(gzip.compress(good)), "the archive", "expected")
    yield Hostile("many members", lambda: many_members(20_000), "the archive", "4096")
    yield Hostile("old sparse file", lambda: raw_header(b"a", b"0" * 11, b"S") + bytes(1024), "a", "sparse")
    yield Hostile("sparse by pax", lambda: pax(record("GNU.sparse.realsize", "9" * 18)), "pax", "special")
    yield Hostile("huge pax header", lambda: raw_header(b"p", b"07777777777", b"x"), "p", "extended header")
    yield Hostile("huge pax size", lambda: pax(record("size", "8" * 18)), "pax", "huge")
    yield Hostile("negative pax size", lambda: pax(record("size", "-1")), "pax", "negative")
    yield Hostile("broken pax", lambda: pax(b"99999 path=x\n"), "pax", "keys and values")
    yield Hostile("link by pax", lambda: pax(record("linkpath", "/etc")), "pax", "special")
    yield Hostile("8 EB by the header", lambda: raw_header(b"a", b"\x80" + b"\xff" * 11), "a", "huge")
    yield Hostile("negative size", lambda: raw_header(b"a", b"\xff" * 12), "a", "negative")
    yield Hostile("8 GB by the header", lambda: raw_header(b"a", b"77777777777"), "a", "600 MB")
    yield Hostile("wrong sum", lambda: good[:150] + b"\1" + good[151:], "model_metadata.json", "damaged")
    yield Hostile("cut gzip", lambda: tar_gz(console())[:-30], "", "expected")
    packed = tar_gz(console())
    yield Hostile("wrong CRC", lambda: packed[:-8] + b"\0\0\0\0" + packed[-4:], "the archive", "damaged")
    yield Hostile("more behind the gzip", lambda: tar_gz(console()) + b"more", "the archive", "nothing after")
    yield Hostile("more behind the tar", lambda: good + b"more", "the archive", "nothing after")
    yield Hostile("cut tar", lambda: good[:700], "model_metadata.json", "cut")
    yield Hostile("empty", lambda: b"", "the archive", "nothing")
    yield Hostile("no archive", lambda: b"MZ" * 600, "the archive", "something else")
    twice = entry("a/reward_function.py")[:1024] + entry("a/reward_function.py")
    yield Hostile("a name twice", lambda: twice, "a/reward_function.py", "once")
    yield Hostile("twins in case", lambda: tar({"Spec.json": "x", "spec.JSON": "x"}), "spec.JSON", "once")
    yield Hostile("twins in accents", lambda: tar({"\u00e9": "x", "e\u0301": "x"}), "e", "once")


def _in_zip() -> Iterator[Hostile]:
    yield Hostile("zip: traversal", lambda: zipped({"../x": "x"}), "../x", "..")
    yield Hostile("zip: link", lambda: zip_entry(0o120777), "a", "link")
    yield Hostile("zip: device", lambda: zip_entry(0o020644), "a", "device")
    yield Hostile("zip: bomb", lambda: zipped({"zeros": bytes(64 << 20)}), "the archive", "bomb")
    small = zipped({"reward_function.py": "x" * 500})
    yield Hostile("zip: lies about a size", lambda: patched(small, b"PK\x01\x02", 24, b"\1\0\0\0"), "reward", "damaged")
    yield Hostile(
        "zip: lies about 4 GB", lambda: patched(small, b"PK\x01\x02", 24, b"\xfe\xff\xff\xff"), "reward", "600 MB"
    )
    yield Hostile("zip: wrong CRC", lambda: patched(small, b"PK\x01\x02", 16, b"\1\2\3\4"), "reward", "damaged")
    yield Hostile("zip: encrypted", lambda: patched(small, b"PK\x01\x02", 8, b"\1\0"), "reward", "encryption")
    yield Hostile("zip: files over each other", overlapping, "b", "over each other")
    yield Hostile(
        "zip: another name before the file", lambda: patched(small, b"PK\x03\x04", 30, b"X"), "reward", "another"
    )
    yield Hostile(
        "zip: 60000 files by its end", lambda: patched(small, b"PK\x05\x06", 8, b"\x60\xea\x60\xea"), "the", "4096"
    )
    yield Hostile("zip: more behind it", lambda: small + b"more", "the archive", "after its end")
    yield Hostile("zip: cut", lambda: small[:-30], "the archive", "cut")


def _in_members() -> Iterator[Hostile]:
    for name in (
        "model/policy.pkl",
        "a.pth",
        "agent.pt",
        "weights.h5",
        "net.keras",
        "net.onnx",
        "inner.tar.gz",
        "sb3.zip",
    ):
        yield Hostile(f"a member {name}", lambda name=name: tar(console() | {name: PICKLED}), name, "pickles")
    yield Hostile("a pickle under another name", lambda: tar(console() | {"data": PICKLED}), "data", "begins like one")
    sb3 = zipped({"data": PICKLED, "policy.pth": PICKLED, "_stable_baselines3_version": "2"})
    yield Hostile("an SB3 model", lambda: sb3, "data", "begins like one")
    yield Hostile("a pickle for weights", lambda: with_weights(PICKLED), WEIGHTS, "header")
    for operation in ("ReadFile", "WriteFile", "PyFunc", "RestoreV2", "TextLineDatasetV2"):
        yield Hostile(f"a graph that acts: {operation}", lambda op=operation: graph("Placeholder", op), PB, operation)
    yield Hostile("a graph of noise", lambda: graph(content=np.random.default_rng(1).bytes(5_000)), PB, "graph")
    yield Hostile("a graph without an end", lambda: graph(content=b"\x0a\xff\xff\xff\xff\x0f"), PB, "ends beyond")
    lying = field(8, number(1, 1) + field(2, field(2, number(1, 10**9))) + field(4, b"\0" * 8))
    node = field(1, text(1, "node") + text(2, "Const") + field(5, text(1, "value") + field(2, lying)))
    yield Hostile("a graph of too many nodes", lambda: graph(content=field(1, text(1, "n")) * 5_000), PB, "4000")
    yield Hostile("a number without an end", lambda: graph(content=b"\xff" * 40), PB, "without an end")
    assert varint(300) == b"\xac\x02"
    yield Hostile("a graph that repeats its nodes", lambda: graph(content=node * 20_001), PB, "too many")
    yield Hostile("NaN weights", lambda: weights(set_one("action_net.weight", np.nan)), WEIGHTS, "action_net.weight")
    yield Hostile("infinite weights", lambda: weights(set_one("value_net.bias", np.inf)), WEIGHTS, "value_net.bias")
    huge = lambda t: t["pi_features_extractor.layers.0.weight"].fill(3e38)  # noqa: E731
    yield Hostile("huge weights", lambda: weights(huge), WEIGHTS, "finite answers")
    yield Hostile("a missing tensor", lambda: weights(lambda t: t.pop("action_net.bias")), WEIGHTS, "action_net.bias")
    more = lambda t: t.update(more=np.zeros(1, np.float32))  # noqa: E731
    yield Hostile("a tensor too many", lambda: weights(more), WEIGHTS, "more")
    shape = lambda t: t.update({"action_net.bias": np.zeros(7, np.float32)})  # noqa: E731
    yield Hostile("a wrong shape", lambda: weights(shape), WEIGHTS, "action_net.bias")
    kind = lambda t: t.update({"action_net.bias": np.zeros(3, np.float64)})  # noqa: E731
    yield Hostile("a wrong type", lambda: weights(kind), WEIGHTS, "F64")
    yield Hostile("a header of 100 MB", lambda: with_weights(struct.pack("<Q", 10**8) + b"{"), WEIGHTS, "header")
    lever = lambda t: t["critic.qf1.0.weight"].fill(3e38)  # noqa: E731
    soft = {"n_actions": None, "algorithm": "sac"}
    yield Hostile(
        "huge weights in what judges", lambda: weights(lever, **soft), WEIGHTS, "finite answers of critic.qf1"
    )
    for word, sensors in (
        ("an unknown sensor", {"SONAR": {"shape": [4], "dtype": "float32"}}),
        ("a sensor of 10^12 numbers", {"LIDAR": {"shape": [10**12], "dtype": "float32"}}),
        ("pictures of 10^9 channels", {"LEFT_CAMERA": {"shape": [120, 160, 10**9], "dtype": "uint8"}}),
        ("pictures of 2 x 2", {"LEFT_CAMERA": {"shape": [2, 2, 1], "dtype": "uint8"}}),
        ("a negative lidar", {"LIDAR": {"shape": [-64], "dtype": "float32"}}),
        ("a shape of text", {"LIDAR": {"shape": "64", "dtype": "float32"}}),
        ("a list of sensors", [["LIDAR", [64]]]),
    ):
        yield Hostile(f"weights for {word}", lambda s=sensors: described(s), MODEL, "sensor")
    many = {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(1_000)}
    yield Hostile("1000 tensors", lambda: with_weights(safetensors(many)), WEIGHTS, "tensors")
    yield Hostile("10 TB by the header", lambda: claims([1 << 30, 1 << 11]), WEIGHTS, "shape")
    yield Hostile("bytes beyond the file", lambda: claims([1 << 20], end=4 << 20), WEIGHTS, "bytes of weights")
    yield Hostile("another place", lambda: claims([1], end=8), WEIGHTS, "got 0:8")
    yield Hostile("a negative shape", lambda: claims([-1]), WEIGHTS, "shape")
    yield Hostile("a header that is no JSON", lambda: with_weights(struct.pack("<Q", 2) + b"{{"), WEIGHTS, "JSON")
    doubled = struct.pack("<Q", 18) + b'{"a": {}, "a": {}}'
    yield Hostile("a tensor's name twice", lambda: with_weights(doubled), WEIGHTS, "twice")


def _in_texts() -> Iterator[Hostile]:
    name = "model_metadata.json"
    texts: dict[str, tuple[Any, str]] = {
        "of 2 MB": (b" " * 2_000_000, "1000000 bytes"),
        "10000 levels deep": ("[" * 10_000 + "]" * 10_000, "JSON"),
        "200 levels deep": ("[" * 200 + "]" * 200, "levels"),
        "with a name twice": ('{"version": "4", "version": "5"}', "twice"),
        "with NaN": ('{"action_space": NaN}', "NaN"),
        "of no JSON": ("{", "JSON"),
        "in UTF-16": ("{}".encode("utf-16"), "UTF-8"),
        "of another type": ("7", "object"),
        "with 5000 actions": ({"action_space": METADATA["action_space"] * 2_000}, "1000"),
        "with an unknown sensor": (METADATA | {"sensor": ["SONAR"]}, "sensor"),
        "with text for a number": (METADATA | {"action_space": [{"steering_angle": "1", "speed": 1.0}]}, "number"),
        "with an unknown network": (METADATA | {"neural_network": "../../x"}, "neural_network"),
    }
    for word, (content, reason) in texts.items():
        yield Hostile(f"metadata {word}", lambda c=content: tar(console() | {name: c}), name, reason)
    aliases = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    params = "training_params.yaml"
    yield Hostile("YAML that unfolds", lambda: tar(console() | {params: aliases}), params, "alias")
    yield Hostile(
        "YAML with an object", lambda: tar(console() | {params: "a: !!python/object:x {}"}), params, "expected"
    )
    yield Hostile("a reward that is none", lambda: tar(console() | {"reward_function.py": "x ="}), "reward", "")
    yield Hostile("a specification of nothing", lambda: tar(own() | {"spec.json": {}}), "spec.json", "track")
    index = {"best": "../../x", "last": None}
    yield Hostile("an index that leaves", lambda: tar(own() | {"checkpoints/index.json": index}), "index.json", "names")
    yield Hostile("nothing of ours", lambda: tar({"a.txt": "x"}), "the archive", "a.txt")


HOSTILE = [*_in_archive(), *_in_zip(), *_in_members(), *_in_texts()]
