"""A loopback that goes on: frames into GNU Radio's channel model whenever they come, and out again.

send ─ live_modulator ═ channels.channel_model ═ burst_receiver ─ events
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pmt

from semcom.blocks import burst_modulator
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.link.messages import Kind
from semcom.link.transports.mailbox import Mailbox
from semcom.sdr_configs.radio import LoopbackRadio

from .air import AirEvent, Settled
from .burst_matching import BurstMatcher
from .errors import FlowgraphTimeoutError
from .frame_feed import post_frame
from .loopback import LoopbackTopBlock, burst_statistics, received_frame
from .loopback_result import ReceivedFrame, SentBurst

STALL_S = 10.0


class live_modulator(burst_modulator):  # noqa: N801 (GNU Radio names its blocks so)
    """As `burst_modulator`, but sends its tail of zeros whenever it has run out of frames.

    What comes behind keeps the last samples back until others push them out; a loopback has no radio that never stops.
    """

    _pushed = True

    def _have_signal(self, start_sample: int) -> bool:
        if burst_modulator._have_signal(self, start_sample):
            self._pushed = False
        elif not self._pushed:
            self._pushed = True
            self._signal = np.zeros(self.tail_samples, np.complex64)
        return len(self._signal) > 0


class listener(MessageBlock):  # noqa: N801
    """Hands each message of one port to a function."""

    def __init__(self, name: str, hear: Callable[[Any], None]):
        MessageBlock.__init__(self, name, "in")
        self._hear = hear

    def handle(self, message: Any) -> None:
        self._hear(message)


class LiveLoopback:
    """An `Air`: GNU Radio's channel model between modulator and receiver, running until it is closed.

    Parameters
    ----------
    radio : LoopbackRadio
        Waveform and channel.
    """

    def __init__(self, radio: LoopbackRadio) -> None:
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
        self._top_block.start()

    has_way_back = False

    def waits_on(self) -> Sequence[Any]:
        return (self._mailbox,)

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def send(self, number: int, frame: bytes, mcs: str) -> None:
        self._top_block.modulator.queue.check(frame, mcs)
        if not self._posted:
            self._progress_at_s = time.monotonic()
        self._posted.append(number)
        post_frame(self._top_block.modulator, frame, mcs)

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
        if pmt.is_c32vector(pmt.cdr(message)):
            self._mailbox.put(burst_statistics(message))
        elif pmt.dict_has_key(pmt.car(message), pmt.intern("crc_ok")):
            self._mailbox.put(received_frame(message))
        else:
            self._mailbox.put(SentBurst(**read_pdu(message)[0]))
