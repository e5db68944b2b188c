"""When a sample was received: by the radio's time stamps, else by the computer's clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from typing import Any

RX_TIME, HOST = "rx_time", "host"
"""Where `utc` comes from: tags of a radio whose clock is set to the time of day; or the computer's clock when the first
samples came, which is late by what the driver holds."""

FIRST_TIME_OF_DAY_S = 1_000_000_000
"""In the year 2001: a radio's clock that says less counts from its own start."""

LAST_TIME_OF_DAY_S = 253_402_300_799
"""In the year 9999."""


@dataclass(frozen=True)
class TimeAnchor:
    """The time of one sample of a stream.

    Attributes
    ----------
    position : int
    full_s : int
    frac_s : float
        Together seconds, since 1970 in UTC where `source` is the host, else as the radio counts.
    source : str
        `RX_TIME` or `HOST`.
    """

    position: int
    full_s: int
    frac_s: float
    source: str = RX_TIME

    def time_of(self, position: int, sample_rate_hz: float) -> dict[str, Any]:
        """Metadata for another sample of the stream: rx_time_full_s, rx_time_frac_s, utc, utc_source; as far as known.

        Computed with whole numbers: an epoch time needs every bit.
        """
        seconds = self.full_s + Fraction(self.frac_s) + Fraction(position - self.position) / Fraction(sample_rate_hz)
        full_s = floor(seconds)
        stamp = {}
        if self.source == RX_TIME:
            stamp = {"rx_time_full_s": full_s, "rx_time_frac_s": float(seconds - full_s)}
        if FIRST_TIME_OF_DAY_S <= full_s <= LAST_TIME_OF_DAY_S:
            nanoseconds = floor((seconds - full_s) * 10**9)
            stamp["utc"] = f"{datetime.fromtimestamp(full_s, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
            stamp["utc_source"] = self.source
        return stamp


def host_anchor(position: int) -> TimeAnchor:
    """A sample that came just now."""
    full_s, nanoseconds = divmod(time.time_ns(), 10**9)
    return TimeAnchor(position, full_s, nanoseconds * 1e-9, HOST)
