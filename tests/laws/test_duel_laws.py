"""Laws of a race of two models, driven with the real physics and the real sensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from deepracer_local.domain import CONTROL_RATE_HZ, EvaluationRace, Outcome, RaceSpec, VehicleSpec
from deepracer_local.env import DeepRacerEnv, Duel, Turn
from deepracer_local.errors import SpecError
from deepracer_local.race import mirrored
from deepracer_local.track import builtin_tracks_dir, find_track

OVAL = find_track("oval", [builtin_tracks_dir()])
STRIP = find_track("drag_strip", [builtin_tracks_dir()])
ANGLES = (-30, -15, 0, 15, 30)
CAMERA, STATE = "FRONT_FACING_CAMERA", "STATE"
Drives = dict[int, list[Turn]]
Steer = Callable[[Turn], int]
MakePair = Callable[..., "Pair"]


class Pair:
    """Two cars, each with a speed and a way to steer of its own."""

    def __init__(self, race: EvaluationRace, *, speeds: tuple[float, float], sensor: str, track: Any = OVAL) -> None:
        self.race = race
        self.envs = tuple(
            DeepRacerEnv(
                track,
                action_space=[{"steering_angle": angle, "speed": speed} for angle in ANGLES],
                race=RaceSpec(**one.model_dump(), start_position="fixed", max_steps=600),
                sensors=[sensor],
            )
            for one, speed in zip((race, mirrored(race, track)), speeds, strict=True)
        )

    def drive(self, steer: tuple[Steer, Steer], *, n_ticks: int = 600, laps: int = 1) -> Drives:
        duel = Duel((self.envs[0], self.envs[1]), (-self.race.opponent_lane, self.race.opponent_lane))
        drives: Drives = {0: [], 1: []}
        turns = duel.begin([{"number_of_laps": laps}] * 2, seed=4)
        for _ in range(n_ticks):
            for turn in turns:
                drives[turn.car].append(turn)
            if duel.is_over:
                break
            turns = duel.tick(lambda car, _seen: steer[car](drives[car][-1]))
        for turn in turns if not duel.is_over else []:
            drives[turn.car].append(turn)
        return drives


@pytest.fixture
def pair() -> Iterator[MakePair]:
    made: list[Pair] = []

    def make(*, speeds: tuple[float, float] = (1.0, 1.0), sensor: str = STATE, track: Any = OVAL, **race: Any) -> Pair:
        spec = EvaluationRace.model_validate({"race_type": "HEAD_TO_MODEL", "opponent_distance": 0.0, **race})
        made.append(Pair(spec, speeds=speeds, sensor=sensor, track=track))
        return made[-1]

    yield make
    for one in made:
        for env in one.envs:
            env.close()


def follow_line(turn: Turn) -> int:
    """Returns the action that drives along the centre line."""
    p = turn.info["reward_params"]
    ahead = p["waypoints"][(p["closest_waypoints"][1] + 2) % (len(p["waypoints"]) - 1)]
    bearing = np.degrees(np.arctan2(ahead[1] - p["y"], ahead[0] - p["x"])) - p["heading"]
    return int(np.clip(np.round(((bearing + 180) % 360 - 180) / 15), -2, 2)) + 2


def straight_on(_turn: Turn) -> int:
    return 2


def by_chance(seed: int) -> Steer:
    rng = np.random.default_rng(seed)
    return lambda _turn: int(rng.integers(len(ANGLES)))


def digest(turns: list[Turn]) -> list[Any]:
    """Returns all that one car was, saw and met."""
    return [
        (np.asarray(t.observation).tobytes(), t.info["record"], t.info["objects"], t.info["laps"], t.info["action"])
        for t in turns
    ]


@pytest.mark.parametrize(
    ("sensor", "steer"),
    [(CAMERA, (follow_line, follow_line)), (STATE, (straight_on, straight_on)), (STATE, None)],
    ids=["along-the-line", "off-the-road", "by-chance"],
)
def test_exchanged_cars_and_lanes_give_exchanged_drives(
    pair: MakePair, sensor: str, steer: tuple[Steer, Steer] | None
) -> None:
    rules = {"number_of_resets": 4, "off_track_penalty": 1.53}
    speeds = (1.0, 1.0) if steer else (1.6, 1.2)
    drives = pair(sensor=sensor, speeds=speeds, **rules).drive(steer or (by_chance(1), by_chance(2)), n_ticks=240)
    other = pair(sensor=sensor, speeds=speeds[::-1], opponent_lane=-1, **rules)
    exchanged = other.drive(steer or (by_chance(2), by_chance(1)), n_ticks=240)

    assert digest(drives[0]) == digest(exchanged[1])
    assert digest(drives[1]) == digest(exchanged[0])
    assert len(drives[0]) > 100


def test_far_apart_each_drives_as_if_it_were_alone(pair: MakePair) -> None:
    half_m = 0.5 * OVAL.length_m
    drives = pair(speeds=(1.0, 1.2), opponent_distance=half_m).drive((follow_line, follow_line))

    for car, speed in enumerate((1.0, 1.2)):
        actions = [{"steering_angle": angle, "speed": speed} for angle in ANGLES]
        alone = RaceSpec(start_position="fixed", start_position_offset=0.5 * car)
        env = DeepRacerEnv(OVAL, action_space=actions, race=alone, sensors=[STATE])
        observation, info = env.reset(seed=4)
        for turn in drives[car]:
            assert turn.info["record"] == info["record"]
            assert np.array_equal(turn.observation, observation)
            if not info["record"].done:
                observation, _, _, _, info = env.step(follow_line(turn))
        assert info["outcome"] == "lap_complete"
        env.close()


def test_what_a_car_meets_is_where_the_other_one_really_is(pair: MakePair) -> None:
    drives = pair(sensor=CAMERA).drive((follow_line, straight_on), n_ticks=30)

    for mine, theirs in zip(drives[0], drives[1], strict=False):
        [met], [seen_by_other] = mine.info["objects"], theirs.info["objects"]
        assert (met.pose.x_m, met.pose.y_m, met.pose.yaw_rad) == (
            theirs.vehicle.x_m,
            theirs.vehicle.y_m,
            theirs.vehicle.yaw_rad,
        )
        assert seen_by_other.pose.x_m == mine.vehicle.x_m
        params = mine.info["reward_params"]
        assert params["objects_location"] == [[theirs.vehicle.x_m, theirs.vehicle.y_m]]
        assert params["objects_speed"] == [theirs.vehicle.speed_mps]
    lanes = [turns[0].info["reward_params"]["is_left_of_center"] for turns in drives.values()]
    assert lanes[0] is not lanes[1]  # they start side by side


def test_the_camera_shows_the_car_ahead(pair: MakePair) -> None:
    met = pair(sensor=CAMERA, opponent_distance=1.2).drive((straight_on, straight_on), n_ticks=1)
    alone = DeepRacerEnv(OVAL, race=RaceSpec(start_position="fixed"), sensors=[CAMERA])
    empty, _ = alone.reset(seed=4)
    alone.close()

    assert not np.array_equal(met[0][0].observation, empty)
    assert met[0][0].info["reward_params"]["object_in_camera"]
    assert not met[1][0].info["reward_params"]["object_in_camera"]


def test_who_runs_into_the_other_has_crashed_and_leaves_the_road_to_it(pair: MakePair) -> None:
    drives = pair(speeds=(2.0, 0.5), opponent_distance=1.2).drive((follow_line, follow_line))

    [crashed], [through] = (turns[-1].info["laps"] for turns in drives.values())
    assert (crashed.outcome, through.outcome) == (Outcome.CRASHED, Outcome.LAP_COMPLETE)
    n_until_crash = len(drives[0])
    assert all(turn.info["objects"] for turn in drives[1][:n_until_crash])
    assert not any(turn.info["objects"] for turn in drives[1][n_until_crash:])
    # It was run into: nothing else makes it faster than it was told.
    assert max(turn.info["record"].measured_speed_mps for turn in drives[1]) > 0.6


def test_a_penalty_passes_on_the_clock_of_both(pair: MakePair) -> None:
    drives = pair(speeds=(2.0, 0.5), opponent_distance=1.2, number_of_resets=1, collision_penalty=2.0).drive(
        (follow_line, follow_line), n_ticks=90
    )

    records = [turn.info["record"] for turn in drives[0]]
    pause = next(i for i, record in enumerate(records) if record.outcome is Outcome.PAUSE)
    assert records[pause - 1].outcome is Outcome.CRASHED
    assert records[pause].time_s == records[pause - 1].time_s + 2.0
    # The other car has driven on for two seconds without it, and they meet again at the same instant.
    their_steps = round(records[pause].time_s * CONTROL_RATE_HZ)
    waited = drives[1][their_steps - 29 : their_steps + 1]
    assert [len(turn.info["objects"]) for turn in waited] == [0] * 30
    [met] = drives[0][pause].info["objects"]
    assert met.pose.x_m == drives[1][their_steps].vehicle.x_m
    [back] = drives[1][their_steps + 1].info["objects"]
    assert back.pose.x_m == drives[0][pause + 1].vehicle.x_m


def test_both_set_back_at_once_go_on_in_the_lanes_of_the_grid(pair: MakePair) -> None:
    def to_the_left(_turn: Turn) -> int:
        return 4

    race = {"opponent_distance": 4.0, "number_of_resets": 1, "off_track_penalty": 1.0}
    drives = pair(track=STRIP, **race).drive((to_the_left, to_the_left), n_ticks=60)

    paused = [next(turn for turn in turns if turn.info["record"].outcome is Outcome.PAUSE) for turns in drives.values()]
    records = [turn.info["record"] for turn in paused]
    assert records[0].time_s == records[1].time_s
    # Both left the road on its left side; one of them comes back on the right.
    assert sorted(turn.info["reward_params"]["is_left_of_center"] for turn in paused) == [False, True]
    for mine, theirs in (paused, paused[::-1]):
        [met] = mine.info["objects"]
        assert met.pose.x_m == theirs.vehicle.x_m


def test_a_car_of_another_size_is_met_in_its_size() -> None:
    race = RaceSpec(race_type="HEAD_TO_MODEL", start_position="fixed", opponent_distance=0.0)
    env = DeepRacerEnv(OVAL, race=race, opponent=VehicleSpec(length_m=0.5, width_m=0.3), sensors=[STATE])
    [met] = env.reset(seed=0)[1]["objects"]
    env.close()

    assert (met.length_m, met.width_m) == (0.5, 0.3)


def test_an_open_track_has_no_place_before_its_beginning_or_behind_its_end() -> None:
    for distance_m in (-1.0, STRIP.length_m - 0.01 + 0.1):
        race = EvaluationRace(race_type="HEAD_TO_MODEL", opponent_distance=distance_m)
        with pytest.raises(SpecError) as caught:
            mirrored(race, STRIP)
        assert caught.value.field == "opponent_distance"
    ahead = mirrored(EvaluationRace(race_type="HEAD_TO_MODEL", opponent_distance=1.0), STRIP)
    assert ahead.start_position_offset == pytest.approx(1.0 / STRIP.length_m)


def test_only_a_race_of_two_meets_another_car() -> None:
    env = DeepRacerEnv(OVAL, sensors=[STATE])
    env.reset(seed=0)

    with pytest.raises(SpecError, match="HEAD_TO_MODEL"):
        env.meet(None)
    env.close()
