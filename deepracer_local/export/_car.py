"""The physical car's archive: a gzip tar with ``agent/model.pb`` and ``model_metadata.json``, and nothing else.

What the car's software asks of it (reference, sections 8.1 and 8.2): exactly one file whose extension is part of
``.pb``, of which no extension at all is one too, so that any such file more makes it skip the archive silently; the
description at the root; no key in it that the car does not know.
"""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from typing import Any

from deepracer_local.domain import ModelMetadata, Network, Sensor, why_not_on_the_car
from deepracer_local.domain.layers import LayeredNetwork
from deepracer_local.errors import SpecError

PICTURE = (120, 160)
"""Rows and columns of what the car shows the network."""
_GZIP = 31
"""zlib's number for gzip's header and checksum around what it makes."""
_PART = 1 << 20
"""Bytes that are packed or unpacked at once: what zlib returns then needs no growing."""
MODEL_FILE, METADATA_FILE = "agent/model.pb", "model_metadata.json"


def require_fit_for_the_car(network: LayeredNetwork, metadata: ModelMetadata) -> None:
    """Refuses what the car's software cannot drive with.

    Raises:
        SpecError: it knows a sensor not, or gives it in another shape.
    """
    for branch in network.branches:
        n_cameras = 2 if branch.sensor == Sensor.STEREO_CAMERAS else 1
        is_picture = len(branch.shape) == 3
        refusal = why_not_on_the_car(metadata, branch.shape[2] // n_cameras if is_picture else 1)
        if refusal is None and is_picture and branch.shape[:2] != PICTURE:
            refusal = (
                f"Expected pictures of {PICTURE[1]} by {PICTURE[0]} pixels, as the physical car's software gives them, "
                f"got {branch.shape[1]} by {branch.shape[0]}. Train with the camera profile simulator or physical."
            )
        if refusal is not None:
            raise SpecError(refusal, field="sensor")


def car_metadata(metadata: ModelMetadata) -> dict[str, Any]:
    """Returns ``model_metadata.json`` as the car takes it.

    The car reads of the network nothing but its graph; a name of our own is still replaced by one that it knows.
    """
    whole = metadata.to_file_dict()
    if metadata.neural_network is Network.FAST:
        whole["neural_network"] = Network.SHALLOW.value
    known = ("action_space", "action_space_type", "sensor", "neural_network", "training_algorithm", "version")
    return {key: whole[key] for key in known}


def pack_archive(graph: bytes, metadata: dict[str, Any]) -> bytes:
    """Returns the archive; equal content gives equal bytes."""
    described = (json.dumps(metadata, indent=2, sort_keys=True) + "\n").encode()
    # Trained weights are as good as noise: the best that can be done makes them 7 % smaller and takes seconds here, and
    # again in the self-test.
    packing = zlib.compressobj(level=0, wbits=_GZIP)
    packed = []
    for name, content in ((MODEL_FILE, graph), (METADATA_FILE, described)):
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        packed.append(packing.compress(entry.tobuf(tarfile.USTAR_FORMAT)))
        parts = memoryview(content)
        packed += [packing.compress(parts[start : start + _PART]) for start in range(0, len(parts), _PART)]
        packed.append(packing.compress(bytes(-len(content) % tarfile.BLOCKSIZE)))
    packed += [packing.compress(bytes(2 * tarfile.BLOCKSIZE)), packing.flush()]
    return b"".join(packed)


def unpack_archive(archive: bytes) -> tuple[memoryview, dict[str, Any]]:
    """Returns the graph and the description in an archive.

    Raises:
        ValueError: it holds anything else.
    """
    plain = _unpacked(archive)
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
        files = {entry.name: entry for entry in tar.getmembers()}
        if files.keys() != {MODEL_FILE, METADATA_FILE}:
            raise ValueError(f"{MODEL_FILE} and {METADATA_FILE} were expected, got {', '.join(files) or 'nothing'}")
        contents = {}
        for name, entry in files.items():
            if not entry.isfile():
                raise ValueError(f"{name} is no file")
            contents[name] = memoryview(plain)[entry.offset_data : entry.offset_data + entry.size]
    metadata: dict[str, Any] = json.loads(bytes(contents[METADATA_FILE]))
    return contents[MODEL_FILE], metadata


def _unpacked(packed: bytes) -> bytes:
    """Returns what a gzip file holds; part by part, which is twice as fast as at once."""
    unpacking = zlib.decompressobj(wbits=_GZIP)
    plain, parts = list[bytes](), memoryview(packed)
    try:
        for start in range(0, len(parts), _PART):
            plain.append(unpacking.decompress(parts[start : start + _PART]))
    except zlib.error as err:
        raise ValueError(f"a gzip file was expected: {err}") from err
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("a gzip file was expected, this one ends too early or too late")
    return b"".join(plain)
