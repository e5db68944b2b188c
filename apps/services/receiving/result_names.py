"""Names of results: by time and photo, safe on every file system, each once.

2026-11-29_03-15-07_street       first heard of at that time (UTC, this computer's clock), photo street.jpg
2026-11-29_03-15-07_street-2     another one of the same second and name
2026-11-29_03-15-07_0-7-3        its sender does not tell names: stream 0, group 7, picture 3
0-7-3                            of an earlier version
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from semcom.link import Scope

MAX_PHOTO_CHARACTERS = 40
_UNFIT = re.compile(r"[^\w.-]+")
_NUMBERS = re.compile(r"(\d{1,5})[-/](\d{1,5})[-/](\d{1,5})")
_RESULT = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_[\w.-]+")


def name_of(scope: Scope) -> str:
    """A picture's numbers, as `semcom ask --picture` takes them."""
    return f"{scope.stream}-{scope.group}-{scope.picture}"


def scope_in(name: str) -> Scope | None:
    """The numbers in such a name; None where it is another."""
    match = _NUMBERS.fullmatch(name)
    return Scope(*map(int, match.groups())) if match else None


def is_result_name(name: str) -> bool:
    """Whether a folder of that name may be a result of ours."""
    return bool(_RESULT.fullmatch(name)) or scope_in(name) is not None


def folder_name(heard_at_s: float, photo: str, scope: Scope, is_taken: Callable[[str], bool]) -> str:
    """The name for a new result.

    Parameters
    ----------
    heard_at_s : float
        Seconds since 1970.
    photo : str
        Name of its file as the sender told it, or empty. From outside: anything may be in it.
    scope : Scope
    is_taken : callable
        Whether a name is used.
    """
    stem = Path(unicodedata.normalize("NFC", photo)).stem
    called = _UNFIT.sub("_", stem).strip("._-")[:MAX_PHOTO_CHARACTERS] or name_of(scope)
    first = f"{datetime.fromtimestamp(heard_at_s, UTC):%Y-%m-%d_%H-%M-%S}_{called}"
    name, number = first, 1
    while is_taken(name):
        number += 1
        name = f"{first}-{number}"
    return name
