"""Do the time stamps of a radio agree with the number of samples it delivered?"""

from __future__ import annotations

import pmt

_TOLERANCE_SAMPLES = 0.5


class StreamClock:
    """Compares `rx_time` tags, as UHD makes them at the start and after each overflow, with the samples between them.

    Parameters
    ----------
    sample_rate_hz : float
        Of the stream the tags come with.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        self.reset()

    def reset(self) -> None:
        """Forget the last tag: a new stream starts."""
        self.has_told = False
        """Whether a time was read since; kept by who asks."""
        self._last: tuple[int, int, float] | None = None

    def jumps(self, position: int, value: pmt.pmt_base) -> bool:
        """Whether samples are missing in front of `position`, where a tag says it is `value` (whole, fraction, s).

        A value that is no time counts as a jump: whatever made it knows of an event we do not.
        """
        time = read_time(value)
        last, self._last = self._last, (position, *time) if time else None
        if time is None:
            return position > 0
        if last is None:
            return False
        passed_s = (time[0] - last[1]) + (time[1] - last[2])  # whole and fraction apart: epoch times need every bit
        return abs(passed_s * self._rate_hz - (position - last[0])) > _TOLERANCE_SAMPLES


def read_time(value: pmt.pmt_base) -> tuple[int, float] | None:
    """Whole seconds and fraction of a tag's value, or None where it is no time."""
    if not pmt.is_tuple(value) or pmt.length(value) < 2:
        return None
    whole, fraction = pmt.tuple_ref(value, 0), pmt.tuple_ref(value, 1)
    if not (pmt.is_integer(whole) or pmt.is_uint64(whole)) or not pmt.is_real(fraction):
        return None
    return int(pmt.to_python(whole)), float(pmt.to_python(fraction))
