"""The nouns: plain frozen values that every room shares.

No room of ours is below but errors; no input or output but reading two JSON files.
"""

from deepracer_local.domain._actions import ActionSpace, ContinuousActionSpace, DiscreteActionSpace
from deepracer_local.domain._arrays import FloatArray, ImageArray, IntArray
from deepracer_local.domain._camera import CAMERA_PROFILES, CameraProfile, CameraSpec
from deepracer_local.domain._forecast import USUAL_SECONDS, expected_starts, remaining_seconds
from deepracer_local.domain._hyperparameters import (
    FAST_HYPERPARAMETERS,
    Hyperparameters,
    load_hyperparameters,
    parse_hyperparameters,
)
from deepracer_local.domain._insight import InsightStep, LapInsight
from deepracer_local.domain._jobs import (
    RETRIES,
    Fault,
    JobEvent,
    JobKind,
    JobState,
    Wish,
    next_state,
    retry_delay_s,
)
from deepracer_local.domain._metadata import (
    ContinuousActions,
    DiscreteAction,
    ModelMetadata,
    Network,
    first_error,
    load_model_metadata,
    parse_model_metadata,
)
from deepracer_local.domain._race import CONTROL_RATE_HZ, Outcome, RaceSpec
from deepracer_local.domain._records import (
    BEST_RULE,
    EpisodeSummary,
    EvaluationResult,
    LapRecord,
    Phase,
    RewardParams,
    StepRecord,
)
from deepracer_local.domain._run import (
    DEFAULT_METADATA,
    EvaluateSpec,
    JobSpec,
    StopRules,
    StoredFile,
    TrainResult,
    TrainSpec,
)
from deepracer_local.domain._samples import RewardSamples, SampledState, SampleGrid, SampleLap
from deepracer_local.domain._sandbox import DEFAULT_SANDBOX, SandboxOptions, SandboxPolicy
from deepracer_local.domain._sensor_settings import (
    SensorSettings,
    load_sensor_settings,
    parse_sensor_settings,
)
from deepracer_local.domain._sensors import (
    CAMERAS,
    LIDARS,
    MAX_STACK,
    N_LIDAR_BEAMS,
    STEREO_OFFSET_M,
    LidarConfig,
    LidarSpec,
    Sensor,
    camera_channels,
    illegal_combination,
    picture_in,
)
from deepracer_local.domain._vehicle import GRAVITY_MPS2, Command, Pose, VehicleSpec, VehicleState

__all__ = [
    "BEST_RULE",
    "CAMERAS",
    "CAMERA_PROFILES",
    "CONTROL_RATE_HZ",
    "DEFAULT_METADATA",
    "DEFAULT_SANDBOX",
    "FAST_HYPERPARAMETERS",
    "GRAVITY_MPS2",
    "LIDARS",
    "MAX_STACK",
    "N_LIDAR_BEAMS",
    "RETRIES",
    "STEREO_OFFSET_M",
    "USUAL_SECONDS",
    "ActionSpace",
    "CameraProfile",
    "CameraSpec",
    "Command",
    "ContinuousActionSpace",
    "ContinuousActions",
    "DiscreteAction",
    "DiscreteActionSpace",
    "EpisodeSummary",
    "EvaluateSpec",
    "EvaluationResult",
    "Fault",
    "FloatArray",
    "Hyperparameters",
    "ImageArray",
    "InsightStep",
    "IntArray",
    "JobEvent",
    "JobKind",
    "JobSpec",
    "JobState",
    "LapInsight",
    "LapRecord",
    "LidarConfig",
    "LidarSpec",
    "ModelMetadata",
    "Network",
    "Outcome",
    "Phase",
    "Pose",
    "RaceSpec",
    "RewardParams",
    "RewardSamples",
    "SampleGrid",
    "SampleLap",
    "SampledState",
    "SandboxOptions",
    "SandboxPolicy",
    "Sensor",
    "SensorSettings",
    "StepRecord",
    "StopRules",
    "StoredFile",
    "TrainResult",
    "TrainSpec",
    "VehicleSpec",
    "VehicleState",
    "Wish",
    "camera_channels",
    "expected_starts",
    "first_error",
    "illegal_combination",
    "load_hyperparameters",
    "load_model_metadata",
    "load_sensor_settings",
    "next_state",
    "parse_hyperparameters",
    "parse_model_metadata",
    "parse_sensor_settings",
    "picture_in",
    "remaining_seconds",
    "retry_delay_s",
]
