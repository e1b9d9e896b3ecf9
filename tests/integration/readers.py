"""Runs files of networks with the programs that read them: ``python readers.py FOLDER``, alone in its process.

Each folder below holds model.pb, model.onnx, model.tflite, names.json (inputs, output, sensors) and frames.npz, arrays
for the inputs in their order. What each reader makes of the frames goes into outputs.npz beside them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        names = json.loads((path / "names.json").read_text())
        with np.load(path / "frames.npz") as file:
            frames = [file[key].astype(np.float32) for key in file.files]
        readers = (run_tensorflow, run_openvino, run_onnxruntime, run_litert)
        found = {reader.__name__: reader(path, names, frames) for reader in readers}
        np.savez(path / "outputs.npz", **found)


def run_tensorflow(path: Path, names: dict, frames: list) -> np.ndarray:
    import tensorflow as tf

    graph_def = tf.compat.v1.GraphDef.FromString((path / "model.pb").read_bytes())
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        tf.import_graph_def(graph_def, name="")
        fed = {f"{name}:0": frame for name, frame in zip(names["inputs"], frames, strict=True)}
        return session.run(f"{names['output']}:0", fed)


def run_openvino(path: Path, names: dict, frames: list) -> np.ndarray:
    import openvino as ov

    core = ov.Core()
    model = core.read_model(path / "model.pb")
    assert len(model.outputs) == 1
    # Left alone it computes with 16 bits where the processor can.
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    fed = {f"{name}:0": frame for name, frame in zip(names["inputs"], frames, strict=True)}
    return compiled(fed)[compiled.output(0)]


def run_onnxruntime(path: Path, names: dict, frames: list) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path / "model.onnx", providers=["CPUExecutionProvider"])
    fed = dict(zip(names["sensors"], frames, strict=True))
    [output] = session.get_outputs()
    assert output.name == "policy"
    return session.run(None, fed)[0]


def run_litert(path: Path, names: dict, frames: list) -> np.ndarray:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path / "model.tflite"), num_threads=2)
    interpreter.allocate_tensors()
    place = {one["name"]: one["index"] for one in interpreter.get_input_details()}
    [output] = interpreter.get_output_details()
    assert output["name"] == names["output"]
    found = []
    for row in zip(*frames, strict=True):
        for name, frame in zip(names["inputs"], row, strict=True):
            interpreter.set_tensor(place[name], frame[None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(output["index"])[0])
    return np.stack(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
