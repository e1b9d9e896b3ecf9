"""Files of a run's checkpoint for other programs, each tested on a drive. Loads the learner when imported."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepracer_local.domain import LEAST_FRAMES, ExportFormat, ExportReport, Sensor, picture_in
from deepracer_local.env import DeepRacerEnv
from deepracer_local.errors import SpecError
from deepracer_local.export import DrivenFrames, Trained, write_export
from deepracer_local.runs import POLICY_FILE, Checkpoints, RunDirectory
from deepracer_local.training import OutputRecorder, describe_policy, load_policy, use_threads
from deepracer_local.workers._environments import EnvironmentFactory
from deepracer_local.workers._signs_of_life import SignsOfLife

_CARS = 20
"""Drive side by side, from all along the lap: the largest network's weights are then read once for twenty pictures."""
_NEXT_START = 0.618
"""Share of the lap from one start to the next: the golden section, which never comes near a former start soon."""
_OPEN_TRACK_SHARE = 0.5
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was made, and what its test found."""

    path: Path
    report: ExportReport


def export_run(
    run: RunDirectory,
    formats: Sequence[ExportFormat],
    *,
    checkpoint: str = "best",
    target: Path | None = None,
    signs: SignsOfLife | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Export]:
    """Writes files of a checkpoint and tests each on the same drive; deterministic, none of the user's code runs.

    Args:
        run: a training, finished or not.
        formats: which files, each once.
        checkpoint: ``best``, ``last`` or a name.
        target: where to, of the only format; without it they lie in the run directory.
        signs: is told of every step and file.
        should_stop: True leaves out the files that are not written yet.

    Raises:
        SpecError: the format's readers cannot drive with such a model, or it was stopped.
        ExportError: a file does not do what the network does.
        RunDirectoryError: the run has no checkpoint, or a file of it is damaged.
        UnknownNameError: there is no such checkpoint.
    """
    folder = Checkpoints(run.checkpoints_path).find(checkpoint)
    spec = run.read_spec()
    use_threads(min(_THREADS, os.cpu_count() or 1))
    policy, info = load_policy(folder)
    sensors = info.model_metadata.sensor
    driver = OutputRecorder(policy)
    factory = EnvironmentFactory(run, spec)
    envs = [factory.evaluation(laps=1) for _ in range(_CARS)]
    with ThreadPoolExecutor(1) as aside:  # the drive leaves a core idle for half of its time
        weights_sha256 = aside.submit(_sha256, folder / POLICY_FILE)
        network = aside.submit(describe_policy, policy, sensors)
        _drive(driver, envs, sensors, signs, should_stop)
    for env in envs:
        env.close()
    trained = Trained(
        network=network.result(),
        metadata=info.model_metadata,
        checkpoint=folder.name,
        weights_sha256=weights_sha256.result(),
    )
    driven = DrivenFrames(driver.frames(sensors[0]), np.stack(driver.outputs))
    made = list[Export]()
    for form in formats:
        if should_stop():
            break
        if signs is not None:
            signs.on_write()
        path = target or run.exports_path / folder.name / form.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        made.append(Export(path, write_export(trained, driven, form, path)))
    return made


def describe_report(report: ExportReport) -> str:
    """Returns what a test found, as a sentence."""
    return (
        f"{report.file}: the same action on {report.agreement:.1%} of {report.frames} frames, outputs within "
        f"{report.largest_difference:.1e}"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _drive(
    driver: OutputRecorder,
    envs: Sequence[DeepRacerEnv],
    sensors: Sequence[Sensor],
    signs: SignsOfLife | None,
    should_stop: Callable[[], bool],
) -> None:
    """Drives until enough frames are there: from the line and from places all along the lap, side by side.

    Raises:
        SpecError: it was stopped.
    """
    starts = itertools.count()
    share = 1.0 if envs[0].track.is_closed else _OPEN_TRACK_SHARE

    def begin(env: DeepRacerEnv) -> Any:
        place = next(starts) * _NEXT_START % 1.0 * share
        observation, _ = env.reset(seed=0, options={"start_ndist": place} if place else {})
        return observation

    observations = [begin(env) for env in envs]
    while len(driver.outputs) < LEAST_FRAMES:
        if should_stop():
            raise SpecError("Expected to drive for the self-test, but it was stopped before its end.")
        for i, (env, action) in enumerate(zip(envs, driver.act(observations), strict=True)):
            observation, _, terminated, truncated, info = env.step(action)
            if signs is not None and i == 0:
                signs.on_step(info, picture_in(observation, sensors))
            observations[i] = begin(env) if terminated or truncated else observation
