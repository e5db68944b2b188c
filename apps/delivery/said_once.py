"""Words for a person, each kind of them once."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBERS = re.compile(r"-?\d[\d.,]*")


class SaidOnce:
    """Passes on what is new; what differs from earlier words in its numbers alone is not.

    Parameters
    ----------
    say : callable
        Given the words.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[str] = set()

    def __call__(self, words: str) -> None:
        kind = _NUMBERS.sub("", words)
        if words and kind not in self._said:
            self._said.add(kind)
            self._say(words)
