from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import (
    Command,
    ContinuousActionSpace,
    DiscreteActionSpace,
    ModelMetadata,
    Network,
    Sensor,
    load_model_metadata,
    parse_model_metadata,
)
from deepracer_local.errors import MetadataError

ACTION = {"steering_angle": 30.0, "speed": 0.6}
INTERVALS = {"steering_angle": {"high": 30.0, "low": -30.0}, "speed": {"high": 2.0, "low": 1.0}}
CONSOLE_FILE = {
    "action_space": [
        {"steering_angle": -30, "speed": 0.4, "index": 0},
        {"steering_angle": 0, "speed": 0.8, "index": 1},
        {"steering_angle": 22.5, "speed": 0.8, "index": 2},
    ],
    "sensor": ["STEREO_CAMERAS", "SECTOR_LIDAR"],
    "neural_network": "DEEP_CONVOLUTIONAL_NETWORK",
    "lidar_config": {"num_sectors": 8, "num_values_per_sector": 8, "clipping_dist": 2.0},
    "version": 3,
    "preprocess_type": "GREY_SCALE",
}


def test_a_console_file_with_index_lidar_and_unknown_keys_is_read_unchanged() -> None:
    metadata = parse_model_metadata(CONSOLE_FILE)

    assert metadata.sensor == (Sensor.STEREO_CAMERAS, Sensor.SECTOR_LIDAR)
    assert metadata.neural_network is Network.DEEP
    assert metadata.version == "3"
    assert metadata.to_action_space() == DiscreteActionSpace(
        (Command(-30.0, 0.4), Command(0.0, 0.8), Command(22.5, 0.8))
    )


def test_a_file_with_nothing_but_actions_has_the_originals_defaults() -> None:
    metadata = parse_model_metadata({"action_space": [ACTION]})

    assert metadata.sensor == (Sensor.OBSERVATION,)
    assert metadata.neural_network is Network.SHALLOW
    assert metadata.action_space_type == "discrete"
    assert metadata.training_algorithm == "clipped_ppo"


def test_a_bare_list_of_actions_is_a_discrete_space() -> None:
    assert parse_model_metadata([ACTION]) == parse_model_metadata({"action_space": [ACTION]})


def test_bare_intervals_are_a_continuous_space() -> None:
    metadata = parse_model_metadata(INTERVALS)

    assert metadata.action_space_type == "continuous"
    assert metadata.to_action_space() == ContinuousActionSpace(-30.0, 30.0, 1.0, 2.0)


@pytest.mark.parametrize("spelling", ["continuous", "continous"])
def test_both_spellings_of_continuous_are_read(spelling: str) -> None:
    metadata = parse_model_metadata({"action_space": INTERVALS, "action_space_type": spelling})

    assert metadata.action_space_type == "continuous"


@pytest.mark.parametrize(("version", "text"), [("5", "5"), (5, "5"), (2.0, "2.0")])
def test_the_version_may_be_text_or_number(version: Any, text: str) -> None:
    assert parse_model_metadata({"action_space": [ACTION], "version": version}).version == text


def test_sac_is_read_with_a_continuous_space() -> None:
    metadata = parse_model_metadata({"action_space": INTERVALS, "training_algorithm": "sac", "version": "4"})

    assert metadata.training_algorithm == "sac"


def _with(**changes: Any) -> dict[str, Any]:
    return {"action_space": [ACTION]} | changes


BAD = {
    "no action": (_with(action_space=[]), "action_space"),
    "too many actions": (_with(action_space=[ACTION] * 1001), "action_space"),
    "actions are a number": (_with(action_space=3), "action_space"),
    "actions are missing": ({"sensor": ["observation"]}, "action_space"),
    "action is a number": (_with(action_space=[ACTION, 3]), "action_space.1"),
    "action without speed": (_with(action_space=[{"steering_angle": 1.0}]), "action_space.0.speed"),
    "angle is text": (_with(action_space=[ACTION | {"steering_angle": "30"}]), "action_space.0.steering_angle"),
    "angle is true": (_with(action_space=[ACTION | {"steering_angle": True}]), "action_space.0.steering_angle"),
    "angle beyond 90 degrees": (_with(action_space=[ACTION | {"steering_angle": 91}]), "action_space.0.steering_angle"),
    "speed is NaN": (_with(action_space=[ACTION | {"speed": float("nan")}]), "action_space.0.speed"),
    "speed is infinite": (_with(action_space=[ACTION | {"speed": float("inf")}]), "action_space.0.speed"),
    "speed is nothing": (_with(action_space=[ACTION | {"speed": None}]), "action_space.0.speed"),
    "standing still": (_with(action_space=[ACTION | {"speed": 0.0}]), "action_space.0.speed"),
    "low above high": (INTERVALS | {"speed": {"low": 2.0, "high": 1.0}}, "action_space.speed"),
    "low equals high": (INTERVALS | {"steering_angle": {"low": 1.0, "high": 1.0}}, "action_space.steering_angle"),
    "driving backwards": (INTERVALS | {"speed": {"low": -1.0, "high": 1.0}}, "action_space.speed"),
    "interval without low": (INTERVALS | {"speed": {"high": 1.0}}, "action_space.speed.low"),
    "a list said to be continuous": (_with(action_space_type="continuous"), "action_space_type"),
    "intervals said to be discrete": (_with(action_space=INTERVALS, action_space_type="discrete"), "action_space_type"),
    "unknown type of space": (_with(action_space_type="fuzzy"), "action_space_type"),
    "type of space is a list": (_with(action_space_type=[]), "action_space_type"),
    "no camera": (_with(sensor=["LIDAR"]), "sensor"),
    "no sensor": (_with(sensor=[]), "sensor"),
    "two cameras": (_with(sensor=["observation", "LEFT_CAMERA"]), "sensor"),
    "two lidars": (_with(sensor=["observation", "LIDAR", "SECTOR_LIDAR"]), "sensor"),
    "unknown sensor": (_with(sensor=["observation", "RADAR"]), "sensor.1"),
    "unknown network": (_with(neural_network="RESNET"), "neural_network"),
    "unknown algorithm": (_with(training_algorithm="dqn"), "training_algorithm"),
    "sac with a discrete space": (_with(training_algorithm="sac"), "training_algorithm"),
    "version is true": (_with(version=True), "version"),
}


@pytest.mark.parametrize(("value", "field"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_by_the_name_of_the_field(value: Any, field: str) -> None:
    with pytest.raises(MetadataError) as caught:
        parse_model_metadata(value, source="mine.json")

    assert caught.value.field == field
    assert "mine.json" in str(caught.value)


@pytest.mark.parametrize("value", [3, "text", None, True])
def test_a_file_that_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(MetadataError):
        parse_model_metadata(value)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model_metadata.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([ACTION]).encode())

    assert load_model_metadata(path) == parse_model_metadata([ACTION])


UNREADABLE = {
    "empty": b"",
    "not JSON": b"{'action_space': []}",
    "NaN as a word": b'[{"steering_angle": NaN, "speed": 1}]',
    "not UTF-8": b"\xff\xfe\x00",
    "nested without end": b"[" * 200_000,
    "a number of ten thousand digits": b"1" * 10_000,
    "larger than a megabyte": b" " * 1_000_001,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_file_is_refused_by_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model_metadata.json"
    path.write_bytes(content)

    with pytest.raises(MetadataError) as caught:
        load_model_metadata(path)

    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(MetadataError):
            load_model_metadata(path)


_angles = st.floats(-90, 90)
_speeds = st.floats(0.01, 20)
_discrete = st.lists(st.fixed_dictionaries({"steering_angle": _angles, "speed": _speeds}), min_size=1, max_size=5)
_files = st.fixed_dictionaries(
    {"action_space": _discrete},
    optional={
        "sensor": st.sampled_from([["observation"], ["LEFT_CAMERA"], ["FRONT_FACING_CAMERA", "LIDAR"]]),
        "neural_network": st.sampled_from(list(Network)),
        "version": st.sampled_from(["1", "5", 6]),
    },
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(_files)
def test_metadata_written_to_a_file_reads_back_equal(file: dict[str, Any]) -> None:
    metadata = parse_model_metadata(file)

    text = json.dumps(metadata.to_file_dict())

    assert parse_model_metadata(json.loads(text)) == metadata


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_keys = st.sampled_from([*ModelMetadata.model_fields, "steering_angle", "speed"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_json | st.dictionaries(_keys, _json | _discrete, max_size=6))
def test_any_json_is_either_read_or_refused_with_a_sentence(value: Any) -> None:
    read, refused = _read(value)

    assert refused is None or str(refused).endswith(".")
    assert read is None or read.to_action_space().max_speed_mps > 0


def _read(value: Any) -> tuple[ModelMetadata | None, MetadataError | None]:
    try:
        return parse_model_metadata(value), None
    except MetadataError as err:
        return None, err
