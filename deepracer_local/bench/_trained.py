"""What is learnt in some minutes: past boxes, past other cars, on roads never seen, and how near to an ideal driver."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deepracer_local.bench._ideal import IdealLap, ideal_lap
from deepracer_local.bench._measurement import Measurement
from deepracer_local.bench._recipe_runs import Announce, Trained, train
from deepracer_local.bench._recipes import AVOID, BOTS, PACE, UNSEEN, Recipe
from deepracer_local.domain import EvaluationRace, EvaluationResult, Outcome
from deepracer_local.errors import SpecError
from deepracer_local.track import find_track
from deepracer_local.views import LapTrace, draw_side_by_side, load_laps
from deepracer_local.workers.attempts import Driver
from deepracer_local.workers.evaluation import evaluate_run

N_EVALUATIONS = 10
EVALUATION_LAPS = 3
FIRST_EVALUATION_SEED = 1000
"""Trainings draw from their own seed and evaluate from 0 on; these are others."""
N_STARTS = 5
"""Places along the lap from which an unseen road is tried, in each direction."""
PACE_LAPS = 5
GOAL_OVER_IDEAL_PERCENT = 15

BOXES = EvaluationRace(race_type="OBJECT_AVOIDANCE", number_of_obstacles=3, randomize_obstacle_locations=True)
OTHER_CARS = EvaluationRace(race_type="HEAD_TO_BOT", number_of_bot_cars=3, randomize_bot_car_locations=True)


def measure_avoidance(folder: Path, *, seed: int, announce: Announce) -> list[Measurement]:
    """Trains among boxes and drives evaluations of three laps among three boxes, elsewhere in each.

    Args:
        folder: of the training; made.
        seed: of the training.
        announce: is told what happens.
    """
    return _among_objects(AVOID, BOXES, "3 boxes at random places", folder, seed=seed, announce=announce)


def measure_bots(folder: Path, *, seed: int, announce: Announce) -> list[Measurement]:
    """Does the same among other cars that drive; the arguments as of ``measure_avoidance``."""
    return _among_objects(BOTS, OTHER_CARS, "3 other cars that drive", folder, seed=seed, announce=announce)


def measure_unseen(folder: Path, roads: Path, *, seed: int, announce: Announce) -> list[Measurement]:
    """Trains on the project's own tracks and drives on those of a folder.

    Args:
        folder: of the training; made.
        roads: a folder of track files (``.npy``), none of which the training sees.
        seed: of the training.
        announce: is told what happens.

    Raises:
        SpecError: there is no such file.
        TrackError: one of them is no track.
    """
    files = sorted(roads.glob("*.npy"))
    if not files:
        raise SpecError(
            f"unseen: expected a folder with .npy files of tracks, got {roads}. Name another.", field="unseen"
        )
    tracks = [find_track(str(file), []) for file in files]
    trained = train(UNSEEN, folder, seed=seed, announce=announce)
    found = []
    for track in tracks:
        driver = Driver(trained.run, checkpoint="last", track=track)
        shares, failures = [], []
        for reverse in (False, True):
            for i in range(N_STARTS):
                # An open road ends: the last start leaves half of it.
                offset = i / N_STARTS * (1.0 if track.is_closed else 0.5)
                result = driver.drive(1, race=EvaluationRace(start_position_offset=offset), reverse=reverse)
                shares.append(100.0 * result.is_clean)
                if not result.is_clean:
                    failures.append(f"{'reversed' if reverse else 'forward'} from {offset:.0%}: {_fault(result)}")
        name = f"clean laps on {track.name}, never seen, {track.mean_width_m:.2f} m wide"
        found.append(Measurement(name, float(np.mean(shares)), "%", tuple(shares), "100", "; ".join(failures)))
        announce(f"{name}: {found[-1].value:.0f} % {found[-1].note}")
    n_whole = sum(m.value == 100.0 for m in found)
    whole = Measurement(
        "unseen roads driven without a fault", 100.0 * n_whole / len(found), "%", tuple(m.value for m in found), "100"
    )
    return [whole, *found, *_costs(UNSEEN, trained)]


def measure_pace(folder: Path, *, seed: int, announce: Announce) -> list[Measurement]:
    """Trains for the shortest lap of ``reinvent_2018`` and sets it beside that of an ideal driver.

    Leaves ``pace.png`` in the folder: both laps, coloured by speed.

    Args:
        folder: of the training; made.
        seed: of the training.
        announce: is told what happens.
    """
    trained = train(PACE, folder, seed=seed, announce=announce)
    evaluation = evaluate_run(trained.run, trials=PACE_LAPS, with_video=False, with_insight=False)
    result = evaluation.result
    track = find_track(str(trained.run.tracks_path / evaluation.track), [])
    announce("searching for the line of an ideal driver")
    ideal, bound = ideal_lap(track), ideal_lap(track, is_bound=True)
    laps = load_laps(evaluation.directory / "trace.csv", result.laps)
    best = result.best_attempt
    lap = laps[best.trial - 1]
    n_beside = int((~lap.is_on_track).sum())
    draw_side_by_side(track, [("driven", lap), ("ideal driver", _as_trace(ideal))], folder / "pace.png")
    over = 100.0 * (best.time_s / ideal.time_s - 1.0) if best.is_complete else float("inf")
    times = tuple(each.time_s for each in result.laps if each.is_complete)
    beside = f"{n_beside} of {best.steps} steps with a wheel beside the road"
    found = [
        Measurement(f"best lap of {PACE_LAPS} on {track.name}", best.time_s, "s", times, note=beside),
        Measurement("an ideal driver's, all wheels on the road", ideal.time_s, "s", (ideal.time_s,)),
        Measurement("the bound of friction circle and rules", bound.time_s, "s", (bound.time_s,)),
        Measurement("best lap above the ideal driver's", over, "%", (over,), f"under {GOAL_OVER_IDEAL_PERCENT}"),
    ]
    announce(f"best lap {best.time_s:.2f} s, ideal {ideal.time_s:.2f} s; picture: {folder / 'pace.png'}")
    return [*found, *_costs(PACE, trained)]


def _among_objects(
    recipe: Recipe, race: EvaluationRace, among: str, folder: Path, *, seed: int, announce: Announce
) -> list[Measurement]:
    trained = train(recipe, folder, seed=seed, announce=announce)
    driver = Driver(trained.run)
    passed, faults = [], []
    for i in range(N_EVALUATIONS):
        result = driver.drive(EVALUATION_LAPS, race=race, seed=FIRST_EVALUATION_SEED + i)
        passed.append(100.0 * result.is_clean)
        if not result.is_clean:
            faults.append(f"seed {FIRST_EVALUATION_SEED + i}: {_fault(result)}")
    name = f"evaluations of {EVALUATION_LAPS} laps among {among}, all clean"
    found = Measurement(name, float(np.mean(passed)), "%", tuple(passed), "100", "; ".join(faults))
    announce(f"{name}: {found.value:.0f} % {found.note}")
    return [found, *_costs(recipe, trained)]


def _fault(result: EvaluationResult) -> str:
    lap = next(lap for lap in result.laps if not lap.is_clean)
    return f"{lap.outcome.label.lower()} in lap {lap.trial} at {lap.progress:.0f} %"


def _costs(recipe: Recipe, trained: Trained) -> Sequence[Measurement]:
    return [
        Measurement(
            f"training of that ({recipe.name})", trained.minutes, "min", (trained.minutes,), recipe.goal, trained.note
        )
    ]


def _as_trace(lap: IdealLap) -> LapTrace:
    n = len(lap.line_m) + 1
    around = np.arange(n) % len(lap.line_m)
    x_m, y_m = lap.line_m[around].T
    on_road, set_back = np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    return LapTrace(x_m, y_m, lap.speed_mps[around], on_road, set_back, lap.time_s, Outcome.LAP_COMPLETE)
