"""The Gymnasium environment: conducts simulator, rules, reward and camera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.error import ResetNeeded
from pydantic import TypeAdapter

from deepracer_local.domain import (
    CONTROL_RATE_HZ,
    Command,
    Outcome,
    RaceSpec,
    RewardParams,
    VehicleSpec,
    VehicleState,
    to_randomisation,
)
from deepracer_local.env._conditions import EpisodeConditions
from deepracer_local.env._course import Course
from deepracer_local.env._inputs import (
    ActionSpaceInput,
    CameraInput,
    RandomisationInput,
    RewardInput,
    SensorSettingsInput,
    TrackInput,
    to_camera,
    to_gymnasium_space,
    to_metadata,
    to_reward,
    to_sensor_settings,
    to_simulator,
    to_track,
)
from deepracer_local.env._instant import Instant
from deepracer_local.env._picture import ChaseWithMap
from deepracer_local.env._record import exact_action, step_record
from deepracer_local.env._road import EMPTY_ROAD, Road
from deepracer_local.env._sensors import Observation, SensorSuite
from deepracer_local.env._steps import HalfStep, Move
from deepracer_local.race import RaceState, reward_params, start_pose
from deepracer_local.sim import Camera
from deepracer_local.track import Location, Track

_RACE_STATE = TypeAdapter(RaceState)


class DeepRacerEnv(gymnasium.Env[Observation, Any]):
    """A DeepRacer car on a track, seen through its sensors.

    ## Action space
    From ``model_metadata.json``: ``Discrete(n)``, an index into the list of actions; or ``Box(-1, 1, (2,), float32)``,
    steering then speed, scaled linearly to the file's intervals.

    ## Observation space
    Of the sensors of ``model_metadata.json``, measured after the move. A camera alone:
    ``Box(0, 255, (120, 160, channels * stack_size), uint8)``, by default one grey picture of the front camera.
    ``STATE`` alone: ``Box(-2, 2, (10 * stack_size,), float32)``. Otherwise a ``Dict`` of boxes by the sensors' names.
    Every step returns arrays of its own.

    ## Rewards
    Whatever the reward function returns for the 27 parameters of ``docs/reward_parameters.md``, which ``info`` also
    carries. Called once a step, after the move, never at ``reset``.

    ## Starting state
    At rest on the centre line, or in the lane without the object that is near, facing forward. Where along the lap:
    ``RaceSpec.start_position``; by default each episode begins a twentieth of a lap further on. ``reset(seed=...)``
    begins the sequence anew.

    ## Episode end
    Terminated: lap (or last of ``number_of_laps``) complete, all four wheels off the road, crashed, 15 steps of falling
    progress, 15 steps without movement. Truncated: ``max_steps`` control steps of 1/15 s. With ``number_of_resets`` the
    car is set back after a fault, in a step of its own that the penalty takes, outcome ``pause``, action unused.

    ## Info
    ``reward_params``, ``record`` (StepRecord), ``outcome``, ``laps`` (LapRecords so far), ``start_ndist``,
    ``is_reversed``, ``objects`` (RoadObjects beside the car), ``action`` (exactly), of a reset ``origin``; under a
    randomisation ``conditions`` (what was drawn).

    ## Reset options
    ``start_ndist`` (float in [0, 1)), ``is_reversed`` (bool), ``number_of_laps`` (int; 1 on an open track): for
    this episode only. ``origin``: of an episode that is to begin again; with its actions it is driven bit for bit.

    Laws: act, move, locate, judge, pay, look, in this order; observation, reward and info describe the same instant;
    the same seed and actions give the same steps, bit for bit, whatever was driven before.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": CONTROL_RATE_HZ}  # noqa: RUF012  # as Gymnasium

    def __init__(  # noqa: PLR0913  # the keywords of gymnasium.make
        self,
        track: TrackInput = "reinvent_2018",
        reward_function: RewardInput = None,
        action_space: ActionSpaceInput = None,
        *,
        race: RaceSpec | None = None,
        vehicle: VehicleSpec | None = None,
        opponent: VehicleSpec | None = None,
        camera: CameraInput = "simulator",
        sensors: Sequence[str] | None = None,
        sensor_settings: SensorSettingsInput = None,
        stack_size: int = 1,
        randomisation: RandomisationInput = None,
        simulator: str = "tyre",
        max_speed_mps: float | None = None,
        first_start_ndist: float = 0.0,
        track_directories: tuple[Path, ...] = (),
        render_mode: str | None = None,
    ) -> None:
        """Builds the world.

        Args:
            track: a name, the path of a track folder or ``.npy`` file, or a ``Track``.
            reward_function: a path of a ``reward_function.py``, a callable that takes the parameter dictionary, a
                ``RewardFunction``, or None for the standard centre-line reward.
            action_space: ``model_metadata.json`` as a path or decoded, or just its action space; None for five steering
                angles at 1 m/s.
            race: the rules; None for a time trial of one lap with round-robin starts.
            vehicle: the car; None for the DeepRacer.
            opponent: the other car of HEAD_TO_MODEL, which a ``Duel`` moves; None for one like one's own.
            camera: the profile ``simulator`` or ``physical``, a ``CameraSpec``, or a camera that several environments
                of one process share.
            sensors: names of sensors, for example ``["STEREO_CAMERAS", "LIDAR"]``; None for those of ``action_space``.
            sensor_settings: rate, delay and noise by the sensor's name; None for ideal sensors.
            stack_size: 1 to 4 successive observations are handed over at once, the oldest first.
            randomisation: ``off``, ``mild``, ``strong`` or ranges from which the conditions of each episode are drawn.
            simulator: ``tyre`` (a rigid body under tyre forces) or ``kinematic`` (a bicycle model without slip).
            max_speed_mps: faster commands are driven at this speed; None for as they are.
            first_start_ndist: added to round-robin starts, to spread cars that drive side by side.
            track_directories: folders to look for tracks in, before the built-in ones.
            render_mode: ``rgb_array`` or None.

        Raises:
            InvalidInputError: one of the files or values is not usable; the message names it.
        """
        self.render_mode = render_mode
        race = race or RaceSpec()
        vehicle = vehicle or VehicleSpec()
        forward = to_track(track, track_directories)
        self._course = Course(race, forward, first_start_ndist=first_start_ndist)
        metadata = to_metadata(action_space, sensors)
        self._actions = metadata.to_action_space()
        self._max_speed_mps = float("inf") if max_speed_mps is None else max_speed_mps
        self._reward = to_reward(reward_function, self._actions)
        self._sensors = SensorSuite(
            metadata,
            to_camera(camera, forward),
            settings=to_sensor_settings(sensor_settings, metadata),
            stack_size=stack_size,
        )
        self._simulator = to_simulator(simulator, vehicle)
        self._road = Road(race, vehicle, self._simulator, forward, opponent=opponent)
        self._conditions = EpisodeConditions(to_randomisation(randomisation), self._simulator, self._sensors)
        self.action_space = to_gymnasium_space(self._actions)
        self.observation_space = self._sensors.space
        self._picture = ChaseWithMap(forward, vehicle) if render_mode == "rgb_array" else None
        self._race: RaceState | None = None
        self._vehicle_state: VehicleState | None = None
        self._move: Move | None = None
        self._half_step: HalfStep | None = None

    @property
    def track(self) -> Track:
        """The track in the direction of its file."""
        return self._course.forward

    @property
    def camera(self) -> Camera:
        """What the observations are taken with, the left one of a pair; also there where no sensor is a camera."""
        return self._sensors.eye

    @property
    def vehicle_state(self) -> VehicleState:
        """The car at this instant.

        Raises:
            ResetNeeded: no episode has begun.
        """
        if self._vehicle_state is None:
            raise ResetNeeded("Expected reset() first: there is no car on the track yet.")
        return self._vehicle_state

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Puts the car at the next start; the PREPARE instant, in which the car stands."""
        origin = self.put_down(seed=seed, options=options)
        observation, info = self.first_look()
        return observation, info | {"origin": origin}

    def put_down(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Does the first half of ``reset``: all but looking; returns the origin of the episode."""
        super().reset(seed=seed)
        if seed is not None:
            self._course.begin_anew()
        origin = self._course.begin(options or {}, self.np_random)
        self._conditions.begin(self.np_random)
        track, ndist = self._course.track, self._course.start.ndist
        self._road.begin(track, self.np_random, ndist)
        self._vehicle_state = vehicle = self._simulator.reset(start_pose(track, ndist, self._road.places))
        self._race = self._course.rules.start(vehicle, self._location(), ndist)
        self._reward.begin()
        self._sensors.reset()
        return origin

    def first_look(self) -> tuple[Observation, dict[str, Any]]:
        """Does the second half of ``reset``: returns what is seen at the start, and the info without the origin."""
        location, command = self._location(), Command(0.0, 0.0)
        start = HalfStep(self._params(location, command), location, command, -1)
        return self._look(start), self._info(start, reward=0.0)

    def step(self, action: Any) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Drives one control step of 1/15 s.

        Raises:
            InvalidInputError: the action does not belong to the action space.
            RewardError: the reward function failed; it carries the line and the parameters of this step.
            ResetNeeded: the episode has ended.
        """
        return self.finish_step(self._reward.call(self.begin_step(action)))

    def begin_step(self, action: Any) -> RewardParams:
        """Does the first half of ``step``: act, move, locate, judge; returns what the reward function is to be asked.

        Whoever drives several cars may so ask once for all of them, and hands each reward to ``finish_step``.

        Raises:
            InvalidInputError: the action does not belong to the action space.
            ResetNeeded: the episode has ended.
        """
        self.move(action)
        return self.judge()

    def move(self, action: Any, *, lane: int | None = None) -> None:
        """Does the first quarter of ``step``: act and move, or, after a fault, be set back, into ``lane`` if given.

        Raises:
            InvalidInputError: the action does not belong to the action space.
            ResetNeeded: the episode has ended.
        """
        race = self._race
        if race is None or race.is_over:
            raise ResetNeeded("Expected reset() before step(): the episode has not begun or has ended.")
        command = self._actions.decode(action).at_most(self._max_speed_mps)
        if race.goes_on:
            command = Command(0.0, 0.0)
            self._set_back(race, lane)
        else:
            self._drive(command)
        self._move = Move(command, exact_action(action))

    def meet(self, opponent: VehicleState | None) -> None:
        """Tells where the other car of HEAD_TO_MODEL is by now; None: it is not on the road.

        Raises:
            SpecError: the race is of another type.
        """
        self._road.meet(opponent)

    def judge(self) -> RewardParams:
        """Does the second quarter: locate and judge; returns what the reward function is to be asked.

        Raises:
            ResetNeeded: no step was begun.
        """
        move, self._move = self._move, None
        if move is None or self._race is None:
            raise ResetNeeded("Expected move() before judge().")
        location, rules = self._location(), self._course.rules
        if self._race.goes_on:
            self._race = rules.set_back(self._race, self.vehicle_state, location)
        else:
            self._vehicle_state = vehicle = self._road.judge(self.vehicle_state, location)
            self._race = rules.advance(self._race, vehicle, location)
        self._half_step = HalfStep(self._params(location, move.command), location, move.command, move.action)
        return self._half_step.params

    @property
    def pending_penalty_s(self) -> float | None:
        """The seconds that have to pass before the car is set back; None unless it waits after a fault."""
        race = self._race
        return self._course.rules.penalty_s(race) if race is not None and race.goes_on else None

    def observe(self) -> None:
        """Looks already, where the reward of a step that was begun takes time; ``finish_step`` then need not.

        Raises:
            ResetNeeded: no step was begun.
        """
        half = self._half_step
        if half is None:
            raise ResetNeeded("Expected begin_step() before observe().")
        self._half_step = half._replace(observation=self._look(half))

    def finish_step(self, reward: float | None = None) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Does the second half: look, unless ``observe`` has; returns what ``step`` returns.

        Without a ``reward`` the environment's own function is asked.

        Raises:
            ResetNeeded: no step was begun.
        """
        half, self._half_step = self._half_step, None
        if half is None or self._race is None:
            raise ResetNeeded("Expected begin_step() before finish_step().")
        reward = self._reward.call(half.params) if reward is None else reward
        observation = self._look(half) if half.observation is None else half.observation
        truncated = self._race.outcome is Outcome.TIME_UP
        return observation, reward, self._race.is_over and not truncated, truncated, self._info(half, reward=reward)

    def render(self) -> npt.NDArray[np.uint8] | None:
        """Returns the chase view with a map of the track in its corner: uint8 (360, 640, 3); None without a mode."""
        return self._picture.frame(self.vehicle_state, self._road.scene) if self._picture is not None else None

    def close(self) -> None:
        """Gives back the world and the reward function."""
        self._simulator.close()
        self._reward.close()

    def get_state(self) -> dict[str, Any]:
        """Returns all that the next steps depend on, as JSON values; the reward function's own memory is not in it."""
        if self._race is None:
            raise ResetNeeded("Expected reset() before get_state().")
        return {
            "simulator": self._simulator.snapshot(),
            "race": _RACE_STATE.dump_python(self._race, mode="json"),
            **self._course.get_state(),
            "random": self.np_random.bit_generator.state,
            "sensors": self._sensors.get_state(),
            "road": self._road.get_state(),
            "conditions": self._conditions.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes on from what ``get_state`` returned, here or in another process, bit for bit."""
        self._course.set_state(state)
        self._conditions.set_state(state.get("conditions", {}))  # checkpoints of earlier versions have none
        self._road.set_state(state.get("road", EMPTY_ROAD), self._course.track)
        self._vehicle_state = self._simulator.restore(state["simulator"])
        self._race = _RACE_STATE.validate_python(state["race"])
        self.np_random.bit_generator.state = state["random"]
        self._sensors.set_state(state.get("sensors", {}))  # checkpoints of earlier versions have none

    def _drive(self, command: Command) -> None:
        """Moves the car and whatever else drives."""
        self._road.set_out(self.np_random)
        self._vehicle_state = self._simulator.step(self._conditions.applied(command))
        self._road.arrive()

    def _set_back(self, race: RaceState, lane: int | None) -> None:
        """Puts the car back on the road after a fault, once its penalty has passed."""
        road, fault = self._road, self._location()
        road.wait(self.np_random, self._course.rules.penalty_s(race))
        self._vehicle_state = self._simulator.reset(road.way_back(race.outcome, fault, lane))
        self._conditions.stand()

    def _location(self) -> Location:
        where = self.vehicle_state
        return self._course.track.locate(where.front_x_m, where.front_y_m, where.wheels_xy_m)

    def _params(self, location: Location, command: Command) -> RewardParams:
        race, vehicle = self._race, self.vehicle_state
        assert race is not None
        objects = self._road.params(location, vehicle, self.camera.spec)
        track, is_reversed = self._course.track, self._course.start.is_reversed
        return reward_params(track, vehicle, location, race, command, is_reversed=is_reversed, objects=objects)

    def _look(self, half: HalfStep) -> Observation:
        instant = Instant(self._course.track, self.vehicle_state, half.location, half.command, self._road.scene)
        return self._sensors.look(instant, self.np_random)

    def _info(self, half: HalfStep, *, reward: float) -> dict[str, Any]:
        race = self._race
        assert race is not None
        params, location, command, action, _ = half
        record = step_record(params, race, location, command, self.vehicle_state, action=action, reward=reward)
        info = {
            "reward_params": params,
            "record": record,
            "outcome": race.outcome.value,
            "laps": race.laps,
            "start_ndist": self._course.start.ndist,
            "is_reversed": self._course.start.is_reversed,
            "objects": self._road.objects,
            "action": action,
        }
        drawn = self._conditions.drawn
        return info if drawn is None else info | {"conditions": drawn}
