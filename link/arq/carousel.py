"""One way, no reports: the same picture again and again, each time with other symbols, the important ones most often.

A receiver that starts in the middle, or loses this and that, needs any K symbols of a set, from whichever passes they
come: no two passes send the same symbol until all 256 have been sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semcom.link.errors import ItemError
from semcom.link.parity.item_set import MAX_SYMBOLS
from semcom.link.parity.set_plan import PlannedSet
from semcom.link.sender import OutgoingFrame

MAX_PASSES = 1000


class Carousel:
    """Frames of a plan, pass by pass.

    Parameters
    ----------
    plan : sequence of PlannedSet
        Most important first: the first set goes out in every pass, the second in every second one, the third in every
        fourth, and so on; all of them in the first.
    """

    def __init__(self, plan: Sequence[PlannedSet]) -> None:
        self._plan = list(plan)
        self._next_symbol = [0] * len(self._plan)

    def passes(self, number: int) -> Iterator[list[OutgoingFrame]]:
        """The frames of each of the next passes.

        Raises
        ------
        ItemError
            Fewer than one pass, or more than `MAX_PASSES`.
        """
        if not 1 <= number <= MAX_PASSES:
            raise ItemError(f"passes must be 1 to {MAX_PASSES}, got {number}")
        for turn in range(number):
            frames: list[OutgoingFrame] = []
            for rank, entry in enumerate(self._plan):
                if turn % 2**rank == 0:
                    frames += entry.frames(self._next_symbol[rank], entry.num_symbols)
                    self._next_symbol[rank] = (self._next_symbol[rank] + entry.num_symbols) % MAX_SYMBOLS
            yield frames
