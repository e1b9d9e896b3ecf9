"""Mutated reward functions through the check: ``python -m tests.corpus.fuzz [--count=10000] [--seed=1]``.

No mutation may make the check raise or take longer than five seconds, and no process may be left. Prints progress and a
summary; ends with 1 where something was found, and with the text of what was found.
"""

from __future__ import annotations

import argparse
import collections
import logging
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Lock
from typing import NamedTuple

from deepracer_local.domain import RewardSamples
from deepracer_local.race import sample_reward
from deepracer_local.reward import check_reward, list_examples
from deepracer_local.track import builtin_tracks_dir, find_track
from tests.corpus.cases import load_cases
from tests.corpus.mutations import mutated
from tests.corpus.watch import adopting_orphans, descendants

LIMIT_S = 5.0
_PROGRESS_S = 10.0


class Tried(NamedTuple):
    """What came of one mutation."""

    number: int
    text: str
    verdict: str
    seconds: float
    fault: str | None
    """Why it is a find."""


def mutations(count: int, seed: int) -> Iterator[str]:
    """Yields mutations of the sound functions of the corpus and of the shipped examples."""
    dice = random.Random(seed)
    sources = [case.template.partition("\n\n")[2] for case in load_cases("good")]
    sources += [example.text for example in list_examples()]
    for _ in range(count):
        yield mutated(dice.choice(sources), dice)


def tried(number: int, text: str, samples: RewardSamples, parsing: AbstractContextManager[object]) -> Tried:
    """Returns what the check made of one text."""
    started_at = time.monotonic()
    fault = None
    verdict = "raised"
    try:
        report = check_reward(text, samples, parsing=parsing)
        verdict = str(report.findings[0].kind) if report.findings else "clean"
    except Exception as err:  # noqa: BLE001  # that is what is looked for
        fault = f"the check raised {type(err).__name__}: {err}"
    seconds = time.monotonic() - started_at
    if fault is None and seconds > LIMIT_S:
        fault = f"it took {seconds:.1f} s"
    return Tried(number, text, verdict, seconds, fault)


def run(count: int, seed: int, *, at_once: int = 2) -> Iterator[Tried]:
    """Yields what came of each mutation, in order."""
    samples = sample_reward(find_track("oval", [builtin_tracks_dir()]))
    parsing = Lock()
    with ThreadPoolExecutor(at_once) as pool:
        texts = mutations(count, seed)
        waiting: collections.deque[object] = collections.deque()
        for number, text in enumerate(texts):
            waiting.append(pool.submit(tried, number, text, samples, parsing))
            if len(waiting) >= 4 * at_once:
                yield waiting.popleft().result()  # type: ignore[attr-defined]
        while waiting:
            yield waiting.popleft().result()  # type: ignore[attr-defined]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.corpus.fuzz")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.getLogger("deepracer_local").addHandler(logging.NullHandler())  # notices are no news here
    verdicts: collections.Counter[str] = collections.Counter()
    finds: list[Tried] = []
    slowest = 0.0
    started_at = told_at = time.monotonic()
    with adopting_orphans():
        before = descendants()
        for one in run(arguments.count, arguments.seed):
            verdicts[one.verdict] += 1
            slowest = max(slowest, one.seconds)
            if one.fault is not None:
                finds.append(one)
                print(f"\nmutation {one.number} of seed {arguments.seed}: {one.fault}\n{one.text}\n", flush=True)
            if time.monotonic() - told_at > _PROGRESS_S:
                told_at = time.monotonic()
                print(f"{sum(verdicts.values())} of {arguments.count}, {len(finds)} finds", flush=True)
        left = descendants() - before
    minutes = (time.monotonic() - started_at) / 60.0
    counts = ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common())
    print(
        f"{arguments.count} mutations of seed {arguments.seed} in {minutes:.1f} min: {counts}; slowest {slowest:.2f} s"
    )
    print(f"{len(finds)} finds, {len(left)} processes left")
    return 1 if finds or left else 0


if __name__ == "__main__":
    sys.exit(main())
