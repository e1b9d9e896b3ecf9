"""Which sensors go together, their settings, and what people are shown of an observation."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import (
    CAMERAS,
    DEFAULT_METADATA,
    LIDARS,
    Sensor,
    SensorSettings,
    TrainSpec,
    illegal_combination,
    load_sensor_settings,
    parse_model_metadata,
    parse_sensor_settings,
    picture_in,
)
from deepracer_local.errors import FieldError, MetadataError, SpecError

ACTIONS = [{"steering_angle": 30.0, "speed": 0.6}]


def metadata_with(sensor: list[str], **more: Any) -> Any:
    return parse_model_metadata({"action_space": ACTIONS, "sensor": sensor, **more})


def test_one_camera_and_at_most_one_lidar_go_together_and_beside_state_the_camera_may_go() -> None:
    every = [set(chosen) for n in range(4) for chosen in combinations(Sensor, n)]

    legal = [chosen for chosen in every if not illegal_combination(sorted(chosen))]

    assert len(legal) == 4 * 4 + 4 * 4 + 4  # cameras by lidars, the same with STATE, STATE without a camera
    for chosen in legal:
        assert len(chosen & CAMERAS) == 1 or Sensor.STATE in chosen
        assert len(chosen & LIDARS) <= 1


@pytest.mark.parametrize(
    ("sensors", "word"),
    [
        ([], "exactly one camera"),
        (["LIDAR"], "FRONT_FACING_CAMERA"),
        (["LEFT_CAMERA", "FRONT_FACING_CAMERA"], "one camera"),
        (["LEFT_CAMERA", "LEFT_CAMERA"], "one camera"),
        (["LEFT_CAMERA", "LIDAR", "SECTOR_LIDAR"], "at most one lidar"),
        (["STATE", "STATE"], "STATE once"),
    ],
    ids=["none", "lidar alone", "two cameras", "a camera twice", "two lidars", "state twice"],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(sensors: list[str], word: str) -> None:
    with pytest.raises(MetadataError, match=word) as in_the_file:
        metadata_with(sensors)
    with pytest.raises(SpecError, match=word) as in_a_wish:
        DEFAULT_METADATA.with_sensors(sensors)

    assert in_the_file.value.field == "sensor"
    assert in_a_wish.value.field == "sensors"


def test_a_misspelt_sensor_gets_the_nearest_name() -> None:
    with pytest.raises(SpecError, match="STEREO_CAMERAS"):
        DEFAULT_METADATA.with_sensors(["STEREO_CAMERA"])


def test_other_sensors_leave_the_rest_of_the_metadata() -> None:
    changed = DEFAULT_METADATA.with_sensors(["STEREO_CAMERAS", "LIDAR"])

    assert changed.sensor == (Sensor.STEREO_CAMERAS, Sensor.LIDAR)
    assert changed.model_copy(update={"sensor": DEFAULT_METADATA.sensor}) == DEFAULT_METADATA


@pytest.mark.parametrize("sensor", Sensor)
def test_the_car_drives_with_what_it_has(sensor: Sensor) -> None:
    sensors = [sensor] if sensor in CAMERAS else [Sensor.FRONT_FACING_CAMERA, sensor]

    is_for_car = DEFAULT_METADATA.with_sensors(sensors).is_for_car

    assert is_for_car == (sensor not in {Sensor.STATE, Sensor.DISCRETIZED_SECTOR_LIDAR})


def test_lidar_config_has_the_originals_defaults_and_is_written_back_as_it_came() -> None:
    plain = metadata_with(["LEFT_CAMERA", "LIDAR"])
    given = {"num_sectors": 16, "num_values_per_sector": 4, "clipping_dist": 1.5, "num_values": 64, "min_angle": -150.5}
    config = metadata_with(["LEFT_CAMERA", "LIDAR"], lidar_config=given)

    assert (plain.lidar.num_sectors, plain.lidar.num_values_per_sector, plain.lidar.clipping_dist) == (8, 8, 2.0)
    assert "lidar_config" not in plain.to_file_dict()
    assert config.to_file_dict()["lidar_config"] == given
    for metadata in (plain, config):
        assert parse_model_metadata(json.loads(json.dumps(metadata.to_file_dict()))) == metadata


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"num_sectors": 7}, "num_sectors"),
        ({"num_sectors": 0}, "num_sectors"),
        ({"num_sectors": 128}, "num_sectors"),
        ({"num_values_per_sector": 0}, "num_values_per_sector"),
        ({"clipping_dist": 0.0}, "clipping_dist"),
        ({"clipping_dist": 13.0}, "clipping_dist"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_lidar_config_is_named(config: dict[str, Any], field: str) -> None:
    with pytest.raises(MetadataError) as caught:
        metadata_with(["LEFT_CAMERA", "LIDAR"], lidar_config=config)

    assert caught.value.field.startswith("lidar_config")
    assert caught.value.field.endswith(field)


def test_settings_are_read_from_a_file_and_written_to_the_spec(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"FRONT_FACING_CAMERA": {"rate_hz": 5, "delay_steps": 2, "noise_sigma": 4}}')

    settings = load_sensor_settings(file, DEFAULT_METADATA.sensor)
    spec = TrainSpec(track="oval", sensor_settings=settings)

    assert settings == {Sensor.FRONT_FACING_CAMERA: SensorSettings(rate_hz=5, delay_steps=2, noise_sigma=4)}
    assert TrainSpec.model_validate_json(spec.model_dump_json()) == spec
    assert TrainSpec(track="oval").sensor_settings == {}
    assert SensorSettings() == SensorSettings(rate_hz=15, delay_steps=0, noise_sigma=0.0)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (3, "sensor_settings"),
        (["FRONT_FACING_CAMERA"], "sensor_settings"),
        ({"CAMERA": {}}, "sensor_settings.CAMERA"),
        ({"LIDAR": {}}, "sensor_settings.LIDAR"),
        ({"FRONT_FACING_CAMERA": 4}, "sensor_settings.FRONT_FACING_CAMERA"),
        ({"FRONT_FACING_CAMERA": {"noise": 4}}, "sensor_settings.FRONT_FACING_CAMERA.noise"),
        ({"FRONT_FACING_CAMERA": {"rate_hz": 10}}, "sensor_settings.FRONT_FACING_CAMERA.rate_hz"),
        ({"FRONT_FACING_CAMERA": {"delay_steps": 16}}, "sensor_settings.FRONT_FACING_CAMERA.delay_steps"),
        ({"FRONT_FACING_CAMERA": {"noise_sigma": -1}}, "sensor_settings.FRONT_FACING_CAMERA.noise_sigma"),
        ({"FRONT_FACING_CAMERA": {"noise_sigma": float("nan")}}, "sensor_settings.FRONT_FACING_CAMERA.noise_sigma"),
    ],
)
def test_a_bad_setting_is_named(value: Any, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_sensor_settings(value, DEFAULT_METADATA.sensor)

    assert caught.value.field == field


def test_a_spec_refuses_settings_of_a_sensor_that_is_not_read() -> None:
    with pytest.raises(ValueError, match="FRONT_FACING_CAMERA"):
        TrainSpec(track="oval", sensor_settings={Sensor.LIDAR: SensorSettings()})


def test_people_are_shown_the_newest_left_picture() -> None:
    pictures = np.arange(8, dtype=np.uint8) * np.ones((5, 3, 4, 8), np.uint8)  # a batch; each channel its own grey

    alone = picture_in(pictures[..., :1], [Sensor.FRONT_FACING_CAMERA])
    stacked = picture_in(pictures[..., :4], [Sensor.LEFT_CAMERA])
    pairs = picture_in({"STEREO_CAMERAS": pictures, "LIDAR": np.zeros(64)}, [Sensor.LIDAR, Sensor.STEREO_CAMERAS])

    for shown, grey in ((alone, 0), (stacked, 3), (pairs, 6)):
        assert shown is not None
        assert shown.shape == (5, 3, 4)
        assert (shown == grey).all()
    assert picture_in(np.zeros(10), [Sensor.STATE]) is None
    assert picture_in({"STATE": np.zeros(10), "LIDAR": np.zeros(64)}, [Sensor.STATE, Sensor.LIDAR]) is None
