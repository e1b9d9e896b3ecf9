"""Names in archives: which are safe, and which stand for a file that is looked at. Loaded in the child."""

from __future__ import annotations

import re
import unicodedata

from deepracer_local.interop._refusal import (
    MAX_DEPTH,
    MAX_NAME_BYTES,
    MAX_ROWS_BYTES,
    MAX_TEXT_BYTES,
    RefusedError,
)

POLICY = re.compile(r"(?:.*/)?checkpoints/(?P<checkpoint>[0-9]{1,15})/policy\.safetensors")
GRAPH = re.compile(r"(?:.*/)?(?P<file>[^/]+)\.pb")
INDEX = re.compile(r"(?P<root>(?:.*/)?)checkpoints/index\.json")
_TEXTS = re.compile(
    r"(?:.*/)?(?:spec\.json|checkpoints/index\.json|checkpoints/[0-9]{1,15}/model\.json|track/[A-Za-z0-9_-]{1,64}/"
    r"track\.json|reward_function\.py|model_metadata\.json|hyperparameters\.json|training_params(?:_[0-9]+)?\.yaml|"
    r"evaluation_params\.yaml|eval_params\.yaml|deepracer_checkpoints\.json)"
)
_ROWS = re.compile(r"(?:.*/)?(?:track/[A-Za-z0-9_-]{1,64}/rows\.csv|metrics\.jsonl)")
_LITTER = re.compile(r"(?:.*/)?(?:\._[^/]*|\.DS_Store|__MACOSX(?:/.*)?|Thumbs\.db)")
_CODE = re.compile(r".*\.(?:pkl|pickle|pth|pt|joblib|npz|npy|zip|tar|tgz|gz|bz2|xz|7z|h5|hdf5|keras|onnx|so|dll)")
_DRIVE = re.compile(r"[A-Za-z]:")


def check_name(raw: bytes) -> str:
    """Returns the name of a member: a relative path of plain parts; the slash after a folder is cut off.

    Raises:
        RefusedError: it could mean another place, or two things to two programs.
    """
    name = raw.decode("utf-8", "backslashreplace")
    if len(raw) > MAX_NAME_BYTES:
        raise RefusedError(name, f"expected a name of at most {MAX_NAME_BYTES} bytes, got {len(raw)}")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError(name, "expected a name in UTF-8, got other bytes") from None
    if not name.isprintable() or "\\" in name or "%" in name:
        raise RefusedError(name, "expected a plain name, got control characters, a backslash or a percent sign in it")
    if name.startswith("/") or _DRIVE.match(name):
        raise RefusedError(name, "expected a relative name, got an absolute one")
    parts = name.removeprefix("./").removesuffix("/").split("/")
    if any(part in {"", ".", ".."} for part in parts) and name not in {".", "./"}:
        raise RefusedError(name, "expected a name without empty parts, '.' and '..'")
    if len(parts) > MAX_DEPTH:
        raise RefusedError(name, f"expected at most {MAX_DEPTH} folders within each other, got {len(parts)}")
    return "/".join(parts)


class SeenNames:
    """The names of one archive; no two may be one file on some disk."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, name: str) -> None:
        """Notes a file's name.

        Raises:
            RefusedError: it came before, perhaps in other letters.
        """
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if folded in self._seen:
            raise RefusedError(name, "expected each name once, got it twice (letters' case and accents aside)")
        self._seen.add(folded)


def text_cap(name: str) -> int | None:
    """Returns how many bytes of this file are read as text; None where it is none of ours."""
    if _TEXTS.fullmatch(name):
        return MAX_TEXT_BYTES
    return MAX_ROWS_BYTES if _ROWS.fullmatch(name) else None


def is_weights(name: str) -> bool:
    """Tells whether this may be the weights of a network."""
    return bool(POLICY.fullmatch(name) or GRAPH.fullmatch(name))


def is_wanted(name: str) -> bool:
    """Tells whether this file is looked at."""
    return text_cap(name) is not None or is_weights(name)


def is_litter(name: str) -> bool:
    """Tells whether a file manager left this behind."""
    return _LITTER.fullmatch(name) is not None


def refuse_code(name: str, head: bytes) -> None:
    """Refuses what other programs would run or unpack in their turn, by its name and its first bytes.

    Raises:
        RefusedError: it is a pickle, an archive, or a format that can hold code.
    """
    if _CODE.fullmatch(name.lower()):
        raise RefusedError(
            name,
            "expected no pickles, no archives within the archive and no formats that can hold code. Weights are read "
            "from policy.safetensors and model.pb alone",
        )
    is_one = head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"))
    if is_one and ".ckpt" not in name and not is_weights(name):
        raise RefusedError(name, "expected no pickles and no archives within the archive, but it begins like one")
