"""The pure parts: a model's status, page tokens, ids, text that both databases hold, the head of the migrations."""

from __future__ import annotations

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from deepracer_local.db import EventName, ModelStatus
from deepracer_local.db._migrate import HEAD, MIGRATIONS
from deepracer_local.db._nouns import Text
from deepracer_local.db._rows import check_id, decode_token, encode_token, new_id
from deepracer_local.db._transitions import model_status
from deepracer_local.domain import JobEvent, JobKind, JobState, Wish
from deepracer_local.errors import SpecError

TRAIN, EVALUATE = JobKind.TRAIN, JobKind.EVALUATE
QUEUED, RUNNING, PAUSED = JobState.QUEUED, JobState.RUNNING, JobState.PAUSED
NONE = Wish.NONE


@pytest.mark.parametrize(
    ("unfinished", "last_training", "status"),
    [
        ([], None, ModelStatus.READY),
        ([], JobState.SUCCEEDED, ModelStatus.READY),
        ([], JobState.CANCELLED, ModelStatus.READY),
        ([], JobState.FAILED, ModelStatus.ERROR),
        ([(TRAIN, QUEUED, NONE)], JobState.FAILED, ModelStatus.QUEUED),
        ([(TRAIN, RUNNING, NONE)], None, ModelStatus.TRAINING),
        ([(EVALUATE, RUNNING, NONE)], None, ModelStatus.EVALUATING),
        ([(EVALUATE, RUNNING, NONE), (TRAIN, RUNNING, NONE)], None, ModelStatus.TRAINING),
        ([(EVALUATE, QUEUED, NONE), (TRAIN, RUNNING, NONE)], None, ModelStatus.TRAINING),
        ([(TRAIN, RUNNING, Wish.PAUSE)], None, ModelStatus.STOPPING),
        ([(TRAIN, RUNNING, Wish.CANCEL), (EVALUATE, RUNNING, NONE)], None, ModelStatus.STOPPING),
        ([(TRAIN, PAUSED, NONE)], JobState.FAILED, ModelStatus.PAUSED),
        ([(TRAIN, PAUSED, NONE), (EVALUATE, QUEUED, NONE)], None, ModelStatus.QUEUED),
    ],
)
def test_a_models_status_follows_from_its_jobs(
    unfinished: list[tuple[JobKind, JobState, Wish]], last_training: JobState | None, status: ModelStatus
) -> None:
    assert model_status(unfinished, last_training) is status


def test_every_transition_has_an_event_name() -> None:
    assert {event.value for event in JobEvent} <= {name.value for name in EventName}
    assert {f"WISH_{wish.value}" for wish in Wish if wish is not NONE} <= {name.value for name in EventName}


@settings(deadline=None, derandomize=True)
@given(st.text().filter(lambda text: "\x00" not in text), st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_page_token_reads_back(text: str, number: int) -> None:
    assert decode_token(encode_token(text, number), str, int) == [text, number]


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_other_text_is_no_page_token(text: str) -> None:
    with pytest.raises(SpecError):
        decode_token(text, str, int)


@pytest.mark.parametrize("value", [2**63, True, None, "\x00"], ids=["large", "bool", "none", "nul"])
def test_a_forged_page_token_is_refused(value: int | str | None) -> None:
    with pytest.raises(SpecError):
        decode_token(encode_token(value), (int, str))  # type: ignore[arg-type]  # forged


def test_a_new_id_is_an_id_and_is_new() -> None:
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    for identifier in ids:
        check_id("job", identifier)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff."], ids=ascii)
def test_text_that_a_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python(text)


def test_the_head_is_the_newest_revision_and_the_history_is_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    assert script.get_heads() == [HEAD]
    assert all(not revision.is_branch_point for revision in script.walk_revisions())
