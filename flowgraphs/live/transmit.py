"""Frames to a real radio.

frames ─ burst_modulator ═ interpolating filter ═ oscillator offset ═ radio sink        (═: C++, complex64)
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pmt
from gnuradio import gr

from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.errors import FlowgraphTimeoutError, RadioLostError
from semcom.flowgraphs.loopback.frame_feed import FrameFeed
from semcom.flowgraphs.loopback.headless import collector
from semcom.flowgraphs.loopback.result import SentBurst
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.flowgraphs.radios.chains import TransmitChain
from semcom.flowgraphs.radios.ptt import Ptt
from semcom.flowgraphs.radios.stream_events import StreamEvents
from semcom.sdr_configs.real_radio import RealRadio

LOST_AFTER_S = 5.0
"""A sink that takes no samples for so long is lost."""

IDLE_S = 0.5
"""One that has taken none for so long when time is up was not merely slow."""


@dataclass(frozen=True)
class Transmission:
    """What was sent.

    Attributes
    ----------
    sent_bursts : tuple of SentBurst
    nominal_rate_hz : float
    events : Counter
        Underruns and the like that driver or device reported.
    differences : list of str
        Settings that the device runs with otherwise than asked.
    """

    sent_bursts: tuple[SentBurst, ...]
    nominal_rate_hz: float
    events: Counter[str]
    differences: list[str]

    @property
    def channel_uses(self) -> int:
        """Samples on air at the nominal rate."""
        return sum(burst.channel_uses for burst in self.sent_bursts)

    @property
    def airtime_s(self) -> float:
        return self.channel_uses / self.nominal_rate_hz


class TransmitTopBlock(gr.top_block):
    """Modulator, filters, radio.

    Parameters
    ----------
    radio : RealRadio
    max_blocks_per_burst : int
        Consecutive frames of equal length and mode that may share a burst.
    """

    def __init__(self, radio: RealRadio, max_blocks_per_burst: int = 8):
        gr.top_block.__init__(self, "semcom transmit", catch_exceptions=True)
        chain = TransmitChain(radio, max_blocks_per_burst)
        self.ratio, self.radio, self.modulator, self._chain = chain.ratio, chain.radio, chain.modulator, chain.blocks
        self.sent_bursts = collector("sent bursts")
        self.connect(*self._chain)
        self.msg_connect(self.modulator, "statistics", self.sent_bursts, "in")

    def post(self, message: Any) -> None:
        """Hand the modulator a message: a frame as a PDU, or the end."""
        self.modulator.gateway._post(pmt.intern("frames"), message)

    def close_radio(self, bursts: Sequence[SentBurst] = ()) -> None:
        """Give the device back, after the flowgraph has stopped."""
        if self.radio.annotate is not None:
            for burst in bursts:
                self.radio.annotate(burst.start_sample * self.ratio, burst.channel_uses * self.ratio, burst.mcs)
        self.disconnect_all()
        self._chain.clear()
        self.radio.close()


def run_transmit(
    radio: RealRadio,
    frames: Sequence[tuple[bytes, str]],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    max_blocks_per_burst: int = 8,
    timeout_s: float = 3600.0,
) -> Transmission:
    """Send frames and wait until the last sample is with the device.

    Raises
    ------
    RadioError
        The radio is not there, refuses a setting, or was lost.
    ConfigurationError
        A mode that does not exist, a frame that fits no burst.
    FlowgraphTimeoutError
    """
    with StreamEvents() as events:
        top_block = TransmitTopBlock(radio, max_blocks_per_burst)
        feed = FrameFeed(top_block.modulator, frames, progress)
        watch = _TakesSamples(top_block.modulator, top_block.radio.taken_by)

        def meanwhile() -> None:
            feed()
            watch()

        try:
            with Ptt(radio):
                run_to_end(top_block, timeout_s, meanwhile)
        except FlowgraphTimeoutError:
            watch.refuse_if_idle()
            sent = top_block.modulator.counts["frames"] - len(top_block.modulator.queue)
            raise FlowgraphTimeoutError(
                f"sending must end within timeout_s ({timeout_s:g} s), {sent} of {len(frames)} frames were out by then"
            ) from None
        finally:
            bursts = tuple(SentBurst(**read_pdu(message)[0]) for message in top_block.sent_bursts.messages)
            top_block.close_radio(bursts)
        if not top_block.modulator.everything_sent:
            raise RadioLostError("radio must take samples until the end, it stopped before the last burst was out")
        return Transmission(
            bursts,
            top_block.modulator.waveform.nominal_rate_hz,
            events.counts,
            top_block.radio.differences,
        )


class _TakesSamples:
    """Notices a sink that takes nothing any more."""

    def __init__(self, block: Any, taken_by: str):
        self._block, self._taken_by = block, taken_by
        self._taken, self._since = 0, time.monotonic()

    def __call__(self) -> None:
        taken = self._block.nitems_written(0)
        if taken != self._taken or self._block.everything_sent:
            self._taken, self._since = taken, time.monotonic()
        else:
            self._refuse_after(LOST_AFTER_S)

    def refuse_if_idle(self) -> None:
        """Where time is up: whether that is because nothing was taken."""
        if not self._block.everything_sent:
            self._refuse_after(IDLE_S)

    def _refuse_after(self, limit_s: float) -> None:
        idle_s = time.monotonic() - self._since
        if idle_s > limit_s:
            raise RadioLostError(f"radio must take samples, it took none for {idle_s:.0f} s: {self._taken_by}")
