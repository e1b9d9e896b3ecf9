"""Writing down what the network made of each picture of an evaluation. Loads the learner when imported."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepracer_local.domain import (
    ContinuousActions,
    EvaluationResult,
    ImageArray,
    InsightStep,
    LapInsight,
    ModelMetadata,
    Network,
    StepRecord,
    picture_in,
)
from deepracer_local.runs import write_bytes
from deepracer_local.training import DeterministicPolicy, Insight, look_into, pictures_in
from deepracer_local.views import encode_frame
from deepracer_local.workers._signs_of_life import SignsOfLife

MAX_PICTURES = 4_000
"""77 MB of pictures in memory, some twenty laps; laps beyond are driven and not looked into. Of several cameras or
stacked pictures each counts."""
_PICTURES_AT_ONCE = 32


class RecordedPolicy:
    """Drives as another policy does and keeps what it was shown.

    Attributes:
        observations: the first of them, with ``MAX_PICTURES`` pictures together.
        n_asked: how many actions were asked of it.
    """

    def __init__(self, policy: DeterministicPolicy) -> None:
        self._policy = policy
        self.observations: list[Any] = []
        self.n_asked = 0
        self._n_pictures = 0

    def act(self, observation: Any) -> Any:
        """Returns the other's action."""
        self.n_asked += 1
        pictures = pictures_in(observation)
        if pictures is not None and self._n_pictures < MAX_PICTURES:
            # Not a copy: the environment gives every step an array of its own.
            self.observations.append(observation)
            self._n_pictures += pictures.shape[-1]
        return self._policy.act(observation)


@dataclass(frozen=True, slots=True)
class _Decision:
    """One step of a lap at which an action was chosen; ``after`` is the instant to which it led."""

    step: int
    observation: Any
    record: StepRecord
    after: StepRecord


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked into: who drove, with which actions, and where."""

    policy: DeterministicPolicy
    metadata: ModelMetadata
    network: Network
    track: str
    checkpoint: str


def write_insights(
    directory: Path,
    subject: Subject,
    driven: RecordedPolicy,
    records: Sequence[StepRecord],
    result: EvaluationResult,
    *,
    signs: SignsOfLife | None,
    should_stop: Callable[[], bool],
) -> list[Path]:
    """Writes ``insight-N.json`` for laps of which all pictures were kept: for each, or for the best if that takes long.

    Looking into a lap of 250 steps takes 0.2 s with the fast network, 2 to 12 s with the others.

    Args:
        directory: where to.
        subject: what is looked into.
        driven: what drove.
        records: of every reset and step, in order.
        result: the laps, at least one.
        signs: are told after some more pictures.
        should_stop: True leaves out the laps that are not written yet.
    """
    laps = _decisions_by_lap(driven, records, result)
    best = result.best_attempt.trial
    if subject.network is not Network.FAST:
        laps = {best: laps[best]} if best in laps else {}
    paths = list[Path]()
    for lap, decisions in laps.items():
        steps = list[InsightStep]()
        for start in range(0, len(decisions), _PICTURES_AT_ONCE):
            if should_stop():
                return paths
            batch = decisions[start : start + _PICTURES_AT_ONCE]
            insight = look_into(subject.policy, _batch([decision.observation for decision in batch]))
            steps += _steps(batch, insight, subject.metadata)
            if signs is not None:
                signs.on_look()
        height, width = _picture(decisions[0], subject.metadata).shape
        rows, columns = insight.saliency.shape[1:]
        whole = LapInsight(
            lap=lap,
            laps=tuple(laps),
            track=subject.track,
            checkpoint=subject.checkpoint,
            width_px=width,
            height_px=height,
            columns=columns,
            rows=rows,
            action_space=subject.metadata.action_space,
            steps=tuple(steps),
        )
        paths.append(directory / f"insight-{lap}.json")
        write_bytes(paths[-1], whole.model_dump_json().encode())
    return paths


def _decisions_by_lap(
    driven: RecordedPolicy, records: Sequence[StepRecord], result: EvaluationResult
) -> dict[int, list[_Decision]]:
    """Returns the decisions of each lap of which all pictures were kept."""
    # After every instant but the last of an attempt an action was chosen, unless the driving was stopped there.
    rows = [i for i, record in enumerate(records) if not record.done][: driven.n_asked]
    number_of = {row: number for number, row in enumerate(rows)}
    laps = dict[int, list[_Decision]]()
    first = 0
    for lap in result.laps:
        # A lap's steps count its rows: the first of an attempt includes the instant at the start, when the car stands.
        chosen = [row for row in range(first, first + lap.steps) if row in number_of]
        if chosen and number_of[chosen[-1]] < len(driven.observations):
            laps[lap.trial] = [
                _Decision(row - first + 1, driven.observations[number_of[row]], records[row], records[row + 1])
                for row in chosen
            ]
        first += lap.steps
    return laps


def _steps(batch: Sequence[_Decision], insight: Insight, metadata: ModelMetadata) -> Iterator[InsightStep]:
    deviations = _deviations(insight, metadata)
    for i, decision in enumerate(batch):
        record, after = decision.record, decision.after
        saliency = insight.saliency[i]
        strongest = float(np.abs(saliency).max())
        shares = saliency / strongest if strongest > 0 else np.zeros_like(saliency)
        is_discrete = insight.probabilities is not None
        yield InsightStep(
            step=decision.step,
            time_s=round(record.time_s, 4),
            x_m=round(record.x_m, 4),
            y_m=round(record.y_m, 4),
            yaw_deg=round(record.yaw_deg, 3),
            progress=round(record.progress, 3),
            speed_mps=round(record.measured_speed_mps, 4),
            frame=_base64(encode_frame(_picture(decision, metadata))),
            saliency=_base64(np.rint(127 * shares).astype(np.int8).tobytes()),
            strongest=round(strongest, 5),
            probabilities=_rounded(insight.probabilities[i]) if insight.probabilities is not None else None,
            action=int(after.action) if is_discrete else None,
            steering_angle_deg=round(after.steering_angle_deg, 3),
            chosen_speed_mps=round(after.speed_mps, 4),
            steering_deviation_deg=deviations[i][0] if deviations is not None else None,
            speed_deviation_mps=deviations[i][1] if deviations is not None else None,
            value=round(float(insight.values[i]), 5),
        )


def _deviations(insight: Insight, metadata: ModelMetadata) -> list[tuple[float, ...]] | None:
    """Returns the standard deviations in degrees and m/s; None for discrete actions."""
    space = metadata.action_space
    if insight.deviations is None or not isinstance(space, ContinuousActions):
        return None
    # An action of -1 to 1 is spread over the whole interval.
    halves = [(interval.high - interval.low) / 2 for interval in (space.steering_angle, space.speed)]
    return [_rounded(row * halves) for row in insight.deviations]


def _picture(decision: _Decision, metadata: ModelMetadata) -> ImageArray:
    """Returns the newest picture of the camera, the left one of a pair: uint8 (height, width)."""
    shown = picture_in(decision.observation, metadata.sensor)
    assert shown is not None  # nothing else is kept
    return np.ascontiguousarray(shown)


def _batch(observations: Sequence[Any]) -> Any:
    first = observations[0]
    if isinstance(first, dict):
        return {name: np.stack([one[name] for one in observations]) for name in first}
    return np.stack(observations)


def _rounded(values: Any) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
