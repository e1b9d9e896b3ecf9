"""The learning plot of a run."""

from __future__ import annotations

from pathlib import Path

from deepracer_local.runs import RunDirectory


def draw_learning_of(run: RunDirectory) -> Path | None:
    """Draws reward and completion over time; None where nothing has been learnt yet."""
    from deepracer_local.views import LearningUpdate, draw_learning  # noqa: PLC0415  # matplotlib is slow to load

    spec = run.read_spec()
    names = [] if spec.curriculum is None else [stage.name for stage in spec.curriculum.stages]
    evaluations = {row["iteration"]: row for row in run.read_rows("evaluations.jsonl")}
    updates = []
    for row in run.read_rows("metrics.jsonl"):
        evaluation = evaluations.get(row["iteration"])
        progress, is_best = (evaluation["mean_progress"], evaluation["is_best"]) if evaluation else (None, False)
        tracks = {each["track"]: each["mean_progress"] for each in (evaluation or {}).get("tracks", ())}
        stage = f"{row['stage']} {names[row['stage'] - 1]}" if "stage" in row else None
        updates.append(
            LearningUpdate(row["total_steps"], row["training_seconds"], progress, is_best, tracks, stage=stage)
        )
    if not updates:
        return None
    plot = run.path / "learning.png"
    draw_learning(
        updates, run.read_episodes(), plot, title=f"Training on {', '.join(road.label for road in spec.roads)}"
    )
    return plot
