"""What a network looked at in one step of a lap: its picture with a heat map, its probabilities and its value."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from PIL import Image

from deepracer_local.domain import ContinuousActions, ImageArray, InsightStep, LapInsight
from deepracer_local.errors import InvalidInputError
from deepracer_local.views._style import (
    BLUE,
    FAINT,
    INK,
    MUTED,
    ORANGE,
    SKY,
    VERMILION,
    make_figure,
    save_figure,
    tidy_axes,
)

MAX_BARS = 30
_MOST_OPAQUE = 0.85


def encode_frame(frame: ImageArray) -> bytes:
    """Returns a grey picture as WebP of which every pixel comes back as it was.

    Args:
        frame: uint8 (height, width).
    """
    content = io.BytesIO()
    # A quarter of a millisecond and 560 bytes; the next better method saves a seventh of that for twice the time, PNG
    # takes 880 bytes.
    Image.fromarray(frame).convert("RGB").save(content, "WEBP", lossless=True, quality=0, method=1)
    return content.getvalue()


def decode_frame(step: InsightStep) -> ImageArray:
    """Returns what the network was shown: uint8 (height, width)."""
    with Image.open(io.BytesIO(base64.b64decode(step.frame))) as picture:
        return np.asarray(picture.convert("RGB"))[:, :, 0].copy()


def draw_insight(insight: LapInsight, number: int, path: Path) -> None:
    """Writes a PNG of step ``number`` of a lap.

    Raises:
        InvalidInputError: the lap has no such step, or the car chose nothing at it.
    """
    step = next((step for step in insight.steps if step.step == number), None)
    if step is None:
        last = insight.steps[-1].step if insight.steps else 0
        raise InvalidInputError(
            f"Expected a step of lap {insight.lap} at which the car chose an action, got {number}. "
            f"The last one is {last}."
        )
    figure = make_figure(11.0, 6.2)
    places = figure.add_gridspec(2, 2, width_ratios=(1.45, 1.0), height_ratios=(3.4, 1.0))
    _draw_picture(figure.add_subplot(places[0, 0]), insight, step)
    _draw_values(figure.add_subplot(places[1, 0]), insight, step)
    _draw_choices(figure.add_subplot(places[:, 1]), insight, step)
    save_figure(figure, path)


def _draw_picture(axes: Axes, insight: LapInsight, step: InsightStep) -> None:
    shares = np.frombuffer(base64.b64decode(step.saliency), np.int8).reshape(insight.rows, insight.columns) / 127
    around = (0, insight.width_px, insight.height_px, 0)
    axes.imshow(decode_frame(step), cmap="gray", vmin=0, vmax=255, extent=around, interpolation="nearest")
    for colour, part in ((ORANGE, shares.clip(min=0)), (SKY, (-shares).clip(min=0))):
        layer = np.dstack([*(np.full(part.shape, channel) for channel in to_rgb(colour)), _MOST_OPAQUE * part**0.75])
        axes.imshow(layer, extent=around, interpolation="bilinear")
    axes.set_axis_off()
    title = f"{insight.track}, checkpoint {insight.checkpoint}: lap {insight.lap}, step {step.step}\n"
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK)
    axes.text(
        0.0,
        1.015,
        "orange: speaks for the chosen action; blue: against it",
        transform=axes.transAxes,
        fontsize=9.5,
        color=MUTED,
        va="bottom",
    )


def _draw_values(axes: Axes, insight: LapInsight, step: InsightStep) -> None:
    tidy_axes(axes)
    axes.plot([one.time_s for one in insight.steps], [one.value for one in insight.steps], color=BLUE, linewidth=1.6)
    axes.axvline(step.time_s, color=VERMILION, linewidth=1.2)
    axes.plot([step.time_s], [step.value], marker="o", color=VERMILION)
    axes.set_xlabel("time (s)", fontsize=9, color=INK)
    axes.set_title(f"value {step.value:.2f}", loc="left", fontsize=10, color=INK)


def _draw_choices(axes: Axes, insight: LapInsight, step: InsightStep) -> None:
    tidy_axes(axes)
    axes.grid(visible=False, axis="y")
    actions, probabilities = insight.action_space, step.probabilities
    if isinstance(actions, ContinuousActions) or probabilities is None:
        _draw_intervals(axes, step)
        return
    ranked = sorted(range(len(actions)), key=lambda i: -probabilities[i])[:MAX_BARS]
    # Left at the top; where there are many actions only the likely ones.
    shown = sorted(ranked, key=lambda i: (-actions[i].steering_angle, -actions[i].speed))
    labels = [f"{_signed(actions[i].steering_angle)}°  {actions[i].speed:g} m/s" for i in shown]
    percents = [100 * probabilities[i] for i in shown]
    colours = [ORANGE if i == step.action else FAINT for i in shown]
    places = np.arange(len(shown))
    axes.barh(places, percents, color=colours, edgecolor=MUTED, linewidth=0.5)
    for place, percent in zip(places, percents, strict=True):
        axes.text(percent + 1.5, float(place), f"{percent:.1f} %", va="center", fontsize=8.5, color=INK)
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 118)
    axes.set_xlabel("probability (%)", fontsize=9, color=INK)
    axes.set_title("actions; the chosen one in orange", loc="left", fontsize=10, color=INK)


def _signed(angle_deg: float) -> str:
    return f"{angle_deg:+g}" if angle_deg else "0"


def _draw_intervals(axes: Axes, step: InsightStep) -> None:
    axes.set_axis_off()
    lines = [
        f"steering {step.steering_angle_deg:+.1f}° ± {step.steering_deviation_deg or 0:.1f}°",
        f"speed {step.chosen_speed_mps:.2f} ± {step.speed_deviation_mps or 0:.2f} m/s",
        "\nmean, which is driven, ± standard deviation,\nwith which training tries others",
    ]
    axes.text(0.02, 0.95, "\n".join(lines), fontsize=13, color=INK, va="top", transform=axes.transAxes)
