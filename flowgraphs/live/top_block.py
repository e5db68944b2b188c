"""A real radio that transmits, receives, or both, in one flowgraph that goes on.

post ─ modulator ═ filters ═ sink          source ═ filters ═ receiver ─ hear
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gnuradio import gr

from semcom.blocks import burst_modulator
from semcom.flowgraphs.live.blocks import listener, live_modulator, read_event
from semcom.flowgraphs.live.frames_out import FrameOut
from semcom.flowgraphs.live.receive import LOST_AFTER_S as RX_LOST_AFTER_S
from semcom.flowgraphs.live.transmit import LOST_AFTER_S as TX_LOST_AFTER_S
from semcom.flowgraphs.loopback.frame_feed import post_frame
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame, SentBurst
from semcom.flowgraphs.radios import RadioEndpoint
from semcom.flowgraphs.radios.chains import HANG_SAMPLES, ReceiveChain, TransmitChain
from semcom.phy.transport_block import NUM_PROCESSES
from semcom.sdr_configs.real_radio import RealRadio


class LiveTopBlock(gr.top_block):
    """One stretch of work with a radio, from opening it until it is lost or given back.

    Parameters
    ----------
    radio : RealRadio
    transmits, receives : bool
        At least one of them.
    source : int
        Number that our bursts carry.
    hears_itself : bool
        Give out our own bursts, too.
    hear : callable
        Given what happens, from a thread of GNU Radio.
    """

    def __init__(
        self,
        radio: RealRadio,
        transmits: bool,
        receives: bool,
        source: int,
        hears_itself: bool,
        hear: Callable[[SentBurst | ReceivedFrame | BurstStatistics], None],
    ):
        gr.top_block.__init__(self, "semcom radio", catch_exceptions=True)
        self._source, self._posted = source, 0
        # One listener for all: from several, what came first could be heard last.
        self._listener = listener("live radio", self._on_message)
        self._hear = hear
        self.outward = TransmitChain(radio, make_modulator=_modulator_of) if transmits else None
        self.inward = None
        try:
            self.inward = ReceiveChain(radio) if receives else None
            if self.outward is not None:
                self.connect(*self.outward.blocks)
                self.msg_connect(self.outward.modulator, "statistics", self._listener, "in")
            if self.inward is not None:
                self.connect(*self.inward.blocks)
                for port in ("frames", "failed", "statistics"):
                    self.msg_connect(self.inward.receiver, port, self._listener, "in")
                if transmits and not hears_itself:
                    self.inward.receiver.ignore_source(source)
        except BaseException:
            self.close_radio()
            raise
        for endpoint in self.endpoints:
            if hasattr(endpoint.block, "set_log_level"):
                endpoint.block.set_log_level("error")  # a lost device is warned of thousands of times
        self._watches = self._make_watches()
        self._socket_watch = self._watch_of_sink() if self.outward and not self.outward.radio.endless else None

    @property
    def endpoints(self) -> list[RadioEndpoint]:
        return [chain.radio for chain in (self.outward, self.inward) if chain is not None]

    @property
    def samples_taken(self) -> int:
        """Samples of the modulator that are out, those in our filters not counted."""
        return max(0, self.outward.samples_taken - HANG_SAMPLES) if self.outward else 0

    def post(self, frame: FrameOut) -> None:
        """A frame to the modulator. Each names our number, so that we know our own bursts."""
        numbers = {"process": self._posted % NUM_PROCESSES, "source": self._source, **(frame.repeat or {})}
        self._posted += 1
        post_frame(self.outward.modulator, frame.data, frame.mcs, numbers)

    def lost(self, sending: bool) -> str:
        """In which way the radio is lost, or nothing. To be asked again and again.

        Parameters
        ----------
        sending : bool
            Whether there is something that it should send.
        """
        for watch in self._watches:
            if words := watch(sending):
                return words
        return ""

    def waits(self, sending: bool) -> str:
        """What a socket waits for that takes no samples while there are some, or nothing. To be asked as `lost`."""
        words = self._socket_watch(sending) if self._socket_watch else ""
        return f"{words}: {self.outward.radio.taken_by}" if words else ""

    def close_radio(self) -> None:
        """Give the device back, after the flowgraph has stopped."""
        self._watches, self._socket_watch = [], None
        self.disconnect_all()
        if self.inward is not None:
            self.inward.receiver.close()
        for chain in filter(None, (self.outward, self.inward)):
            chain.blocks.clear()
            chain.radio.close()

    def _on_message(self, message: Any) -> None:
        event = read_event(message)
        if isinstance(event, SentBurst) and (annotate := self.outward.radio.annotate):
            ratio = self.outward.ratio
            annotate(event.start_sample * ratio, event.channel_uses * ratio, event.mcs)
        self._hear(event)

    def _make_watches(self) -> list[Callable[[bool], str]]:
        watches: list[Callable[[bool], str]] = []
        if self.outward is not None and self.outward.radio.endless:
            watches.append(self._watch_of_sink())
        if self.inward is not None and self.inward.radio.endless:
            inward = self.inward
            watches.append(
                _Standstill(
                    "no samples come",
                    RX_LOST_AFTER_S,
                    lambda: inward.num_samples,
                    lambda sending: not inward.receiver.is_behind,
                )
            )
        return watches

    def _watch_of_sink(self) -> _Standstill:
        outward = self.outward
        return _Standstill(
            "it takes no samples",
            TX_LOST_AFTER_S,
            lambda: outward.modulator.nitems_written(0),
            lambda sending: sending or (outward.radio.endless and not outward.radio.bursty),
        )


class _Standstill:
    """Notices that a count stands still where it should not."""

    def __init__(self, words: str, limit_s: float, count: Callable[[], int], should_move: Callable[[bool], bool]):
        self._words, self._limit_s, self._count, self._should_move = words, limit_s, count, should_move
        self._last, self._since_s = -1, time.monotonic()

    def __call__(self, sending: bool) -> str:
        count = self._count()
        if count != self._last or not self._should_move(sending):
            self._last, self._since_s = count, time.monotonic()
        elif time.monotonic() - self._since_s > self._limit_s:
            return f"{self._words} for {self._limit_s:g} s"
        return ""


def _modulator_of(endpoint: RadioEndpoint) -> type[burst_modulator]:
    """Files and sockets want no zeros between bursts: only enough to push the last one through the filters."""
    return burst_modulator if endpoint.endless else live_modulator
