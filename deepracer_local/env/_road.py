"""The objects of one environment: puts them where the rules say, into the simulator and into the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    CameraSpec,
    Outcome,
    Pose,
    RaceObjects,
    RewardParams,
    RoadObject,
    VehicleSpec,
    VehicleState,
)
from deepracer_local.errors import SpecError
from deepracer_local.race import (
    NO_WHEELS,
    ObjectPlace,
    back_after_crash,
    back_on_road,
    counts_as_crash,
    expected_pose,
    move_objects,
    object_params,
    opponent_at,
    opponent_at_start,
    place_objects,
    place_of,
    require_room,
)
from deepracer_local.sim import SceneObject, Simulator, is_any_in_picture
from deepracer_local.track import Location, Track

EMPTY_ROAD: dict[str, Any] = {"objects": [], "crash": None}
"""The state of a road without objects, and of every run that began before there were any."""
BOX_COLOUR, CAR_COLOUR = (196, 148, 92), (96, 190, 240)
"""Light enough to stand out from the road in a grey picture, from every side."""


class Crash(NamedTuple):
    """The last crash of an episode."""

    which: int
    """Index of the object."""
    in_a_row: int
    """Crashes into it since another one was crashed into."""
    place: ObjectPlace
    """Where it was."""


_OBJECTS = TypeAdapter(tuple[RoadObject, ...])
_CRASH = TypeAdapter(Crash | None)


class Road:
    """What is on the road beside the car; nothing in a time trial.

    Attributes:
        objects: at this instant.
        places: where each of them is on the track that is driven.
        scene: each of them as it is seen.
    """

    def __init__(
        self,
        spec: RaceObjects,
        vehicle: VehicleSpec,
        simulator: Simulator,
        track: Track,
        *,
        opponent: VehicleSpec | None = None,
    ) -> None:
        """Takes the track in the direction of its file, and how the other model's car is built: None as one's own.

        Raises:
            SpecError: the objects do not fit on the track.
        """
        require_room(spec, track)
        self._spec = spec
        self._vehicle = vehicle
        self._opponent = opponent or vehicle
        self._simulator = simulator
        self._track = track
        self._driven = track
        self._numbers: list[int] = []
        self._crash: Crash | None = None
        self.objects: tuple[RoadObject, ...] = ()
        self.places: tuple[ObjectPlace, ...] = ()
        self.scene: tuple[SceneObject, ...] = ()

    def begin(self, driven: Track, rng: np.random.Generator, ndist: float) -> None:
        """Places the objects of a new episode that starts at ``ndist`` of the lap."""
        self._crash = None
        if self._is_of_two:
            self._put((opponent_at_start(self._spec, driven, ndist, car=self._opponent),), driven)
        elif self._spec.n_objects:
            self._put(place_objects(self._spec, self._track, driven, rng, car=self._vehicle), driven)

    def set_out(self, rng: np.random.Generator) -> None:
        """Has what drives move on in the simulator's next step; ``arrive`` is called after it."""
        if self._is_of_two:
            for number, item in zip(self._numbers, self.objects, strict=True):
                self._simulator.move_box(number, expected_pose(item, 1.0 / CONTROL_RATE_HZ))
        elif self._is_moving:
            self.objects = self._later(rng, 1.0 / CONTROL_RATE_HZ)
            for number, item in zip(self._numbers, self.objects, strict=True):
                self._simulator.move_box(number, item.pose)

    def arrive(self) -> None:
        """Notes where what drives has come to."""
        if self._is_moving:
            self._note()

    def meet(self, opponent: VehicleState | None) -> None:
        """Puts the other model's car where it is now; None takes it off the road.

        Raises:
            SpecError: the race is none of two models.
        """
        if not self._is_of_two:
            raise SpecError(
                f"race_type: expected HEAD_TO_MODEL to meet another model's car, got {self._spec.race_type}.",
                field="race_type",
            )
        self._put((opponent_at(opponent, self._opponent),) if opponent is not None else (), self._driven)

    def wait(self, rng: np.random.Generator, seconds: float) -> None:
        """Has what drives move on while the car stands aside."""
        if self._is_moving and seconds > 0.0:
            self._put(self._later(rng, seconds), self._driven)

    def judge(self, vehicle: VehicleState, location: Location) -> VehicleState:
        """Returns the car after a step, ``has_contact`` where it crashed: being run into from behind is no crash."""
        if not vehicle.has_contact or not self.objects:
            return vehicle
        touched = self._simulator.touched_boxes
        for i, (number, item, place) in enumerate(zip(self._numbers, self.objects, self.places, strict=True)):
            if number in touched and counts_as_crash(item, place, location.s_m, self._driven, self._vehicle):
                n_before = self._crash.in_a_row if self._crash is not None and self._crash.which == i else 0
                self._crash = Crash(i, n_before + 1, place)
                return vehicle
        return replace(vehicle, has_contact=False)

    def way_back(self, outcome: Outcome, location: Location, lane: int | None = None) -> Pose:
        """Returns where a car goes on after a fault at ``location``; None is the lane that the rules say."""
        if outcome is Outcome.CRASHED and self._crash is not None:
            in_a_row = self._crash.in_a_row
            pose = back_after_crash(self._driven, self._crash.place, self.places, crashes_in_a_row=in_a_row)
        else:
            pose = back_on_road(self._driven, location.s_m, location, self.places)
        if lane is None:
            return pose
        return self._driven.lane_pose(self._driven.locate(pose.x_m, pose.y_m, NO_WHEELS).s_m, lane)

    def params(self, location: Location, vehicle: VehicleState, camera: CameraSpec) -> RewardParams | None:
        """Returns the reward parameters about the objects; None for an empty road."""
        if not self.objects:
            return None
        is_seen = is_any_in_picture(self.scene, vehicle, camera)
        return object_params(self.objects, self.places, location.s_m, is_in_camera=is_seen)

    def get_state(self) -> dict[str, Any]:
        """Returns all that the next steps depend on as JSON values."""
        crash = _CRASH.dump_python(self._crash, mode="json")
        return {"objects": _OBJECTS.dump_python(self.objects, mode="json"), "crash": crash}

    def set_state(self, state: dict[str, Any], driven: Track) -> None:
        """Takes up what ``get_state`` returned."""
        self._put(_OBJECTS.validate_python(state["objects"]), driven)
        self._crash = _CRASH.validate_python(state["crash"])

    @property
    def _is_moving(self) -> bool:
        return self._spec.race_type == "HEAD_TO_BOT"

    @property
    def _is_of_two(self) -> bool:
        return self._spec.race_type == "HEAD_TO_MODEL"

    def _later(self, rng: np.random.Generator, seconds: float) -> tuple[RoadObject, ...]:
        return move_objects(self.objects, self._spec, self._driven, rng, seconds=seconds, car=self._vehicle)

    def _put(self, objects: tuple[RoadObject, ...], driven: Track) -> None:
        self._driven = driven
        self.objects = objects
        if len(self._numbers) != len(objects):
            for number in self._numbers:
                self._simulator.remove_box(number)
            self._numbers = [
                self._simulator.add_box(item.pose, length_m=item.length_m, width_m=item.width_m, height_m=item.height_m)
                for item in objects
            ]
        for number, item in zip(self._numbers, objects, strict=True):
            self._simulator.place_box(number, item.pose)
        self._note()

    def _note(self) -> None:
        self.places = tuple(place_of(item, self._driven) for item in self.objects)
        self.scene = scene_of(self.objects)


def scene_of(objects: tuple[RoadObject, ...]) -> tuple[SceneObject, ...]:
    """Returns the objects as they are seen."""
    return tuple(
        SceneObject(
            item.pose,
            item.length_m,
            item.width_m,
            item.height_m,
            BOX_COLOUR if item.kind == "box" else CAR_COLOUR,
        )
        for item in objects
    )
