"""What fuzzing knows of a parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parser:
    """A parser under test.

    Attributes
    ----------
    parse : callable
        Takes bytes.
    errors : type or tuple of types
        What it may raise.
    seeds : callable
        Gives good inputs.
    seal : callable
        Makes checksums right again after a mutation.
    """

    parse: Callable[[bytes], Any]
    errors: Any
    seeds: Callable[[], list[bytes]]
    seal: Callable[[bytes], bytes] = bytes
