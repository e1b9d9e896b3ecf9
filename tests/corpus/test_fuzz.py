"""A short fuzz run; ``make fuzz`` is the long one."""

from __future__ import annotations

import ast
import random

from tests.corpus.fuzz import mutations, run
from tests.corpus.mutations import mutated
from tests.corpus.watch import Watch

N_MUTATIONS = 200
SEED = 20


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def test_no_mutation_breaks_the_check_or_holds_it_up(watch: Watch) -> None:
    faults = [(one.fault, one.text) for one in run(N_MUTATIONS, SEED) if one.fault is not None]

    assert faults == []
    watch.require_no_process()
    watch.require_untouched()


def test_mutations_differ_and_a_good_part_of_them_is_python() -> None:
    texts = list(mutations(300, SEED))

    assert len(set(texts)) > 280
    assert texts == list(mutations(300, SEED))
    assert 0.15 < sum(map(parses, texts)) / len(texts) < 0.85


def test_a_mutation_changes_tokens_and_leaves_the_rest() -> None:
    text = "def reward_function(params):\n    return 1.0 + params['x']  # sound\n"

    changed = [mutated(text, random.Random(i)) for i in range(50)]

    assert all(it != text for it in changed[:1])
    assert sum("reward_function" in it for it in changed) > 25
