"""What a reward function may import: loaded before the wall stands, since no file can be opened behind it.

This file is loaded in the child too: nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import re
import sys
from collections.abc import Iterable

STANDARD = (
    *("abc", "array", "ast", "bisect", "builtins", "calendar", "cmath", "codecs", "collections", "collections.abc"),
    *("contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools"),
    *("gc", "hashlib", "heapq", "inspect", "io", "itertools", "json", "keyword", "linecache", "logging", "marshal"),
    *("math", "numbers", "operator", "os", "os.path", "pathlib", "pickle", "pprint", "queue", "random", "re"),
    *("reprlib", "secrets", "shutil", "signal", "statistics", "string", "struct", "sys", "tempfile", "textwrap"),
    *("threading", "time", "timeit", "tokenize", "traceback", "types", "typing", "unicodedata", "uuid", "warnings"),
    *("weakref", "zlib", "_strptime", "__future__", "encodings.ascii", "encodings.latin_1", "encodings.utf_8"),
    *("encodings.idna", "encodings.utf_16"),
)
"""Modules of the standard library that are always there. Being here is no danger: the wall decides what they can do."""

NUMERIC = (
    *("numpy", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random"),
    *("numpy.lib.stride_tricks", "numpy.ctypeslib"),
)
"""Always there too."""

ON_DEMAND = {
    "scipy": (
        *("cluster", "constants", "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal"),
        *("sparse", "spatial", "special", "stats"),
    ),
    "shapely": (
        *("affinity", "algorithms", "coords", "errors", "geometry", "linear", "measurement", "ops"),
        *("predicates", "prepared", "set_operations", "strtree", "validation", "wkb", "wkt"),
    ),
}
"""Packages that take long to load, and their modules: each is loaded where its name stands in the user's text."""

_WORD = re.compile(r"[A-Za-z_]\w*")


def load_always() -> None:
    """Imports what every reward function may use."""
    _load(STANDARD)
    _load(NUMERIC)


def load_named(text: str) -> bool:
    """Imports the large packages that ``text`` names; returns whether it named any."""
    words = set(_WORD.findall(text))
    wanted = [package for package in ON_DEMAND if package in words]
    for package in wanted:
        _load((package,))
        _load(f"{package}.{module}" for module in ON_DEMAND[package] if module in words)
    return bool(wanted)


def seed_generators(seed: int) -> None:
    """Makes what the function draws by chance the same for the same seed, as all of a training is."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


def _load(names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):  # not installed: the user's own import will say so
            importlib.import_module(name)
