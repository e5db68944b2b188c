"""What is refused is named in the log and counted; a flood of it does not flood the log."""

from __future__ import annotations

import logging
from collections import Counter

_ALL_UP_TO = 8


class Refusals:
    """Counts refusals by cause as ``refused`` and ``refused_CAUSE``; logs the first ones, then the 16th, 32nd, 64th ...

    Parameters
    ----------
    log : logging.Logger
    counts : Counter
        Where to count.
    """

    def __init__(self, log: logging.Logger, counts: Counter[str]) -> None:
        self._log, self._counts = log, counts

    def note(self, cause: str, reason: str) -> None:
        """One more. Control characters of the reason are escaped."""
        name = f"refused_{cause}"
        self._counts["refused"] += 1
        self._counts[name] += 1
        times = self._counts[name]
        if times <= _ALL_UP_TO or times & (times - 1) == 0:
            shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in reason)
            self._log.warning("refused (%d so far): %s", times, shown)
