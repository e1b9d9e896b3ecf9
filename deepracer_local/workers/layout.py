"""Laying out the directory of a new run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deepracer_local.domain import TrainSpec
from deepracer_local.errors import SpecError
from deepracer_local.runs import POLICY_FILE, CheckpointInfo, Checkpoints, RunDirectory, write_bytes, write_json
from deepracer_local.track import Track, save_track
from deepracer_local.workers._versions import versions


def lay_out_run(
    path: Path,
    spec: TrainSpec,
    *,
    track: Track,
    reward_text: str,
    initial_policy: bytes | None = None,
    further_tracks: Sequence[Track] = (),
) -> RunDirectory:
    """Makes a run directory that a trainer can be started on.

    Args:
        path: a folder that is not there yet, or empty.
        spec: written as ``spec.json``.
        track: in the direction of its file; a copy is kept.
        reward_text: the user's reward function, kept as it is.
        initial_policy: weights to begin with, as a file of safetensors holds them.
        further_tracks: where the training drives on several; copies are kept, too.

    Raises:
        SpecError: the folder holds files.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise SpecError(
            f"--out: expected a new or empty folder, got {path}, which holds files. Choose another, or add --resume to "
            "go on with the run in it.",
            field="out",
        )
    run = RunDirectory(path)
    path.mkdir(parents=True, exist_ok=True)
    for each in (track, *further_tracks):
        save_track(each, run.tracks_path / each.name)
    write_bytes(run.reward_path, reward_text.encode())
    if initial_policy is not None:
        run.initial_policy_path.parent.mkdir()
        write_bytes(run.initial_policy_path, initial_policy)
    write_json(run.versions_path, versions())
    run.write_spec(spec)  # last: a folder with a specification is a complete one
    return run


def add_checkpoint(
    run: RunDirectory, name: str, info: CheckpointInfo, weights: Path, *, best: str | None, last: str | None
) -> None:
    """Puts a checkpoint from elsewhere into a new run directory; the index is written after it.

    Args:
        run: laid out, without this checkpoint.
        name: of the checkpoint, digits.
        info: what goes beside the weights.
        weights: a safetensors file, which is copied.
        best: what the index is to call the best one.
        last: the same for the last one.
    """
    checkpoints = Checkpoints(run.checkpoints_path)
    folder = checkpoints.directory / name
    folder.mkdir(parents=True)
    write_bytes(folder / POLICY_FILE, weights.read_bytes())
    write_json(folder / "model.json", info.model_dump(mode="json"))
    write_json(checkpoints.directory / "index.json", {"best": best, "last": last})
