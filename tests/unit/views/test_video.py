from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from deepracer_local.domain import ImageArray
from deepracer_local.errors import InvalidInputError
from deepracer_local.views import add_overlay, write_video

COLOURS = [(200, 40, 40), (40, 180, 60), (50, 60, 200)]


def _frames(n: int, *, height: int = 120, width: int = 160) -> Iterator[ImageArray]:
    for i in range(n):
        yield np.full((height, width, 3), COLOURS[i % 3], dtype=np.uint8)


def _decode(path: Path) -> list[ImageArray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in container.decode(video=0)]


def test_a_video_decodes_to_the_frames_that_were_written(tmp_path: Path) -> None:
    n = write_video(tmp_path / "lap.mp4", _frames(9))

    decoded = _decode(tmp_path / "lap.mp4")
    assert n == len(decoded) == 9
    assert decoded[0].shape == (120, 160, 3)
    for i, frame in enumerate(decoded):
        np.testing.assert_allclose(frame.mean(axis=(0, 1)), COLOURS[i % 3], atol=8)


def test_a_video_plays_everywhere_and_at_once(tmp_path: Path) -> None:
    write_video(tmp_path / "lap.mp4", _frames(30), fps=15)

    content = (tmp_path / "lap.mp4").read_bytes()
    with av.open(str(tmp_path / "lap.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 15
    assert content.index(b"moov") < content.index(b"mdat")


def test_an_odd_size_gains_a_row_and_a_column(tmp_path: Path) -> None:
    write_video(tmp_path / "lap.mp4", _frames(2, height=121, width=163))

    frame = _decode(tmp_path / "lap.mp4")[0]
    assert frame.shape == (122, 164, 3)
    np.testing.assert_allclose(frame[-1, -1], COLOURS[0], atol=12)


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    write_video(tmp_path / "one.mp4", _frames(12))
    write_video(tmp_path / "two.mp4", _frames(12))

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_failure_on_the_way_leaves_an_older_video_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "lap.mp4"
    write_video(path, _frames(2))
    before = path.read_bytes()

    def frames() -> Iterator[ImageArray]:
        yield from _frames(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(path, frames())

    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["lap.mp4"]


BAD = {
    "no frame": [],
    "grey": [np.zeros((16, 16), np.uint8)],
    "four channels": [np.zeros((16, 16, 4), np.uint8)],
    "floats": [np.zeros((16, 16, 3), np.float32)],
    "another size": [np.zeros((16, 16, 3), np.uint8), np.zeros((16, 18, 3), np.uint8)],
}


@pytest.mark.parametrize("frames", BAD.values(), ids=BAD.keys())
def test_bad_frames_are_refused_and_leave_no_file(tmp_path: Path, frames: list[ImageArray]) -> None:
    with pytest.raises(InvalidInputError):
        write_video(tmp_path / "lap.mp4", frames)

    assert list(tmp_path.iterdir()) == []


def test_an_overlay_shows_every_pixel_that_the_policy_sees(tmp_path: Path) -> None:
    frame = np.full((360, 480, 3), 90, dtype=np.uint8)
    onboard = np.random.default_rng(0).integers(0, 256, (120, 160), dtype=np.uint8)

    result = add_overlay(frame, [], onboard=onboard)

    np.testing.assert_array_equal(result[10:130, 310:470], np.repeat(onboard[:, :, None], 3, axis=2))
    assert (frame == 90).all()


def test_an_overlay_enlarges_a_small_picture_by_a_whole_number() -> None:
    frame = np.zeros((360, 480, 3), dtype=np.uint8)
    onboard = np.arange(80 * 60, dtype=np.uint16).reshape(60, 80).astype(np.uint8)

    result = add_overlay(frame, [], onboard=onboard)

    np.testing.assert_array_equal(result[10:130:2, 310:470:2, 0], onboard)


def test_an_overlay_writes_white_on_a_dark_strip_and_leaves_the_rest() -> None:
    frame = np.full((360, 480, 3), 200, dtype=np.uint8)

    result = add_overlay(frame, ["lap 2 of 3", "6.40 s", "1.02 m/s"])

    assert result.shape == frame.shape
    assert result.dtype == np.uint8
    assert result[330:].max() > 240
    assert result[330:].min() < 120
    assert (result[:320] == 200).all()


def test_a_field_does_not_move_when_another_one_grows() -> None:
    frame = np.zeros((360, 480, 3), dtype=np.uint8)

    short, long = (add_overlay(frame, [text, "1.02 m/s"]) for text in ("9.9 s", "110.9 s"))

    np.testing.assert_array_equal(short[:, 245:], long[:, 245:])
