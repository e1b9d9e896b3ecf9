"""Laws of domain randomisation: ranges, seeds, states, and that each range does what its name says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.domain import (
    RANDOMISATIONS,
    CameraSpec,
    Command,
    Conditions,
    DriveFactors,
    ImageArray,
    Pose,
    RandomisationSpec,
    Sensor,
    to_randomisation,
)
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import SpecError, UnknownNameError
from deepracer_local.sim import GroundCamera, KinematicSimulator, Simulator, TyreSimulator
from deepracer_local.track import builtin_tracks_dir, find_track

TRACK = find_track("oval", [builtin_tracks_dir()])
CAMERA = GroundCamera(TRACK, CameraSpec())
CAR = KinematicSimulator().reset(TRACK.start_pose(0.1))
STRONG = RANDOMISATIONS["strong"]


def made(randomisation: Any, **options: Any) -> DeepRacerEnv:
    return DeepRacerEnv(TRACK, camera=CAMERA, randomisation=randomisation, **options)


def drive(env: DeepRacerEnv, n_steps: int, *, seed: int | None = None) -> list[tuple[bytes, float, Any]]:
    """Returns observation, reward and conditions of every instant of a drive with random actions."""
    seen = []
    if seen_seed := seed is not None:
        env.action_space.seed(seed)
    observation, info = env.reset(seed=seed) if seen_seed else (None, {})
    for _ in range(n_steps):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        seen.append((content(observation), float(reward), info.get("conditions")))
        if terminated or truncated:
            observation, info = env.reset()
            seen.append((content(observation), 0.0, info.get("conditions")))
    return seen


def content(observation: Any) -> bytes:
    parts = observation.values() if isinstance(observation, dict) else [observation]
    return b"".join(part.tobytes() for part in parts)


def test_what_is_drawn_lies_in_its_range_and_reaches_both_halves() -> None:
    random = np.random.default_rng(0)

    drawn = [dict(STRONG.draw(random)) for _ in range(300)]

    for name, (low, high) in STRONG:
        values = [conditions[name] for conditions in drawn]
        assert low <= min(values) < (low + high) / 2 < max(values) <= high, name


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_fixed_range_takes_nothing_from_the_generator(data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(RandomisationSpec.model_fields)), max_size=4))
    spec = RandomisationSpec.model_validate({name: dict(STRONG)[name] for name in names})
    one, other = np.random.default_rng(5), np.random.default_rng(5)

    drawn = dict(spec.draw(one))
    for name, (low, high) in spec:
        if low == high:
            assert drawn[name] == low
        elif name.endswith("_steps"):
            assert drawn[name] == other.integers(low, high, endpoint=True)
        else:
            assert drawn[name] == other.uniform(low, high)

    assert one.bit_generator.state == other.bit_generator.state


def test_off_is_the_environment_without_randomisation() -> None:
    plain, off = DeepRacerEnv(TRACK, camera=CAMERA), made("off")

    assert drive(plain, 150, seed=3) == drive(off, 150, seed=3)
    assert plain.get_state() == off.get_state()
    assert off.camera is CAMERA


def test_the_same_seed_gives_the_same_episodes_and_another_one_others() -> None:
    first, again, other = (drive(made("strong"), 120, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first[0] != other[0]
    assert len({conditions.friction for _, _, conditions in first}) > 2  # one for each episode


@pytest.mark.parametrize("sensors", [["LEFT_CAMERA"], ["STEREO_CAMERAS", "LIDAR"], ["STATE"]], ids="+".join)
def test_another_environment_goes_on_from_a_state_bit_for_bit(sensors: list[str]) -> None:
    fields = dict(STRONG) | {"action_delay_steps": (3, 5), "camera_delay_steps": (2, 4)}
    env, other = (made(RandomisationSpec.model_validate(fields), sensors=sensors, stack_size=2) for _ in range(2))
    drive(env, 37, seed=4)
    state = json.loads(json.dumps(env.get_state()))
    env.action_space.seed(9)
    expected = drive(env, 80)

    drive(other, 5, seed=8)
    other.set_state(state)
    other.action_space.seed(9)

    assert drive(other, 80) == expected


@pytest.mark.parametrize("make", [TyreSimulator, KinematicSimulator], ids=["tyre", "kinematic"])
def test_a_car_that_was_adapted_and_adapted_back_drives_as_before(make: Callable[[], Simulator]) -> None:
    def corners(simulator: Simulator) -> list[Any]:
        simulator.reset(Pose(0.0, 0.0, 0.0))
        return [simulator.step(Command(20.0, 2.0)) for _ in range(30)]

    fresh, used = make(), make()
    used.adapt(DriveFactors(0.5, 1.5, 2.0))
    changed = corners(used)
    used.adapt(DriveFactors())

    expected = corners(fresh)
    assert changed != expected
    assert corners(used) == expected


def cornering_mps2(friction: float) -> float:
    simulator = TyreSimulator()
    simulator.adapt(DriveFactors(friction=friction))
    simulator.reset(Pose(0.0, 0.0, 0.0))
    states = [simulator.step(Command(30.0, 3.0)) for _ in range(60)]
    simulator.close()
    return max(abs(state.speed_mps * state.yaw_rate_radps) for state in states[30:])


def test_less_grip_lowers_the_speed_in_a_corner() -> None:
    low, specified, high = (cornering_mps2(friction) for friction in (0.5, 1.0, 1.5))

    assert low < 0.7 * specified
    assert specified < 0.9 * high


@pytest.mark.parametrize("drive_factors", [DriveFactors(motor_time=3.0), DriveFactors(mass=2.0)], ids=["motor", "mass"])
def test_a_slower_motor_and_a_heavier_car_take_longer_to_speed_up(drive_factors: DriveFactors) -> None:
    def speed_mps(factors: DriveFactors) -> float:
        simulator = TyreSimulator()
        simulator.adapt(factors)
        simulator.reset(Pose(0.0, 0.0, 0.0))
        return [simulator.step(Command(0.0, 0.5)) for _ in range(2)][-1].speed_mps

    assert speed_mps(drive_factors) < 0.97 * speed_mps(DriveFactors())


def test_a_heavier_car_stands_lower_and_still() -> None:
    simulator = TyreSimulator()
    simulator.adapt(DriveFactors(mass=1.5))
    simulator.reset(Pose(0.0, 0.0, 0.0))

    states = [simulator.step(None) for _ in range(10)]

    # The springs sink by g / w^2 under the specified weight, w = 40 rad/s.
    assert states[-1].z_m == pytest.approx(-0.5 * 9.80665 / 1600.0, abs=1e-5)


def frame(**drawn: float) -> ImageArray:
    return CAMERA.under(Conditions.model_validate(drawn)).frame(CAR)


def test_conditions_without_a_difference_leave_a_picture_as_it_is() -> None:
    assert np.array_equal(frame(), CAMERA.frame(CAR))


@pytest.mark.parametrize(
    ("dark", "light"),
    [
        ({"brightness": -30.0}, {"brightness": 30.0}),
        ({"road_grey": -30.0}, {"road_grey": 30.0}),
        ({"border_grey": -30.0}, {}),
        ({"centre_line_grey": -30.0}, {"centre_line_grey": 30.0}),
        ({"field_grey": -30.0}, {"field_grey": 30.0}),
        ({"sky_grey": -30.0}, {"sky_grey": 30.0}),
    ],
)
def test_darker_is_darker(dark: dict[str, float], light: dict[str, float]) -> None:
    assert frame(**dark).mean() < frame().mean() <= frame(**light).mean()


def test_each_paint_gets_its_own_grey() -> None:
    plain = frame()
    painted = frame(road_grey=20.0, field_grey=-40.0, sky_grey=30.0)

    for level, shift in ((68, 20), (128, -40), (207, 30)):  # road, field and sky of the default scene
        assert np.unique(painted[plain == level]).tolist() == [level + shift]


def test_light_comes_from_a_side_and_contrast_and_blur_change_the_spread() -> None:
    lit = frame(light=0.5).astype(float) - frame()

    assert lit[:, :40].mean() < -5 < 5 < lit[:, -40:].mean()
    assert frame(contrast=0.5).std() < 0.6 * frame().std()
    blurred, plain = frame(blur_sigma_px=2.0).astype(float), frame().astype(float)
    assert np.abs(np.diff(blurred)).max() < 0.5 * np.abs(np.diff(plain)).max()
    assert blurred.mean() == pytest.approx(plain.mean(), abs=1.5)


def test_the_lens_and_the_mount_move_the_picture() -> None:
    def horizon_row(picture: ImageArray) -> int:
        return int(np.argmax(picture[:, 0] != 207))

    assert horizon_row(frame(camera_pitch_deg=3.0)) < horizon_row(frame()) < horizon_row(frame(camera_pitch_deg=-3.0))
    focal_px = 0.5 * 160 / math.tan(0.5 * CameraSpec().horizontal_fov_rad)
    shift_px = round(focal_px * math.tan(math.radians(5.0)))
    turned, plain = frame(camera_yaw_deg=5.0)[30:34, 40:120], frame()[30:34, 40 - shift_px : 120 - shift_px]
    assert np.mean(turned == plain) > 0.9  # looking left moves the world right
    assert frame(camera_fov_deg=20.0).tolist() != frame().tolist() != frame(camera_height_m=0.05).tolist()


def test_noise_is_as_strong_as_it_says() -> None:
    env = made({"noise_sigma": [8.0, 8.0], "contrast": [0.1, 0.1]})
    plain = made({"contrast": [0.1, 0.1]})

    noisy = np.asarray(env.reset(seed=0)[0]).astype(float)
    error = noisy - np.asarray(plain.reset(seed=0)[0])

    assert error.std() == pytest.approx(8.0, rel=0.05)


def test_an_action_arrives_late_and_off_centre() -> None:
    late = made({"action_delay_steps": [4, 4], "steering_bias_deg": [10.0, 10.0]}, simulator="kinematic")
    prompt = DeepRacerEnv(TRACK, camera=CAMERA, simulator="kinematic")
    late.reset(seed=0, options={"start_ndist": 0.0})
    prompt.reset(seed=0, options={"start_ndist": 0.0})

    speeds = []
    for _ in range(8):
        late.step(2)
        prompt.step(2)
        speeds.append(late.vehicle_state.speed_mps)

    assert speeds[:4] == [0.0] * 4
    assert speeds[4] > 0.0
    assert late.vehicle_state.yaw_rate_radps > 0.0 == prompt.vehicle_state.yaw_rate_radps


def test_a_picture_arrives_late() -> None:
    late, prompt = made({"camera_delay_steps": [3, 3]}), DeepRacerEnv(TRACK, camera=CAMERA)
    shown = [late.reset(seed=0)[0]] + [late.step(2)[0] for _ in range(10)]
    seen = [prompt.reset(seed=0)[0]] + [prompt.step(2)[0] for _ in range(10)]

    assert content(shown[10]) == content(seen[7])
    assert content(shown[3]) == content(seen[0])


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ("stong", UnknownNameError, "strong"),
        ({"frcition": [1, 2]}, SpecError, "friction"),
        ({"friction": [1.2, 0.8]}, SpecError, "lower end first"),
        ({"friction": [0.1, 0.8]}, SpecError, "0.2"),
        ({"friction": 1.0}, SpecError, "friction"),
        ({"friction": [0.5, float("nan")]}, SpecError, "friction"),
        ({"action_delay_steps": [0, 11]}, SpecError, "10"),
        ({"action_delay_steps": [0.5, 1]}, SpecError, "action_delay_steps"),
        ([], SpecError, "preset"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(value: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        to_randomisation(value)


def test_a_camera_that_cannot_be_is_refused_before_the_first_episode() -> None:
    with pytest.raises(SpecError, match="horizontal_fov_rad"):
        DeepRacerEnv(TRACK, camera=CameraSpec(horizontal_fov_rad=2.6), randomisation={"camera_fov_deg": [0, 30]})


@pytest.mark.parametrize("name", RANDOMISATIONS)
def test_a_preset_reads_back_equal_and_fits_both_lenses(name: str) -> None:
    spec = RANDOMISATIONS[name]

    assert to_randomisation(json.loads(spec.model_dump_json())) == spec
    spec.require_fits(CameraSpec())
    spec.require_fits(CameraSpec(horizontal_fov_rad=math.radians(120.0)))


def test_a_lidar_alone_beside_the_numbers_sees_no_light() -> None:
    env = made({"brightness": [-50.0, -50.0]}, sensors=[Sensor.STATE])
    plain = DeepRacerEnv(TRACK, camera=CAMERA, sensors=[Sensor.STATE])

    assert content(env.reset(seed=0)[0]) == content(plain.reset(seed=0)[0])
