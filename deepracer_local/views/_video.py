"""Video files: H.264 in MP4, which every browser and phone plays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from deepracer_local.domain import CONTROL_RATE_HZ, ImageArray
from deepracer_local.errors import InvalidInputError

CRF = "20"
"""x264's constant quality: lower is better and larger; 18 to 23 is the usual range."""


def write_video(path: Path, frames: Iterable[ImageArray], *, fps: int = CONTROL_RATE_HZ) -> int:
    """Writes ``frames`` as an MP4 and returns how many there were.

    Frames are taken one at a time, so a long video needs no more memory than a short one. The file appears under its
    name only when it is complete; its index is at the front, so that playing starts before the download ends.

    Args:
        path: where to write; an existing file is replaced.
        frames: uint8 (height, width, 3), RGB, all of one shape. An odd width or height gains one repeated column or
            row, because H.264's usual colour format halves the resolution of colour.
        fps: frames per second of playing.

    Raises:
        InvalidInputError: there is no frame, or a frame of another type or shape.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        n_frames = _encode(partial, frames, fps)
        if not n_frames:
            raise InvalidInputError("Expected at least one frame for a video, got none. Drive at least one step first.")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return n_frames


def _encode(path: Path, frames: Iterable[ImageArray], fps: int) -> int:
    n_frames = 0
    shape: tuple[int, ...] = ()
    with av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: VideoStream | None = None
        for image in frames:
            if stream is None:
                shape = image.shape
                _check_frame(image, shape)
                stream = _add_stream(container, image, fps)
            _check_frame(image, shape)
            for packet in stream.encode(av.VideoFrame.from_ndarray(_to_even(image), format="rgb24")):
                container.mux(packet)
            n_frames += 1
        if stream is not None:
            for packet in stream.encode(None):
                container.mux(packet)
    return n_frames


def _add_stream(container: av.container.OutputContainer, image: ImageArray, fps: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=fps, options={"crf": CRF, "preset": "veryfast"})
    height, width = image.shape[:2]
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuv420p"
    stream.thread_count = 1  # the same frames give the same file, and training keeps its cores
    return stream


def _check_frame(image: ImageArray, shape: tuple[int, ...]) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.shape != shape:
        raise InvalidInputError(
            f"Expected video frames uint8 (height, width, 3) of one shape {shape}, got {image.dtype} {image.shape}. "
            "Give every frame the size of the first."
        )


def _to_even(image: ImageArray) -> ImageArray:
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(image)
