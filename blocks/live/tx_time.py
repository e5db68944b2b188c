"""When a burst is to leave: ``tx_time`` in the metadata of a frame, and the tag that sinks such as UHD's obey."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pmt

from semcom.blocks.errors import PduError

TxTime = tuple[int, float]
"""Whole seconds and fraction of a second of the radio's clock: a float has not digits enough for both."""

MAX_SECONDS = 2**62


def read_tx_time(meta: Mapping[str, Any]) -> TxTime | None:
    """``tx_time`` of a PDU: a tuple (whole seconds, fraction), as UHD's ``rx_time``, or a number of seconds; else None.

    Raises
    ------
    PduError
        It is neither, or lies before 0.
    """
    value = meta.get("tx_time")
    if value is None:
        return None
    pair = value if isinstance(value, tuple) and len(value) == 2 else (0, value)
    numbers = all(isinstance(part, int | float) and not isinstance(part, bool) for part in pair)
    if not numbers or not all(math.isfinite(part) and 0 <= part < MAX_SECONDS for part in pair):
        raise PduError(f"tx_time must be seconds from 0 up, or (whole seconds, fraction), got {str(value)[:80]}")
    return _normal(*pair)


def tx_time_tag(time: TxTime, earlier_s: float) -> Any:
    """Value of the tag ``tx_time``: a tuple of uint64 and double.

    Parameters
    ----------
    time : TxTime
    earlier_s : float
        How much earlier the tagged sample has to leave: the delay of filters between here and the radio.
    """
    whole, fraction = time
    whole, fraction = _normal(whole, fraction - earlier_s) if whole + fraction >= earlier_s else (0, 0.0)
    return pmt.make_tuple(pmt.from_uint64(whole), pmt.from_double(fraction))


def _normal(whole: float, fraction: float) -> TxTime:
    seconds = math.floor(fraction)
    low = whole - math.floor(whole)  # whole seconds that are none
    if low:
        return _normal(math.floor(whole), fraction + low)
    return int(whole) + seconds, fraction - seconds
