"""Token-level mutations of reward functions, the same ones for the same seed."""

from __future__ import annotations

import io
import keyword
import random
import tokenize

_FRAGMENTS = (
    *("0", "1", "-1", "1e308", "10**6", "None", "True", "''", "[]", "{}", "params", "float('nan')", "math.abs"),
    *("(", ")", "[", "]", ":", ",", ".", "=", "==", "+", "-", "*", "**", "/", "//", "%", "not", "lambda", "yield"),
    *("while True:", "for", "if", "else", "return", "def", "class", "import", "global", "del", "raise", "await"),
    *("\n", "\n    ", "\t", "#", "\\", "\0", "'", '"""', "ß", "\u202e", "print(", "reward_function", "@", "~", ":="),
)


def mutated(text: str, dice: random.Random) -> str:
    """Returns ``text`` with one to three tokens left out, doubled, swapped, replaced or put in.

    Most changes put a token where another of its kind stood, so that a good part is Python still.
    """
    tokens = _pieces(text)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
        words = [i for i, token in enumerate(tokens) if _kind(token) != "space"]
        i = dice.choice(words)
        same_kind = [j for j in words if _kind(tokens[j]) == _kind(tokens[i])]
        change = dice.randrange(12)
        if change < 6:
            tokens[i] = tokens[dice.choice(same_kind)]
        elif change < 8:
            j = dice.choice(same_kind)
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif change == 8:
            tokens[i] = ""
        elif change == 9:
            tokens[i] += " " + tokens[i]
        elif change == 10:
            tokens[i] = dice.choice(_FRAGMENTS)
        else:
            tokens.insert(i, f" {dice.choice(_FRAGMENTS)} ")
    return "".join(tokens)


def _kind(token: str) -> str:
    if not token or token[0].isspace():
        return "space"
    if token[0].isidentifier():
        return "word" if keyword.iskeyword(token) else "name"
    return "number" if token[0].isdigit() else "text" if token[0] in "'\"" else "sign"


def _pieces(text: str) -> list[str]:
    """Returns the tokens with the white space between them as pieces of their own; joined they are the text."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces, end = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start = starts[token.start[0] - 1] + token.start[1] if token.start[0] <= len(lines) else len(text)
        stop = starts[token.end[0] - 1] + token.end[1] if token.end[0] <= len(lines) else len(text)
        if stop > end:
            pieces += [text[end:start], text[start:stop]]
            end = stop
    return [piece for piece in [*pieces, text[end:]] if piece]
