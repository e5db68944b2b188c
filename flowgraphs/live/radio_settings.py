"""What a `LiveRadio` is to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LiveSettings:
    """What a radio is to do.

    Attributes
    ----------
    transmits, receives : bool
        At least one of them.
    source : int
        Number that our bursts carry, 0 to 255; bursts of this number are not given out.
    hears_itself : bool
        They are given out: what is sent here is received here, over a cable or inside the device.
    give_up_s : float
        How long a lost radio is waited for.
    senses_band : bool
        Listen whether there is a signal in the band, by its power.
    with_taps : bool
        Of a radio that receives: whether the spectrum is seen, and samples can be recorded.
    """

    transmits: bool = True
    receives: bool = True
    source: int = 0
    hears_itself: bool = False
    give_up_s: float = 86400.0
    senses_band: bool = False
    with_taps: bool = False
