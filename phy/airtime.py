"""Channel uses of a number of frames: the function by which a transmission is planned."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from semcom.phy.burst_layout import burst_layout, channel_uses
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform

Airtime = Callable[[str, int, int], int]


def airtime_function(waveform: Waveform, max_blocks_per_burst: int = 8) -> Airtime:
    """A function (mcs, number of frames, bytes of each) → channel uses of the bursts they fill, gaps not counted.

    It raises `ConfigurationError` where one frame does not fit a burst.
    """

    @cache
    def fitting(mcs: str, frame_bytes: int) -> int:
        """Largest number of frames in one burst."""
        chosen = find_mcs(mcs)
        burst_layout(waveform, chosen, 1, frame_bytes)
        count = 1
        while count < max_blocks_per_burst:
            try:
                burst_layout(waveform, chosen, count + 1, frame_bytes)
            except ConfigurationError:
                break
            count += 1
        return count

    @cache
    def airtime(mcs: str, num_frames: int, frame_bytes: int) -> int:
        if num_frames == 0:
            return 0
        bursts, rest = divmod(num_frames, fitting(mcs, frame_bytes))
        chosen, total = find_mcs(mcs), 0
        if bursts:
            total += bursts * channel_uses(waveform, chosen, fitting(mcs, frame_bytes), frame_bytes)
        if rest:
            total += channel_uses(waveform, chosen, rest, frame_bytes)
        return total

    return airtime
