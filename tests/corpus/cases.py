"""The corpus of reward functions: every file says in its first lines what is expected of it.

    # F51: what it is
    # check: KIND rule line "part of the message"     one for each finding, or: check: clean
    # train: fails line "part of the message"         or: train: runs, or: train: runs as control
    # steps: so many steps of the short training       where it needs another number

A line of ``-`` stands for none, ``*`` for any, ``~7`` for 7 or none: who is out of time may not get to say where.
``@CANARY_FILE@`` and ``@WRITABLE@`` in the text become a file with a secret and a folder that the tests watch. What is
too large or too odd for a file is in ``made``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.made import MADE

ROOT = Path(__file__).parent
FOLDERS = ("good", "odd", "hostile")
N_STEPS = 40

_HEADER = re.compile(r"# (check|train|steps): (.*)")
_VERDICT = re.compile(r"(\S+) (\S+) (\S+) \"(.*)\"")
_FAILS = re.compile(r"fails (\S+) \"(.*)\"")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one finding, or the end of a training, is expected to be; None matches anything."""

    kind: str | None
    rule: str | None
    line: str
    word: str

    def _or_none(self) -> str:
        return self.line if self.line.startswith("~") else "-"

    def fits(self, kind: str, rule: str, line: int | None, message: str) -> bool:
        return (
            self.kind in {None, kind}
            and self.rule in {None, rule}
            and self.line in ({"*", f"~{line}", str(line)} if line is not None else {"*", "-", self._or_none()})
            and self.word in message
        )


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    template: str
    """Of the whole file."""
    findings: tuple[Verdict, ...]
    failure: Verdict | None
    """Of the short training; None where it runs."""
    is_control: bool
    """Whether the training must go exactly as with an honest function."""
    n_steps: int

    def text(self, *, canary_file: Path, writable: Path) -> str:
        return self.template.replace("@CANARY_FILE@", str(canary_file)).replace("@WRITABLE@", str(writable))


def load_cases(*folders: str) -> list[Case]:
    """Returns the corpus, or some of its folders, sorted by name."""
    cases = [_case(path.stem, path.read_text(encoding="utf-8")) for folder in folders for path in files(folder)]
    if "odd" in folders:
        cases += [_case(name, make()) for name, make in MADE.items()]
    return sorted(cases, key=lambda case: case.name)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).glob("*.py"))


def _case(name: str, template: str) -> Case:
    lines = template.lstrip("\ufeff").splitlines()[:12]
    found = [match.groups() for line in lines if (match := _HEADER.match(line))]
    header = {"check": [], "train": [], "steps": []} | {key: [v for k, v in found if k == key] for key, _ in found}
    [train] = header["train"]
    findings = tuple(_verdict(text) for text in header["check"] if text != "clean")
    assert header["check"], name
    failure = None
    if (match := _FAILS.fullmatch(train)) is not None:
        failure = Verdict(None, None, match[1], match[2])
    else:
        assert train in {"runs", "runs as control"}, (name, train)
    n_steps = int(header["steps"][0]) if header["steps"] else N_STEPS
    return Case(name, lines[0].removeprefix("# "), template, findings, failure, train.endswith("control"), n_steps)


def _verdict(text: str) -> Verdict:
    match = _VERDICT.fullmatch(text)
    assert match is not None, text
    kind, rule, line, word = match.groups()
    return Verdict(None if kind == "*" else kind, None if rule == "*" else rule, line, word)
