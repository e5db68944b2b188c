"""The pieces of one item as they come."""

from __future__ import annotations

from dataclasses import dataclass, field

from semcom.link.frame import Frame

CAME_IN_SET = 0
"""Number of pieces of an item that came as part of a set: however it is cut elsewhere, it is the same item."""


@dataclass(slots=True)
class PieceAssembly:
    """The pieces of one item; ``pieces`` is emptied once the item is out."""

    num_pieces: int
    check: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    num_bytes: int = 0
    damaged: bool = False
    """It came as soft values."""
    done: bool = False

    def fits(self, frame: Frame) -> bool:
        """Same item? Of one that came as soft values nothing is known to compare."""
        same_cut = self.num_pieces in (frame.num_pieces, CAME_IN_SET)
        return self.damaged or (same_cut and frame.item_check == self.check)

    @property
    def missing(self) -> int:
        return 0 if self.done else self.num_pieces - len(self.pieces)
