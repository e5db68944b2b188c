"""Time in which we ourselves were not looking: what was not heard meanwhile says nothing of the other end.

A thread that shares a processor, or Python's lock, with the loading of a network can stand still for seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_TURN_S = 1.0
"""Between two looks of a loop that goes round; what is longer is a pause."""


class OwnPauses:
    """Told at each look.

    Parameters
    ----------
    clock : callable
        Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._looked_at_s = clock, clock()

    def look(self) -> float:
        """Length of the pause that ends now, s; 0 where there was none."""
        now_s = self._clock()
        turn_s, self._looked_at_s = now_s - self._looked_at_s, now_s
        return turn_s if turn_s > LONGEST_TURN_S else 0.0
