"""Every rule that a finding can have is explained, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deepracer_local.reward import FindingKind
from tests.corpus.cases import load_cases
from tests.unit.reward.test_preview import preview, rules

DOCS = Path(__file__).parents[3] / "docs" / "reward_functions.md"
ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| `([a-z-]+)` \| (.*) \|", re.MULTILINE)
IN_THE_PREVIEW = re.compile(r"^\| `WARNING` \| `([a-z-]+)` \| in the preview: .* \| `(return .*)` \|", re.MULTILINE)

TEXT = DOCS.read_text(encoding="utf-8")


def documented() -> dict[str, set[str]]:
    return {rule: set(re.findall(r"[A-Z_]+", kinds)) for kinds, rule, _ in ROW.findall(TEXT)}


def test_the_corpus_shows_every_documented_rule_of_the_check_and_no_other() -> None:
    shown: dict[str, set[str]] = {}
    for verdict in (verdict for case in load_cases("good", "odd", "hostile") for verdict in case.findings):
        if verdict.rule is not None and verdict.kind is not None:
            shown.setdefault(verdict.rule, set()).add(verdict.kind)

    every = documented()

    assert set(every) - {rule for rule, _ in IN_THE_PREVIEW.findall(TEXT)} == set(shown)
    assert all(shown[rule] <= every[rule] for rule in shown)
    assert set().union(*every.values()) == set(FindingKind)


@pytest.mark.parametrize(("rule", "body"), IN_THE_PREVIEW.findall(TEXT))
def test_what_only_the_preview_finds_is_found_in_the_documented_example(rule: str, body: str) -> None:
    assert rules(preview(body)) == {rule}
