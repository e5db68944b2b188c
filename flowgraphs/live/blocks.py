"""Blocks of flowgraphs that go on until somebody ends them, and what their messages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pmt

from semcom.blocks import burst_modulator
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.loopback.headless import burst_statistics, received_frame
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame, SentBurst


class live_modulator(burst_modulator):  # noqa: N801 (GNU Radio names its blocks so)
    """As `burst_modulator`, but sends its tail of zeros whenever it has run out of frames.

    What comes behind keeps the last samples back until others push them out, where no radio wants samples all the time.
    """

    _pushed = True
    _silence_samples = 0

    def push_silence(self, num_samples: int) -> None:
        """Before the next burst: what sources further on have made ahead is used up by it. From any thread."""
        self._silence_samples = num_samples

    def _have_signal(self, start_sample: int) -> bool:
        if self._silence_samples and self._position >= len(self._signal):
            self._signal, self._silence_samples = np.zeros(self._silence_samples, np.complex64), 0
            self._position = 0
            return True
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


def read_event(message: Any) -> SentBurst | ReceivedFrame | BurstStatistics:
    """What a message says, of whichever port of modulator or receiver it comes from."""
    if pmt.is_c32vector(pmt.cdr(message)):
        return burst_statistics(message)
    if pmt.dict_has_key(pmt.car(message), pmt.intern("crc_ok")):
        return received_frame(message)
    return SentBurst(**read_pdu(message)[0])
