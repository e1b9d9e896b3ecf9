"""The child: ``python -P -s -S _child.py LIFELINE FOLDER...``, which reads one archive and nothing else.

The archive is its standard input, an open file. It imports what it needs, puts the wall of the reward functions up
around itself, and only then reads. What it finds it writes to its standard output; see ``_frames``. It loads the files
of this room that it needs and no package: that would load pydantic and others.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import types
from pathlib import Path
from typing import Any, BinaryIO

if not sys.modules.get("deepracer_local.interop"):
    _PACKAGE = Path(__file__).resolve().parents[1]
    for _name in (
        "deepracer_local",
        "deepracer_local.interop",
        "deepracer_local.reward",
        "deepracer_local.reward.sandbox",
    ):
        _module = types.ModuleType(_name)
        _module.__path__ = [str(_PACKAGE.joinpath(*_name.split(".")[1:]))]
        sys.modules[_name] = _module

from deepracer_local.interop._frames import ARCHIVE_FD, HEADER, MAX_PART_BYTES, REPLY_FD, FrameKind
from deepracer_local.reward.sandbox import wall

MEMORY_BYTES = 2_500_000_000
"""The largest network takes 345 MB, and as much again for a moment."""
CPU_S = 60
_BEST = re.compile(r"(?P<iteration>[0-9]{1,9})_Step-[0-9]{1,15}\.ckpt")
_GRAPH_OF_ITERATION = re.compile(r"(?:.*/)?model_(?P<iteration>[0-9]{1,9})\.pb")
_MAX_DEPTH = 100


def main() -> None:
    """Reads the archive, says what is in it, and ends."""
    lifeline = int(sys.argv[1])
    sys.path += sys.argv[2:]
    os.dup2(lifeline, wall.LIFELINE_FD)
    os.closerange(3, wall.LIFELINE_FD)
    os.closerange(wall.LIFELINE_FD + 1, 256)
    # Before the wall stands: no file can be opened behind it.
    import numpy.lib.stride_tricks  # noqa: PLC0415
    import numpy.random  # noqa: F401, PLC0415

    from deepracer_local.interop import _answers, _archive, _conversion, _refusal  # noqa: F401, PLC0415

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    standing, missing = wall.put_up(MEMORY_BYTES)
    layers = [name for i, name in enumerate(wall.LAYERS) if standing & 1 << i]
    _say(FrameKind.WALL, {"layers": layers, "missing": missing})
    with os.fdopen(ARCHIVE_FD, "rb", buffering=1 << 16) as source:
        try:
            _read(source)
            _say(FrameKind.DONE, {})
        except _refusal.RefusedError as err:
            _say(FrameKind.REFUSED, {"file": err.file, "reason": err.reason})
        except MemoryError:
            _say(FrameKind.REFUSED, {"file": "the archive", "reason": "expected weights of a network, got far more"})
    os._exit(0)


def _read(source: BinaryIO) -> None:
    from deepracer_local.interop._archive import read_members  # noqa: PLC0415  # see main

    members = read_members(source)
    for name, content in members.texts.items():
        if name.endswith(".json"):
            _decode(name, content)
    _say(FrameKind.MEMBERS, {"sizes": members.sizes, "texts": members.texts})
    checkpoints = _checkpoints(members.texts)
    for name in checkpoints:
        _read_checkpoint(source, name, members.texts)
    if not checkpoints:
        graph = _graph_to_read(members.sizes, members.texts)
        if graph is not None:
            _read_graph(source, graph)


def _decode(name: str, content: str) -> Any:
    """Returns the value of a JSON file.

    Raises:
        RefusedError: it is none, has a name twice, a number that is none, or too many levels.
    """
    from deepracer_local.interop._refusal import RefusedError, shown  # noqa: PLC0415  # see main

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a name that comes twice in one object")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise ValueError(f"{word}, which is no JSON number")

    try:
        value = json.loads(content, object_pairs_hook=unique, parse_constant=refuse)
        if _depth(value) > _MAX_DEPTH:
            raise ValueError(f"more than {_MAX_DEPTH} levels")
    except (ValueError, RecursionError) as err:
        raise RefusedError(name, f"expected JSON, got {shown(str(err)) or 'too many levels'}") from None
    return value


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= _MAX_DEPTH:
        deepest += 1
        below: list[Any] = []
        for one in level:
            if isinstance(one, (dict, list)):
                below.extend(one.values() if isinstance(one, dict) else one)
        level = below
    return deepest


def _checkpoints(texts: dict[str, str]) -> list[str]:
    """Returns the weights of a run directory's best and last checkpoint; none where it is no run directory."""
    from deepracer_local.interop._names import INDEX  # noqa: PLC0415  # see main
    from deepracer_local.interop._refusal import RefusedError  # noqa: PLC0415

    for name in sorted(texts, key=lambda name: (name.count("/"), name)):
        match = INDEX.fullmatch(name)
        if match is None or f"{match['root']}spec.json" not in texts:
            continue
        index = _decode(name, texts[name])
        found = [index.get(key) for key in ("best", "last")] if isinstance(index, dict) else []
        if not all(one is None or (isinstance(one, str) and one.isdigit() and len(one) <= 15) for one in found):
            raise RefusedError(name, "expected the names of the best and the last checkpoint, got something else")
        names = dict.fromkeys(one for one in found if one)
        return [f"{match['root']}checkpoints/{one}/policy.safetensors" for one in names]
    return []


def _graph_to_read(sizes: dict[str, int], texts: dict[str, str]) -> str | None:
    """Returns the frozen graph of the best iteration: the car's, the one that the record names, or the newest."""
    from deepracer_local.interop._names import GRAPH  # noqa: PLC0415  # see main

    graphs = sorted((name for name in sizes if GRAPH.fullmatch(name)), key=lambda name: (name.count("/"), name))
    for name in graphs:
        if name == "agent/model.pb" or name.endswith("/agent/model.pb"):
            return name
    numbered = {int(match["iteration"]): name for name in graphs if (match := _GRAPH_OF_ITERATION.fullmatch(name))}
    for name, content in texts.items():
        if name.rpartition("/")[2] == "deepracer_checkpoints.json":
            record = _decode(name, content)
            best = record.get("best_checkpoint") if isinstance(record, dict) else None
            match = _BEST.fullmatch(str(best.get("name"))) if isinstance(best, dict) else None
            if match is not None and int(match["iteration"]) in numbered:
                return numbered[int(match["iteration"])]
    return numbered[max(numbered)] if numbered else graphs[0] if graphs else None


def _read_checkpoint(source: BinaryIO, name: str, texts: dict[str, str]) -> None:
    from deepracer_local.interop._answers import require_finite_answers  # noqa: PLC0415  # see main
    from deepracer_local.interop._archive import read_content  # noqa: PLC0415
    from deepracer_local.interop._layers import expected_shapes, require_shapes  # noqa: PLC0415
    from deepracer_local.interop._refusal import RefusedError, shown  # noqa: PLC0415
    from deepracer_local.interop._tensors import read_tensors  # noqa: PLC0415

    about = name.replace("policy.safetensors", "model.json")
    if about not in texts:
        raise RefusedError(about, "expected this description beside the weights, found none")
    try:
        form = _form(_decode(about, texts[about]))
        form.require_possible()
        form.require_size()
    except (KeyError, TypeError, IndexError, AttributeError):
        raise RefusedError(about, "expected what sensors, actions and network the weights have") from None
    except ValueError as err:
        raise RefusedError(about, shown(str(err))) from None
    tensors = read_tensors(read_content(source, name), name)
    require_shapes(tensors, expected_shapes(form), name)
    require_finite_answers(tensors, form, name)
    _send(form, {name: tensors[name] for name in sorted(tensors)}, source=name, checkpoint=name.split("/")[-2])


def _form(model: Any) -> Any:
    """Returns what ``model.json`` says of the network."""
    from deepracer_local.interop._layers import Form, Sensor  # noqa: PLC0415  # see main

    def counts(values: Any) -> tuple[int, ...]:
        if not isinstance(values, list) or not all(type(value) is int for value in values):
            raise TypeError
        return tuple(values)

    metadata, several = model["model_metadata"], model.get("sensors")
    if several is None:
        named = metadata.get("sensor", ["observation"])
        if len(named) != 1:
            raise TypeError
        sensors = [Sensor(str(named[0]), counts(model["observation_shape"]))]
    else:
        sensors = sorted(Sensor(str(name), counts(one["shape"])) for name, one in several.items())
    is_continuous = model.get("n_actions") is None
    [n_outputs] = counts([model["action_dimensions" if is_continuous else "n_actions"]])
    algorithm = str(metadata.get("training_algorithm", "clipped_ppo"))
    return Form(str(model["network"]), algorithm, tuple(sensors), several is None, n_outputs, is_continuous)


def _read_graph(source: BinaryIO, name: str) -> None:
    from deepracer_local.interop._answers import require_finite_answers  # noqa: PLC0415  # see main
    from deepracer_local.interop._archive import read_content  # noqa: PLC0415
    from deepracer_local.interop._conversion import convert  # noqa: PLC0415
    from deepracer_local.interop._graph import read_graph  # noqa: PLC0415
    from deepracer_local.interop._refusal import UnusableError  # noqa: PLC0415

    try:
        found = convert(read_graph(read_content(source, name), name))
    except UnusableError as err:
        _say(FrameKind.UNUSABLE, {"file": name, "reason": str(err)})
        return
    require_finite_answers(found.tensors, found.form, name)
    _send(found.form, {name: found.tensors[name] for name in sorted(found.tensors)}, source=name, checkpoint=None)


def _send(form: Any, tensors: dict[str, Any], *, source: str, checkpoint: str | None) -> None:
    about = {"source": source, "checkpoint": checkpoint, "network": form.network, "algorithm": form.algorithm}
    about |= {"sensors": [list(sensor) for sensor in form.sensors], "is_alone": form.is_alone}
    about |= {"n_outputs": form.n_outputs, "is_continuous": form.is_continuous}
    _say(FrameKind.WEIGHTS, about | {"shapes": {name: list(tensor.shape) for name, tensor in tensors.items()}})
    for tensor in tensors.values():
        content = memoryview(tensor.astype("<f4", order="C", copy=False)).cast("B")
        for start in range(0, len(content), MAX_PART_BYTES):
            _write(FrameKind.NUMBERS, content[start : start + MAX_PART_BYTES])


def _say(kind: FrameKind, value: Any) -> None:
    _write(kind, json.dumps(value).encode())


def _write(kind: FrameKind, body: bytes | memoryview) -> None:
    for part in (HEADER.pack(kind, len(body)), body):
        view = memoryview(part)
        while view:
            view = view[os.write(REPLY_FD, view) :]


if __name__ == "__main__":
    main()
