"""What the tags of a stream of samples say to a receiver: gaps, times, frequencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pmt
from gnuradio import gr

from semcom.blocks.burst_time import TimeAnchor, host_anchor
from semcom.blocks.stream_clock import StreamClock, read_time


@dataclass(frozen=True)
class Mark:
    """What tags say at this position of the stream.

    Attributes
    ----------
    position : int
    anew : bool
        Samples are missing in front of it, or the radio was tuned elsewhere: the receiver starts anew.
    anchor : TimeAnchor or None
        The time of this sample, where a tag says it.
    center_freq_hz : float or None
        From here on, where a tag says it.
    """

    position: int
    anew: bool
    anchor: TimeAnchor | None = None
    center_freq_hz: float | None = None


class StreamMarks:
    """Reads the `rx_time` and `rx_freq` tags of one stream.

    Parameters
    ----------
    sample_rate_hz : float
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._clock = StreamClock(sample_rate_hz)
        self._tuned_to: float | None = None
        self._rx_time, self._rx_freq = pmt.intern("rx_time"), pmt.intern("rx_freq")

    def reset(self) -> None:
        """A new stream starts."""
        self._clock.reset()
        self._tuned_to = None

    def of(self, first: int, count: int, tags: Iterable[gr.tag_t]) -> list[Mark]:
        """What tags say of the `count` samples from `first` on that changes something, in order."""
        marks = []
        if first == 0 and count:
            marks.append(Mark(0, False, host_anchor(0)))
        for tag in tags:
            if pmt.eqv(tag.key, self._rx_time):
                time = read_time(tag.value)
                jumps, is_first = self._clock.jumps(tag.offset, tag.value), not self._clock.has_told
                if jumps or (is_first and time):
                    self._clock.has_told = time is not None
                    marks.append(Mark(tag.offset, jumps, TimeAnchor(tag.offset, *time) if time else None))
            elif pmt.eqv(tag.key, self._rx_freq) and pmt.is_number(tag.value) and not pmt.is_complex(tag.value):
                freq_hz, before_hz = float(pmt.to_python(tag.value)), self._tuned_to
                if freq_hz != before_hz:
                    self._tuned_to = freq_hz
                    marks.append(Mark(tag.offset, before_hz is not None, center_freq_hz=freq_hz))
        return sorted(marks, key=lambda mark: mark.position)
