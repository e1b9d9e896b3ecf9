"""A race of two models: taking the opponent in, driving both, and writing down what the opponent left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepracer_local.domain import (
    EvaluationRace,
    EvaluationResult,
    LapRecord,
    RandomisationSpec,
    TrainSpec,
    VehicleSpec,
    verdict_of,
)
from deepracer_local.env import DeepRacerEnv, Duel, Turn
from deepracer_local.errors import SpecError
from deepracer_local.race import mirrored
from deepracer_local.runs import Checkpoints, RunDirectory, write_json
from deepracer_local.track import Track
from deepracer_local.training import Policy, load_policy
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._notes import DriveNotes, Tell, write_drive

SPEC_FILE, TRACE_FILE, PLOT_FILE = "opponent.json", "opponent.csv", "opponent.png"
"""What the opponent leaves in the folder of an evaluation; beside the trace its objects and actions."""


@dataclass(frozen=True, slots=True)
class Opponent:
    """Whom an evaluation races against."""

    run: RunDirectory
    """With its specification and its checkpoints."""
    checkpoint: str
    """``best``, ``last`` or a name."""
    name: str
    """What people call it."""
    model_id: str | None = None
    """In the service."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One of the two: what drives, in which world, and what is written down of it."""

    policy: Policy
    env: DeepRacerEnv
    notes: DriveNotes


class Challenger:
    """An opponent that has been read and found good.

    Attributes:
        opponent: who it is.
        spec: of its training.
        checkpoint: its name.
    """

    def __init__(self, opponent: Opponent) -> None:
        """Reads specification and network.

        Raises:
            RunDirectoryError: a file is damaged.
            RunNotFoundError: it is no run, or has no checkpoint.
            UnknownNameError: there is no such checkpoint.
        """
        self.opponent = opponent
        self.spec: TrainSpec = opponent.run.read_spec()
        folder = Checkpoints(opponent.run.checkpoints_path).find(opponent.checkpoint)
        self.checkpoint = folder.name
        self._policy, _ = load_policy(folder)

    def enter(
        self,
        race: EvaluationRace,
        track: Track,
        *,
        laps: int,
        is_reversed: bool,
        randomisation: RandomisationSpec,
        against: VehicleSpec,
        tell: Tell | None,
    ) -> Contestant:
        """Returns it on the track of a race, with its own sensors, actions, network and vehicle.

        Args:
            race: as the model drives it whose evaluation this is.
            track: in the direction of its file.
            laps: how many.
            is_reversed: the direction that both drive in.
            randomisation: of both.
            against: the model's car.
            tell: is told of every instant.

        Raises:
            SpecError: it would not start on the road, or its sensors cannot be made so.
        """
        factory = EnvironmentFactory(self.opponent.run, self.spec, track)
        env = factory.evaluation(
            laps=laps,
            race=mirrored(race, track),
            reverse=is_reversed,
            randomisation=randomisation,
            opponent=against,
        )
        return Contestant(self._policy, env, DriveNotes(env, self.spec.model_metadata.sensor, tell))

    def about(self, mine: EvaluationResult, theirs: EvaluationResult) -> dict[str, Any]:
        """Returns what ``laps.json`` says of it and of the race."""
        who = {"name": self.opponent.name, "model_id": self.opponent.model_id, "checkpoint": self.checkpoint}
        return {
            "opponent": who | theirs.model_dump(mode="json"),
            "verdict": verdict_of(mine, theirs).model_dump(mode="json"),
        }

    def write(self, directory: Path, track: Track, result: EvaluationResult, notes: DriveNotes) -> None:
        """Writes what it left, and what it can be driven again from."""
        write_json(directory / SPEC_FILE, self.spec.model_dump(mode="json"))
        write_drive(directory / TRACE_FILE, directory / PLOT_FILE, track, result, notes)


def lanes_of(race: EvaluationRace) -> tuple[int, int]:
    """Returns the lanes of the model and of its opponent on the grid."""
    return (-race.opponent_lane, race.opponent_lane)


def drive_race(
    model: Contestant,
    opponent: Contestant,
    race: EvaluationRace,
    *,
    laps: int,
    seed: int,
    should_stop: Callable[[], bool],
) -> tuple[EvaluationResult, EvaluationResult]:
    """Drives so many laps at once, or in heats of one lap where each begins at rest or the track is open.

    Returns:
        The laps of the model and of its opponent.

    Raises:
        SpecError: it was stopped before the end of the first heat.
    """
    both = (model, opponent)
    duel = Duel((model.env, opponent.env), lanes_of(race))
    is_one_heat = race.is_continuous and model.env.track.is_closed
    n_heats, per_heat = (1, laps) if is_one_heat else (laps, 1)
    last: dict[int, dict[str, Any]] = {}
    records: tuple[list[LapRecord], list[LapRecord]] = ([], [])

    def take(turns: Sequence[Turn]) -> None:
        for turn in turns:
            last[turn.car] = turn.info
            both[turn.car].notes.take(turn.info, turn.observation, turn.vehicle)

    for heat in range(n_heats):
        if should_stop():
            break
        take(duel.begin([{"number_of_laps": per_heat}] * 2, seed=seed + heat))
        while not duel.is_over and not should_stop():
            take(duel.tick(lambda car, observation: both[car].policy.act(observation)))
        if not duel.is_over:
            break
        for car, driven in enumerate(records):
            driven += [lap.model_copy(update={"trial": len(driven) + lap.trial}) for lap in last[car]["laps"]]
    if not records[0]:
        raise SpecError("Expected at least one heat of the race, but it was stopped before its end.")
    mine, theirs = (EvaluationResult(laps=tuple(driven), planned_laps=laps) for driven in records)
    return mine, theirs
