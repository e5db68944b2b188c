"""A loopback that goes on: frames into GNU Radio's channel model whenever they come, and out again.

send ─ live_modulator ═ (LoopbackFading) ═ channels.channel_model ═ (LoopbackTaps) ═ burst_receiver ─ events
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from semcom.flowgraphs.errors import FlowgraphTimeoutError
from semcom.flowgraphs.live.air import AirEvent, Settled
from semcom.flowgraphs.live.blocks import listener, live_modulator, read_event
from semcom.flowgraphs.live.loopback_fading import LoopbackFading
from semcom.flowgraphs.live.loopback_taps import LoopbackTaps
from semcom.flowgraphs.loopback.burst_matching import BurstMatcher
from semcom.flowgraphs.loopback.frame_feed import post_frame
from semcom.flowgraphs.loopback.headless import LoopbackTopBlock
from semcom.flowgraphs.loopback.result import ReceivedFrame, SentBurst
from semcom.link.messages import Kind
from semcom.link.transports.mailbox import Mailbox
from semcom.sdr_configs.radio import Channel, LoopbackRadio

STALL_S = 10.0
NOISE_AHEAD_SAMPLES = 1 << 17
"""Of the old channel: GNU Radio's noise source fills its buffers ahead."""


class LiveLoopback:
    """An `Air`: GNU Radio's channel model between modulator and receiver, running until it is closed.

    Parameters
    ----------
    radio : LoopbackRadio
        Waveform and channel.
    with_taps : bool
        Whether the signal can fade, interference be added, the spectrum seen, and samples recorded.

    Attributes
    ----------
    fading : LoopbackFading or None
    taps : LoopbackTaps or None
    """

    def __init__(self, radio: LoopbackRadio, with_taps: bool = False) -> None:
        self._mailbox = Mailbox()
        self._posted: deque[int] = deque()
        self._matcher = BurstMatcher()
        self._progress_at_s = time.monotonic()
        # One listener for all: from several, what came first could be heard last.
        self._listener = listener("live loopback", self._hear)
        self._top_block = LoopbackTopBlock(
            radio.waveform,
            radio.channel,
            wait_for_full_bursts=False,
            modulator=live_modulator,
            listener=lambda name: self._listener,
        )
        self.waveform = self._top_block.modulator.waveform
        self.fading = self.taps = None
        if with_taps:
            top, rate_hz = self._top_block, self.waveform.nominal_rate_hz
            self.fading = LoopbackFading(top, top.modulator, top.channel, rate_hz, radio.channel.seed)
            self.taps = LoopbackTaps(top, top.channel, top.receiver, rate_hz)
        self._top_block.start()

    has_feedback_channel = False
    hears_itself = transmits = receives = is_up = True

    def status(self) -> dict[str, Any]:
        return {"state": "running"}

    def waits_on(self) -> Sequence[Any]:
        return (self._mailbox,)

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def set_channel(self, channel: Channel) -> None:
        """Another SNR, carrier offset and other paths, from the next burst on."""
        self._top_block.set_channel(channel)
        self._top_block.modulator.push_silence(NOISE_AHEAD_SAMPLES)

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        self._top_block.modulator.queue.check(frame, mcs)
        if not self._posted:
            self._progress_at_s = time.monotonic()
        self._posted.append(number)
        post_frame(self._top_block.modulator, frame, mcs, repeat)

    def events(self) -> Iterator[AirEvent]:
        for message in self._mailbox.take_all():
            if isinstance(message, SentBurst):
                self._progress_at_s = time.monotonic()
                numbers = [self._posted.popleft() for _ in range(message.num_frames)]
                self._matcher.sent(message.start_sample, numbers)
                continue
            yield message
            if isinstance(message, ReceivedFrame):
                if message.crc_ok:
                    self._matcher.frame_came(message.burst, message.block)
            elif settled := tuple(self._matcher.burst_came(message)):
                yield Settled(settled)
        if settled := tuple(self._matcher.overdue()):
            yield Settled(settled)
        if self._posted and time.monotonic() - self._progress_at_s > STALL_S:
            raise FlowgraphTimeoutError(f"the modulator must send within {STALL_S:g} s, did not")

    def close(self) -> None:
        self._top_block.stop()
        self._top_block.wait()
        self._mailbox.close()

    def _hear(self, message: Any) -> None:
        self._mailbox.put(read_event(message))
