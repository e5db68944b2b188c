"""``models.lock``: the revision of each model that was brought, and the SHA-256 of each of its files."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from semcom.semantic.errors import ModelError

FILE = "models.lock"
MAX_BYTES = 1 << 20
_REVISION, _HASH = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Locked:
    """One model as it was brought.

    Attributes
    ----------
    repository : str
    revision : str
        40 hexadecimal digits.
    files : dict of str to str
        Path below the model's folder → SHA-256, 64 hexadecimal digits.
    """

    repository: str
    revision: str
    files: dict[str, str]


def read_lock(path: Path) -> dict[str, Locked]:
    """Models by name; none where the file is not there.

    Raises
    ------
    ModelError
        It is no such file.
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > MAX_BYTES:
        raise ModelError(f"{path} must have at most {MAX_BYTES} bytes, got {path.stat().st_size}")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        found = {name: Locked(**values) for name, values in read.items()}
        for one in found.values():
            hashes = one.files.values()
            if not _REVISION.fullmatch(one.revision) or not all(map(_HASH.fullmatch, hashes)):
                raise ValueError("revisions and hashes must be hexadecimal")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path} is no list of locked models ({' '.join(str(error).split())[:120]})") from None
    return found


def write_lock(path: Path, locked: dict[str, Locked]) -> None:
    """The file, whole or not at all."""
    values = {name: vars(one) for name, one in sorted(locked.items())}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def hash_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_files(name: str, folder: Path, locked: Locked) -> None:
    """Compare the files of a model with its lock.

    Raises
    ------
    ModelError
        One is missing or another: in one sentence, with both hashes.
    """
    for relative, wanted in locked.files.items():
        path = folder / relative
        if not path.is_file():
            raise ModelError(f"model {name}: {path} is missing; to get it: semcom models get {name}")
        found = hash_of(path)
        if found != wanted:
            raise ModelError(f"model {name}: SHA-256 of {path} must be {wanted[:16]}…, as locked, got {found[:16]}…")
