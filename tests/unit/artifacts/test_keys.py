from __future__ import annotations

import string
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepracer_local.artifacts import keys
from deepracer_local.errors import InvalidInputError

LETTERS = string.ascii_letters + string.digits + "._-"
SHA = "0123456789abcdef" * 4

segments = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: text not in {".", ".."})
good_keys = st.lists(segments, min_size=1, max_size=12).map("/".join)
any_text = st.text(st.sampled_from(LETTERS + "/\\\0 ~%\n․．／é٣"), max_size=30) | st.text(max_size=30)
law = settings(max_examples=300, deadline=None, derandomize=True)


@law
@given(good_keys)
def test_plain_names_between_single_slashes_are_keys(key: str) -> None:
    assert keys.check_key(key) == key


@law
@given(any_text)
def test_a_key_stays_below_every_folder_and_is_its_own_path(text: str) -> None:
    try:
        key = keys.check_key(text)
    except InvalidInputError:
        return

    path = PurePosixPath("/root") / key
    assert str(path) == f"/root/{key}"
    assert ".." not in path.parts
    assert key.isascii()
    assert "\\" not in key
    assert 1 <= len(key.encode()) <= 512


@law
@given(good_keys, st.integers(0, 200), st.sampled_from("\\\0 ~%\n\r․．／é٣:*?\"'<>|$&;`"))
def test_one_foreign_character_anywhere_is_refused(key: str, position: int, foreign: str) -> None:
    position %= len(key) + 1

    with pytest.raises(InvalidInputError):
        keys.check_key(key[:position] + foreign + key[position:])


@law
@given(st.lists(segments, max_size=5), st.sampled_from(["", ".", ".."]), st.lists(segments, max_size=5))
def test_an_empty_or_dotted_segment_anywhere_is_refused(before: list[str], odd: str, after: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        keys.check_key("/".join([*before, odd, *after]))


@law
@given(good_keys, st.integers(0, 500))
def test_every_beginning_of_a_key_is_a_prefix(key: str, length: int) -> None:
    assert keys.check_prefix(key[:length]) == key[:length]


@law
@given(any_text)
def test_a_prefix_is_one_with_which_a_key_can_begin(text: str) -> None:
    try:
        prefix = keys.check_prefix(text)
    except InvalidInputError:
        return

    longer = prefix + "x"
    if len(longer) <= 512 and len(longer.rsplit("/", maxsplit=1)[-1]) <= 255:
        assert keys.check_key(longer) == longer


@pytest.mark.parametrize(
    ("key", "is_good"),
    [("a" * 255, True), ("a" * 256, False), ("/".join(["a" * 127] * 4), True), ("/".join(["a" * 128] * 4), False)],
    ids=["segment of 255", "segment of 256", "key of 511", "key of 515"],
)
def test_the_bounds_of_lengths(key: str, is_good: bool) -> None:
    if is_good:
        assert keys.check_key(key) == key
    else:
        with pytest.raises(InvalidInputError):
            keys.check_key(key)


def test_a_message_shows_a_long_key_in_short() -> None:
    with pytest.raises(InvalidInputError) as caught:
        keys.check_key("a" * 100_000)

    assert len(str(caught.value)) < 300


def test_the_layout() -> None:
    folder = keys.checkpoint_folder("j1", 2, 20480, SHA)

    assert folder == "jobs/j1/2/000020480-0123456789ab"
    assert keys.manifest_of(folder) == "jobs/j1/2/000020480-0123456789ab/manifest.json"
    assert keys.input_folder("5f0c9a2e") == "inputs/5f0c9a2e"
    assert keys.training_trace("j1", 2, 7) == "jobs/j1/2/training-simtrace/7-iteration.csv"
    assert keys.evaluation_trace("j1", 2, 7) == "jobs/j1/2/evaluation-simtrace/7-iteration.csv"
    assert keys.video("j1", 2, "camera-pip", 0) == "jobs/j1/2/mp4/camera-pip/0-video.mp4"
    assert keys.attempt_file("j1", 2, "logs/trainer.log") == "jobs/j1/2/logs/trainer.log"
    assert keys.content_file("j1", 2, SHA, "trace/0.csv") == "jobs/j1/2/0123456789ab/trace/0.csv"
    assert keys.model_file("m1", SHA, "model.tar.gz") == "models/m1/0123456789ab/model.tar.gz"


@given(st.lists(st.integers(0, 10**9 - 1), min_size=2, max_size=8, unique=True))
@law
def test_checkpoints_of_an_attempt_sort_by_step(steps: list[int]) -> None:
    folders = [keys.checkpoint_folder("j", 1, step, SHA) for step in steps]

    assert [folder for _, folder in sorted(zip(steps, folders, strict=True))] == sorted(folders)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../b", "a\\b", "a b", "a\0"])
def test_an_id_is_one_segment(name: str) -> None:
    with pytest.raises(InvalidInputError):
        keys.attempt_folder(name, 1)
    with pytest.raises(InvalidInputError):
        keys.model_folder(name)
    with pytest.raises(InvalidInputError):
        keys.input_folder(name)
    with pytest.raises(InvalidInputError):
        keys.video("j", 1, name, 0)


@pytest.mark.parametrize("name", ["", "..", "../x", "/x", "a/../../x", "a//b"])
def test_a_file_name_does_not_leave_its_folder(name: str) -> None:
    with pytest.raises(InvalidInputError):
        keys.attempt_file("j", 1, name)
    with pytest.raises(InvalidInputError):
        keys.model_file("m", SHA, name)


@pytest.mark.parametrize("sha256", ["", "abc", SHA.upper(), SHA + "0", "../" + SHA[3:]])
def test_a_hash_is_64_lower_case_digits(sha256: str) -> None:
    with pytest.raises(InvalidInputError):
        keys.content_file("j", 1, sha256, "x")


def test_numbers_are_not_negative() -> None:
    with pytest.raises(InvalidInputError):
        keys.attempt_folder("j", -1)
    with pytest.raises(InvalidInputError):
        keys.checkpoint_folder("j", 1, -1, SHA)
    with pytest.raises(InvalidInputError):
        keys.training_trace("j", 1, -1)
