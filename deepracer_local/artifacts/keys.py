"""The layout of keys: which artifact lies where. Pure.

    inputs/<id>/<name>                                      what one job begins with: reward_function.py, a track, ...
    jobs/<job_id>/<attempt>/<sha12>/<name>                  a file of an attempt that may be written more than once
    jobs/<job_id>/<attempt>/<step>-<sha12>/<file>           a checkpoint; manifest.json is written last
    jobs/<job_id>/<attempt>/training-simtrace/<i>-iteration.csv
    jobs/<job_id>/<attempt>/evaluation-simtrace/<i>-iteration.csv
    jobs/<job_id>/<attempt>/mp4/<camera>/<i>-video.mp4
    jobs/<job_id>/<attempt>/metrics/<name>, logs/<name>     and any other file of an attempt
    models/<model_id>/<sha12>/<name>                        what is made of a model: model.tar.gz, ...

The names inside are those of the original's object store, so that its tools find their files.
"""

from __future__ import annotations

import re

from deepracer_local.errors import InvalidInputError

MAX_KEY_BYTES = 512
MAX_SEGMENT_BYTES = 255
"""What file systems allow for one name."""
MANIFEST = "manifest.json"
PREFIXES = ("inputs/", "jobs/", "models/")
"""Everything of ours begins with one of these; a bucket may hold other things beside."""

_SEGMENT = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def check_key(key: str) -> str:
    """Returns ``key``, which is safe as a path below a folder and as a name in any object store.

    Law: a key is 1 to 512 bytes; its segments, parted by single slashes, hold letters, digits, dot, underscore and
    hyphen only, at most 255 of them, and none is ``.`` or ``..``.

    Raises:
        InvalidInputError: it is not such a key.
    """
    if len(key) <= MAX_KEY_BYTES and all(_is_segment(segment) for segment in key.split("/")):
        return key
    raise InvalidInputError(
        f"Expected a key of at most {MAX_KEY_BYTES} letters, digits, '.', '_', '-' and single '/', got "
        f"{_shown(key)}. Choose a plain name."
    )


def check_prefix(prefix: str) -> str:
    """Returns ``prefix``, with which keys can begin; the empty one is fine.

    Raises:
        InvalidInputError: no key can begin so.
    """
    *folders, last = prefix.split("/")
    is_good = all(_is_segment(segment) for segment in folders) and _PREFIX.fullmatch(last)
    if is_good and len(prefix) <= MAX_KEY_BYTES:
        return prefix
    raise InvalidInputError(f"Expected the beginning of a key, got {_shown(prefix)}. Choose a plain name.")


def input_folder(submission_id: str) -> str:
    """Returns where everything lies that one submission begins with.

    Each submission has its own, also of equal content. Shared ones would have to be counted: a clean-up, or the end of
    one model, could otherwise remove what another submission has just found there and not pointed to yet.
    """
    return check_key(f"inputs/{_id(submission_id)}")


def checkpoint_folder(job_id: str, attempt: int, step: int, sha256: str) -> str:
    """Returns where a checkpoint's files lie; folders of one attempt sort by step.

    Args:
        job_id: whose checkpoint it is.
        attempt: of the job, from 1.
        step: environment steps done.
        sha256: of the weights, so that two different checkpoints of one step never meet.
    """
    return check_key(f"{attempt_folder(job_id, attempt)}/{_count('step', step):09d}-{_hash(sha256)[:12]}")


def attempt_folder(job_id: str, attempt: int) -> str:
    """Returns where everything of one attempt lies."""
    return check_key(f"jobs/{_id(job_id)}/{_count('attempt', attempt)}")


def attempt_file(job_id: str, attempt: int, name: str) -> str:
    """Returns the key of a file of an attempt; ``name`` may have folders, as in ``logs/trainer.log``."""
    return check_key(f"{attempt_folder(job_id, attempt)}/{name}")


def content_file(job_id: str, attempt: int, sha256: str, name: str) -> str:
    """Returns the key of a file of an attempt that may be written more than once; each content has a key of its own."""
    return attempt_file(job_id, attempt, f"{_hash(sha256)[:12]}/{name}")


def training_trace(job_id: str, attempt: int, iteration: int) -> str:
    """Returns the key of the step trace of one training iteration."""
    return attempt_file(job_id, attempt, f"training-simtrace/{_count('iteration', iteration)}-iteration.csv")


def evaluation_trace(job_id: str, attempt: int, iteration: int) -> str:
    """Returns the key of the step trace of one evaluation."""
    return attempt_file(job_id, attempt, f"evaluation-simtrace/{_count('iteration', iteration)}-iteration.csv")


def video(job_id: str, attempt: int, camera: str, number: int) -> str:
    """Returns the key of a video; the original's cameras are camera-pip, camera-45degree and camera-topview."""
    return attempt_file(job_id, attempt, f"mp4/{_id(camera)}/{_count('number', number)}-video.mp4")


def model_folder(model_id: str) -> str:
    """Returns where everything made of a model lies."""
    return check_key(f"models/{_id(model_id)}")


def model_file(model_id: str, sha256: str, name: str) -> str:
    """Returns the key of something made of a model, for example its archive for the car."""
    return check_key(f"{model_folder(model_id)}/{_hash(sha256)[:12]}/{name}")


def manifest_of(folder: str) -> str:
    """Returns the key of the manifest of the artifacts below ``folder``."""
    return check_key(f"{folder}/{MANIFEST}")


def _is_segment(segment: str) -> bool:
    return _SEGMENT.fullmatch(segment) is not None and segment not in {".", ".."} and len(segment) <= MAX_SEGMENT_BYTES


def _id(value: str) -> str:
    if not _is_segment(value):
        raise InvalidInputError(f"Expected a name without folders, got {_shown(value)}. Choose a plain one.")
    return value


def _count(name: str, value: int) -> int:
    if value < 0:
        raise InvalidInputError(f"Expected the {name} to be 0 or more, got {value}. Count from 0.")
    return value


def _hash(sha256: str) -> str:
    if _SHA256.fullmatch(sha256) is None:
        raise InvalidInputError(f"Expected a SHA-256 of 64 hexadecimal digits, got {_shown(sha256)}. Hash the bytes.")
    return sha256


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
