"""Every rule that a finding can have is explained, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from deepracer_local.reward import FindingKind
from tests.corpus.cases import load_cases

DOCS = Path(__file__).parents[3] / "docs" / "reward_functions.md"
ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| `([a-z-]+)` \|", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    rows = ROW.findall(DOCS.read_text(encoding="utf-8"))
    return {rule: set(re.findall(r"[A-Z_]+", kinds)) for kinds, rule in rows}


def test_the_corpus_shows_every_documented_rule_and_no_other() -> None:
    shown: dict[str, set[str]] = {}
    for verdict in (verdict for case in load_cases("good", "odd", "hostile") for verdict in case.findings):
        if verdict.rule is not None and verdict.kind is not None:
            shown.setdefault(verdict.rule, set()).add(verdict.kind)

    rules = documented()

    assert set(rules) == set(shown)
    assert all(shown[rule] <= rules[rule] for rule in shown)
    assert set().union(*rules.values()) == set(FindingKind)
