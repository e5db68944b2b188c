"""How host tx sends pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TxSettings:
    """How pictures are sent.

    Attributes
    ----------
    patience_s : float
        How long a receipt is waited for after a frame has been heard.
    max_transmissions : int
        Of a frame that the receiving host reports as missing.
    until_done : bool
        End when all pictures have been sent.
    combine : bool
        What goes out again is combined at the receiver with what it has; else it goes in a more robust MCS.
    """

    patience_s: float = 10.0
    max_transmissions: int = 4
    until_done: bool = False
    combine: bool = True
