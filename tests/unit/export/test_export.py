"""Files of a network: what the car's loader asks of its archive, the self-test, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from deepracer_local.domain import ExportFormat, ExportReport, Network, Sensor
from deepracer_local.domain.layers import Dense, LayeredNetwork
from deepracer_local.errors import ExportError, SpecError
from deepracer_local.export import DrivenFrames, Trained, report_path, write_export
from deepracer_local.export import _write as write_module
from deepracer_local.export._graph_def import car_names, write_graph_def
from deepracer_local.export._graph_def_reader import read_graph_def
from deepracer_local.export._protobuf import read_message
from deepracer_local.training import DeterministicPolicy, describe_policy, outputs_of
from tests.unit.export.networks import CAMERA, driven_pictures, metadata_of, policy_of, with_lidar

CAR_SENSORS = {"observation", "LIDAR", "SECTOR_LIDAR", "LEFT_CAMERA", "FRONT_FACING_CAMERA", "STEREO_CAMERAS"}
CAR_NETWORKS = {f"DEEP_CONVOLUTIONAL_NETWORK{end}" for end in ("", "_SHALLOW", "_DEEP")}
MODEL_EXTENSION = ".pb"
SCOPE = "main_level/agent/main/online"


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return driven_pictures(200)


def trained(network: LayeredNetwork, kind: Network, *, is_discrete: bool = True, sensor: Sensor = CAMERA) -> Trained:
    return Trained(network, metadata_of(kind, is_discrete=is_discrete, sensor=sensor), "000001", "0" * 64)


def export(
    policy: DeterministicPolicy, kind: Network, pictures: np.ndarray, target: Path, *, form: ExportFormat
) -> ExportReport:
    is_discrete = outputs_of(policy, pictures[:1]).shape[1] > 2
    driven = DrivenFrames({CAMERA: pictures}, outputs_of(policy, pictures))
    return write_export(trained(describe_policy(policy, [CAMERA]), kind, is_discrete=is_discrete), driven, form, target)


def candidates(names: list[str]) -> list[str]:
    """Returns what the car's loader takes for a model: its extension is a part of ``.pb``, the empty one too."""
    return [name for name in names if PurePosixPath(name).suffix in MODEL_EXTENSION]


@pytest.mark.parametrize(
    ("network", "is_discrete"),
    [(Network.FAST, True), (Network.FAST, False), (Network.SHALLOW, True)],
    ids=["fast discrete", "fast continuous", "shallow discrete"],
)
def test_the_archive_is_what_the_cars_loader_asks_for(
    tmp_path: Path, pictures: np.ndarray, network: Network, is_discrete: bool
) -> None:
    policy = policy_of(network, is_discrete=is_discrete)
    target = tmp_path / "car.tar.gz"

    report = export(policy, network, pictures, target, form=ExportFormat.CAR)

    with tarfile.open(target, "r:gz") as tar:
        names = [entry.name for entry in tar.getmembers()]
        metadata = json.load(tar.extractfile("model_metadata.json") or io.BytesIO())
        graph = (tar.extractfile("agent/model.pb") or io.BytesIO()).read()
    assert names == ["agent/model.pb", "model_metadata.json"]
    assert candidates(names) == ["agent/model.pb"]
    assert metadata["neural_network"] in CAR_NETWORKS
    assert set(metadata["sensor"]) <= CAR_SENSORS
    assert metadata["training_algorithm"] == "clipped_ppo"
    assert metadata["action_space_type"] == ("discrete" if is_discrete else "continuous")
    assert "lidar_config" not in metadata
    program = read_graph_def(graph)
    assert program.inputs == {f"{SCOPE}/network_0/{CAMERA}/{CAMERA}": (120, 160, 1)}
    assert program.outputs == (f"{SCOPE}/network_1/ppo_head_0/policy",)
    assert report == ExportReport.model_validate_json(report_path(target).read_bytes())
    assert (report.frames, report.agreement, report.size) == (200, 1.0, target.stat().st_size)
    assert report.largest_difference < 1e-5


def test_only_plain_operations_of_2021_are_in_the_graph() -> None:
    network = describe_policy(policy_of(Network.FAST, is_discrete=True), [CAMERA])

    nodes = read_message(write_graph_def(network, car_names(network, "clipped_ppo"))).messages(1)

    assert [node.text(2) for node in nodes if node.text(2) not in {"Const", "BiasAdd", "Relu"}] == [
        *("Placeholder", "AvgPool", "Mul", "Sub", "Conv2D", "Conv2D", "Reshape", "MatMul", "MatMul", "Softmax")
    ]
    for node in nodes:  # OpenVINO takes a number without a shape for 0
        for entry in node.messages(5):
            tensor = entry.message(2).message(8)
            assert not tensor.fields or 2 in dict(tensor.fields)


def test_equal_weights_give_equal_bytes(tmp_path: Path, pictures: np.ndarray) -> None:
    for name in ("one.tar.gz", "two.tar.gz"):
        export(
            policy_of(Network.FAST, is_discrete=True), Network.FAST, pictures, tmp_path / name, form=ExportFormat.CAR
        )

    one, two = ((tmp_path / name).read_bytes() for name in ("one.tar.gz", "two.tar.gz"))
    assert one == two
    assert gzip.decompress(one)


@pytest.mark.parametrize("is_discrete", [True, False], ids=["discrete", "continuous"])
@pytest.mark.parametrize("form", [ExportFormat.ONNX, ExportFormat.TFLITE])
def test_other_formats_pass_the_same_test(
    tmp_path: Path, pictures: np.ndarray, form: ExportFormat, is_discrete: bool
) -> None:
    policy = policy_of(Network.FAST, is_discrete=is_discrete)

    report = export(policy, Network.FAST, pictures, tmp_path / form.file_name, form=form)

    assert (report.agreement, report.frames) == (1.0, 200)
    assert report.largest_difference < 1e-5


def test_the_names_of_sac_and_of_several_sensors_are_the_cars() -> None:
    names = car_names(describe_policy(with_lidar("sac", is_discrete=False), []), "sac")

    assert names.inputs == tuple(
        f"main_level/agent/policy/online/network_0/{sensor}/{sensor}" for sensor in ("LIDAR", "STEREO_CAMERAS")
    )
    assert names.output == "main_level/agent/policy/online/network_0/sac_policy_head_0/policy"


@pytest.mark.parametrize("form", ExportFormat)
def test_a_file_that_disagrees_is_not_written(
    tmp_path: Path, pictures: np.ndarray, form: ExportFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, kind = policy_of(Network.FAST, is_discrete=True), Network.FAST
    encode = write_module._encode

    def encode_another(subject: Trained, *rest: object) -> bytes:
        *before, last, softmax = subject.network.trunk
        assert isinstance(last, Dense)
        turned = Dense(-last.weights, last.bias)
        return encode(replace(subject, network=replace(subject.network, trunk=(*before, turned, softmax))), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(write_module, "_encode", encode_another)

    with pytest.raises(ExportError):
        export(policy, kind, pictures, tmp_path / "file", form=form)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_back_is_not_written(
    tmp_path: Path, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_module, "write_graph_def", lambda network, names: write_graph_def(network, names)[:-400])

    with pytest.raises(ExportError):
        export(policy_of(Network.FAST, is_discrete=True), Network.FAST, pictures, tmp_path / "f", form=ExportFormat.CAR)


def test_continuous_actions_beyond_their_range_are_compared_as_they_are_driven(
    tmp_path: Path, pictures: np.ndarray
) -> None:
    policy = policy_of(Network.FAST, is_discrete=False)
    network = describe_policy(policy, [CAMERA])
    outputs = outputs_of(policy, pictures)
    beyond = np.where(outputs > 1, outputs + 5, outputs).astype(np.float32)
    assert (beyond != outputs).any()

    report = write_export(
        trained(network, Network.FAST, is_discrete=False),
        DrivenFrames({CAMERA: pictures}, beyond),
        ExportFormat.ONNX,
        tmp_path / "model.onnx",
    )

    assert report.agreement == 1.0
    assert report.largest_difference == pytest.approx(5.0, abs=1e-3)


@pytest.mark.parametrize(
    ("sensor", "shape"),
    [
        (Sensor.DISCRETIZED_SECTOR_LIDAR, (120, 160, 1)),
        (Sensor.FRONT_FACING_CAMERA, (120, 160, 3)),
        (Sensor.STEREO_CAMERAS, (120, 160, 4)),
        (Sensor.FRONT_FACING_CAMERA, (60, 80, 1)),
    ],
    ids=["sensor", "stack", "stereo stack", "size"],
)
def test_what_the_car_cannot_drive_with_is_refused_for_it_alone(
    tmp_path: Path, sensor: Sensor, shape: tuple[int, int, int]
) -> None:
    policy = policy_of(Network.FAST, is_discrete=True, shape=shape)
    shown = np.random.default_rng(0).integers(0, 256, (200, *shape), np.uint8)
    driven = DrivenFrames({sensor: shown}, outputs_of(policy, shown))
    metadata = metadata_of(Network.FAST, is_discrete=True)
    lidar = (CAMERA, sensor) if sensor is Sensor.DISCRETIZED_SECTOR_LIDAR else (sensor,)
    subject = Trained(describe_policy(policy, [sensor]), metadata.model_copy(update={"sensor": lidar}), "1", "0" * 64)

    with pytest.raises(SpecError):
        write_export(subject, driven, ExportFormat.CAR, tmp_path / "model.tar.gz")
    assert write_export(subject, driven, ExportFormat.ONNX, tmp_path / "model.onnx").agreement == 1.0
