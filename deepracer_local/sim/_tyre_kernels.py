"""The compiled arithmetic of the tyre model: forces on the body, and the state that the body is in.

A pose here is ``((x, y, z), (qx, qy, qz, qw))`` of the centre of mass, a motion ``((vx, vy, vz), (wx, wy, wz))``, both
in the world frame, as PyBullet gives them.
"""

from __future__ import annotations

import math

from numba import njit

from deepracer_local.domain import FloatArray

Pair = tuple[float, float]
Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
BodyPose = tuple[Vector, Quaternion]
BodyMotion = tuple[Vector, Vector]
BodyNumbers = tuple[float, float, float, float, float, float, float, float, float, float, float]
WheelNumbers = tuple[float, float, float, float, float, float, float, float]

# Columns of ``wheels``, one row per wheel; positions are from the centre of mass.
WHEEL_X, WHEEL_Y, WHEEL_LOAD, WHEEL_STIFFNESS, WHEEL_IS_FRONT, WHEEL_SIDE_SHARE = range(6)
# Entries of ``constants``.
(
    TIME_STEP,
    GRAVITY,
    FRICTION,
    HEIGHT,
    WHEELBASE,
    STEERING_RATE,
    SPEED_TIME,
    DRIVE_LIMIT,
    SPRING,
    DAMPER,
    FRONT_DRIVE_SINE,
) = range(11)
# Entries of ``actuator``: where the steering is, what the car is told.
STEERING, STEERING_TARGET, SPEED_TARGET = range(3)

_NEWTON_STEPS = 6


@njit(cache=True, fastmath=False)
def _rotation(quaternion: Quaternion) -> tuple[float, ...]:
    qx, qy, qz, qw = quaternion
    return (
        1.0 - 2.0 * (qy * qy + qz * qz),
        2.0 * (qx * qy - qz * qw),
        2.0 * (qx * qz + qy * qw),
        2.0 * (qx * qy + qz * qw),
        1.0 - 2.0 * (qx * qx + qz * qz),
        2.0 * (qy * qz - qx * qw),
        2.0 * (qx * qz - qy * qw),
        2.0 * (qy * qz + qx * qw),
        1.0 - 2.0 * (qx * qx + qy * qy),
    )


@njit(cache=True, fastmath=False)
def _grip_share(slip_speed: float, rolling_speed: float, stiffness: float, step_speed: float) -> float:
    """Returns the used share, 0 to 1, of a tyre's lateral grip after the coming step.

    The brush tyre, share = 1 - (1 - s/3)^3 with s = stiffness * slip / rolling speed, solved for the slip that will be
    left at the end of the step (backward Euler): with u = (1 - share)^(1/3), stiffness scaled by grip,
    ``step_speed * u^3 + 3 * rolling_speed * u = step_speed + 3 * rolling_speed - stiffness * slip_speed``.
    The left side rises and is convex, so Newton's steps from u = 1 come down to the root and never pass it.
    """
    demand = stiffness * slip_speed
    target = step_speed + 3.0 * rolling_speed - demand
    if target <= 0.0:
        return 1.0
    u = 1.0
    for _ in range(_NEWTON_STEPS):
        u -= (step_speed * u * u * u + 3.0 * rolling_speed * u - target) / (
            3.0 * step_speed * u * u + 3.0 * rolling_speed
        )
    return 1.0 - u * u * u


@njit(cache=True, fastmath=False)
def _ask_motor(speed: float, actuator: FloatArray, constants: FloatArray) -> tuple[float, float]:
    """Returns the wanted pull per load, negative for braking, and the grip that it leaves for the sides.

    Braking takes its share of the grip first. Driving leaves all of it and gets what steering leaves, else the car
    would spin under power.
    """
    friction = constants[FRICTION]
    limit = constants[DRIVE_LIMIT] * friction
    wanted = (actuator[SPEED_TARGET] - speed) / (constants[SPEED_TIME] * constants[GRAVITY])
    pull = min(max(wanted, -limit), limit)
    brake = min(pull, 0.0)
    return pull, math.sqrt(friction * friction - brake * brake)


@njit(cache=True, fastmath=False)
def _direction(heading_x: float, heading_y: float, ahead: float, aside: float) -> tuple[float, float]:
    """Returns the heading turned by the angle of the vector (ahead, aside)."""
    norm = math.hypot(ahead, aside)
    cosine, sine = ahead / norm, aside / norm
    return heading_x * cosine - heading_y * sine, heading_y * cosine + heading_x * sine


@njit(cache=True, fastmath=False)
def _tyre(
    slip: float, rolling_speed: float, ask: tuple[float, float], wheel: FloatArray, constants: FloatArray
) -> Pair:
    """Returns forward and leftward force per load of one tyre; their hypotenuse is at most the friction.

    Args:
        slip: leftward speed of the contact patch, m/s, at the end of the step if the tyre did nothing.
        rolling_speed: forward speed of the contact patch, m/s.
        ask: what ``_ask_motor`` returned, the first number already faded for a front wheel.
        wheel: one row of ``wheels``.
        constants: see ``TIME_STEP`` and its neighbours.
    """
    side_grip = ask[1] * wheel[WHEEL_SIDE_SHARE]
    stiffness, friction = wheel[WHEEL_STIFFNESS], constants[FRICTION]
    share = _grip_share(
        abs(slip),
        abs(rolling_speed),
        stiffness / side_grip,
        stiffness * constants[GRAVITY] * constants[TIME_STEP],
    )
    side = -math.copysign(side_grip * share, slip)
    return min(ask[0], math.sqrt(max(friction * friction - side * side, 0.0))), side


@njit(cache=True, fastmath=False)
def tyre_wrench(
    pose: BodyPose, motion: BodyMotion, actuator: FloatArray, wheels: FloatArray, constants: FloatArray
) -> tuple[Vector, Vector]:
    """Returns force (N) and torque (N m) of the four wheels on the centre of mass, world frame; moves the steering.

    Args:
        pose: of the centre of mass.
        motion: of the centre of mass.
        actuator: float64 (3,), see ``STEERING`` and its neighbours; the steering angle is moved by one sub-step.
        wheels: float64 (4, 6), see ``WHEEL_X`` and its neighbours.
        constants: float64 (11,), see ``TIME_STEP`` and its neighbours.

    Source: ``docs/physics.md`` has the equations in the order of this function.
    """
    (_, _, z), quaternion = pose
    (vx, vy, vz), (wx, wy, wz) = motion
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = _rotation(quaternion)
    flat = max(math.hypot(r00, r10), 1e-9)
    heading_x, heading_y = r00 / flat, r10 / flat
    dt, height, wheelbase = constants[TIME_STEP], constants[HEIGHT], constants[WHEELBASE]
    reach = constants[STEERING_RATE] * dt
    actuator[STEERING] += min(max(actuator[STEERING_TARGET] - actuator[STEERING], -reach), reach)
    sine, cosine = math.sin(actuator[STEERING]), math.cos(actuator[STEERING])
    ask, grip = _ask_motor(vx * heading_x + vy * heading_y, actuator, constants)
    front_ask = ask * max(0.0, 1.0 - abs(sine) / constants[FRONT_DRIVE_SINE]) if ask > 0.0 else ask

    force_x = force_y = force_z = torque_x = torque_y = torque_z = 0.0
    for i in range(wheels.shape[0]):
        x, y = wheels[i, WHEEL_X], wheels[i, WHEEL_Y]
        arm_x = r00 * x + r01 * y - r02 * height
        arm_y = r10 * x + r11 * y - r12 * height
        sink = -(z + r20 * x + r21 * y - r22 * height)
        sink_speed = -(vz + wx * arm_y - wy * arm_x)
        load = wheels[i, WHEEL_LOAD] * (1.0 + constants[SPRING] * sink + constants[DAMPER] * sink_speed)
        if load <= 0.0:
            continue
        along_x, along_y, wheel_ask = heading_x, heading_y, ask
        if wheels[i, WHEEL_IS_FRONT] != 0.0:
            # Ackermann: all four wheels roll about one point, on the line of the rear axle.
            along_x, along_y = _direction(heading_x, heading_y, wheelbase * cosine - y * sine, wheelbase * sine)
            wheel_ask = front_ask
        # Without the body's roll and pitch: the springs let it turn about an axis at ground level.
        patch_x, patch_y = vx - wz * arm_y, vy + wz * arm_x
        # The heading turns on under the body during the step, which alone changes the slip.
        slip = patch_y * along_x - patch_x * along_y - dt * wz * (vx * along_x + vy * along_y)
        rolling_speed = patch_x * along_x + patch_y * along_y
        pull, side = _tyre(slip, rolling_speed, (wheel_ask, grip), wheels[i], constants)
        push_x = load * (pull * along_x - side * along_y)
        push_y = load * (pull * along_y + side * along_x)

        force_x += push_x
        force_y += push_y
        force_z += load
        torque_x += arm_y * load + z * push_y
        torque_y -= z * push_x + arm_x * load
        torque_z += arm_x * push_y - arm_y * push_x
    return (force_x, force_y, force_z), (torque_x, torque_y, torque_z)


@njit(cache=True, fastmath=False)
def body_state(pose: BodyPose, motion: BodyMotion, points: FloatArray) -> tuple[BodyNumbers, WheelNumbers]:
    """Returns the fields of a ``VehicleState``: those before the wheels' coordinates, and these.

    Args:
        pose: of the centre of mass.
        motion: of the centre of mass.
        points: float64 (6, 3), from the centre of mass in the body's frame: ``base_link``, the front point, and the
            wheels rear left, front left, rear right, front right.
    """
    (x, y, z), quaternion = pose
    (vx, vy, _), (wx, wy, wz) = motion
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = _rotation(quaternion)
    flat = math.hypot(r00, r10)
    yaw = math.atan2(r10, r00)
    if yaw <= -math.pi:
        yaw = math.pi
    arm_x = r00 * points[0, 0] + r02 * points[0, 2]
    arm_y = r10 * points[0, 0] + r12 * points[0, 2]
    arm_z = r20 * points[0, 0] + r22 * points[0, 2]
    base_vx = vx + wy * arm_z - wz * arm_y
    base_vy = vy + wz * arm_x - wx * arm_z
    cosine, sine = math.cos(yaw), math.sin(yaw)
    body = (
        x + arm_x,
        y + arm_y,
        z + arm_z,
        math.atan2(r21, r22),
        math.atan2(-r20, flat),
        yaw,
        base_vx * cosine + base_vy * sine,
        base_vy * cosine - base_vx * sine,
        wz,
        x + r00 * points[1, 0] + r02 * points[1, 2],
        y + r10 * points[1, 0] + r12 * points[1, 2],
    )
    wheels = (
        x + r00 * points[2, 0] + r01 * points[2, 1] + r02 * points[2, 2],
        y + r10 * points[2, 0] + r11 * points[2, 1] + r12 * points[2, 2],
        x + r00 * points[3, 0] + r01 * points[3, 1] + r02 * points[3, 2],
        y + r10 * points[3, 0] + r11 * points[3, 1] + r12 * points[3, 2],
        x + r00 * points[4, 0] + r01 * points[4, 1] + r02 * points[4, 2],
        y + r10 * points[4, 0] + r11 * points[4, 1] + r12 * points[4, 2],
        x + r00 * points[5, 0] + r01 * points[5, 1] + r02 * points[5, 2],
        y + r10 * points[5, 0] + r11 * points[5, 1] + r12 * points[5, 2],
    )
    return body, wheels
