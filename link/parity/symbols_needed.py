"""How many symbols to send so that enough of them arrive."""

from __future__ import annotations

from math import comb

from semcom.link.parity.item_set import MAX_SYMBOLS


def symbols_needed(num_source: int, frame_loss: float, delivery: float) -> int | None:
    """Symbols to send so that ``num_source`` of them arrive with probability ``delivery``; None: there are too few.

    Each is lost with probability ``frame_loss``, independently.
    """
    if frame_loss == 0:
        return num_source
    for number in range(num_source, MAX_SYMBOLS + 1):
        failing = sum(
            comb(number, came) * (1 - frame_loss) ** came * frame_loss ** (number - came) for came in range(num_source)
        )
        if 1 - failing >= delivery:
            return number
    return None
