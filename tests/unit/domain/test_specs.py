from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from deepracer_local.domain import (
    CAMERA_PROFILES,
    CameraSpec,
    Hyperparameters,
    RaceSpec,
    StopRules,
    TrainResult,
    TrainSpec,
    VehicleSpec,
    parse_model_metadata,
)

CONTINUOUS = parse_model_metadata({"steering_angle": {"high": 30, "low": -20}, "speed": {"high": 3.3, "low": 0.1}})
SPECS: dict[str, BaseModel] = {
    "defaults": TrainSpec(track="oval"),
    "physical camera": TrainSpec(track="oval", camera=CAMERA_PROFILES["physical"]),
    "continuous actions": TrainSpec(track="oval", model_metadata=CONTINUOUS, hyperparameters=Hyperparameters()),
    "all stop rules": StopRules(max_minutes=0.1, max_steps=1, max_episodes=2, clean_laps=3),
    "result": TrainResult(
        state="SUCCEEDED",
        reason="three clean laps",
        total_steps=9,
        iterations=1,
        episodes=2,
        training_seconds=1 / 3,
        best_checkpoint=None,
        best_lap_time_s=17.123456789,
    ),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
def test_a_spec_written_as_json_reads_back_equal(spec: BaseModel) -> None:
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**31 - 1),
    friction=st.floats(0.01, 3),
    offset=st.floats(0, 0.999),
    fov=st.floats(0.11, 2.79),
    minutes=st.none() | st.floats(0.001, 14_400),
)
def test_every_number_of_a_spec_survives_the_file_to_the_last_bit(
    seed: int, friction: float, offset: float, fov: float, minutes: float | None
) -> None:
    spec = TrainSpec(
        track="oval",
        seed=seed,
        vehicle=VehicleSpec(friction=friction),
        race=RaceSpec(start_position_offset=offset),
        camera=CameraSpec(horizontal_fov_rad=fov),
        stop=StopRules(max_minutes=minutes),
    )

    assert TrainSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize("model", [TrainSpec, RaceSpec, VehicleSpec, CameraSpec, StopRules, Hyperparameters])
def test_a_spec_refuses_names_it_does_not_know(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        model.model_validate({"track": "oval"} | {"no_such_setting": 1})


@pytest.mark.parametrize("model", [RaceSpec, VehicleSpec, CameraSpec, StopRules, Hyperparameters])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_number_of_a_spec_may_be_nan_or_infinite(model: type[BaseModel], value: float) -> None:
    floats = [name for name, field in model.model_fields.items() if "float" in str(field.annotation)]

    refused = [name for name in floats if _is_refused(model, name, value)]

    assert refused == floats
    assert floats


def _is_refused(model: type[BaseModel], name: str, value: Any) -> bool:
    try:
        model.model_validate({name: value})
    except ValidationError:
        return True
    return False


def test_a_spec_cannot_be_changed() -> None:
    spec = TrainSpec(track="oval")

    with pytest.raises(ValidationError):
        spec.seed = 1


def test_the_cars_axles_are_a_wheelbase_apart() -> None:
    vehicle = VehicleSpec()

    assert vehicle.front_axle_x_m - vehicle.rear_axle_x_m == pytest.approx(vehicle.wheelbase_m, abs=1e-9)
