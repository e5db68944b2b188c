"""Frames from a real radio, for as long as somebody wants them.

    radio source ═ oscillator offset ═ burst_receiver ─ frames and statistics
         ╚═ recording sink

A device that is lost is waited for and opened again; what has been received stays received.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pmt
from gnuradio import gr

from semcom.flowgraphs.errors import FlowgraphTimeoutError, RadioNotFoundError
from semcom.flowgraphs.loopback.headless import burst_statistics, collector, received_frame
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.flowgraphs.radios.chains import ReceiveChain
from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
from semcom.flowgraphs.radios.stream_events import StreamEvents
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import RealRadio

LOST_AFTER_S = 3.0
"""A device that gives no samples for so long is lost."""

RETRY_S = 1.0
"""Between attempts to open a device again."""


@dataclass
class Listener:
    """Who is told what arrives. Called from the thread that called `run_receive`."""

    on_frame: Callable[[ReceivedFrame], None] = lambda frame: None
    on_burst: Callable[[BurstStatistics], None] = lambda burst: None
    on_event: Callable[[str], None] = lambda words: None
    """Something a person should read: the device was lost, or is back."""
    enough: Callable[[], bool] = lambda: False
    """Whether to stop."""


@dataclass
class ReceptionSummary:
    """What the receiver says in the end.

    Attributes
    ----------
    nominal_rate_hz : float
    events : Counter
        Overruns and the like, by letter; ``gaps`` where samples were missing.
    differences : list of str
        Settings that the device runs with otherwise than asked.
    times_lost : int
        How often the device went away.
    num_samples : int
        Taken from the device, at its rate.
    num_inverted : int
        Bursts whose spectrum was inverted: I and Q are swapped, and `iq_swap` of the radio file is wrong.
    ended : str
        ``enough``, ``timeout`` or ``end of recording``.
    """

    nominal_rate_hz: float
    events: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    times_lost: int = 0
    num_samples: int = 0
    num_inverted: int = 0
    ended: str = ""


class ReceiveTopBlock(gr.top_block):
    """Radio and receiver.

    Parameters
    ----------
    radio : RealRadio
    recorder : SigmfRecorder, optional
        Opened once the radio is there: writes what it delivers, at its rate.
    """

    def __init__(self, radio: RealRadio, recorder: SigmfRecorder | None = None):
        gr.top_block.__init__(self, "semcom receive", catch_exceptions=True)
        chain = ReceiveChain(radio)
        self.radio, self.receiver, self._chain = chain.radio, chain.receiver, chain.blocks
        try:
            self.heard = collector("received frames and bursts")  # of one port, for their order
            self.connect(*self._chain)
            if recorder is not None:
                self._recording = recorder.open(self.radio.sample_rate_hz)
                self.connect(self.radio.block, self._recording)
            for port in ("frames", "failed", "statistics"):
                self.msg_connect(self.receiver, port, self.heard, "in")
        except BaseException:
            self.radio.close()
            raise

    def close_radio(self) -> None:
        """Give the device back, after the flowgraph has stopped."""
        self.disconnect_all()
        self._chain.clear()
        self.receiver.close()
        self.radio.close()

    @property
    def receiver_rate_hz(self) -> float:
        """Rate of the samples that positions of bursts count."""
        return self.radio.sample_rate_hz

    @property
    def position(self) -> int:
        """How far the source has come, in samples of the receiver's rate; what the driver holds is not counted."""
        if hasattr(self.radio.block, "nitems_written"):
            return self.radio.block.nitems_written(0)
        return self.receiver.nitems_read(0)

    @property
    def num_samples(self) -> int:
        """Taken from the radio so far, at its rate."""
        return self.receiver.nitems_read(0)


def run_receive(
    radio: RealRadio,
    listener: Listener,
    *,
    timeout_s: float,
    recorder: SigmfRecorder | None = None,
) -> ReceptionSummary:
    """Receive until the listener has enough, the recording ends, or the time is over.

    Parameters
    ----------
    radio : RealRadio
    listener : Listener
    timeout_s : float
        Also bounds waiting for a lost device.
    recorder : SigmfRecorder, optional
        Also write what is received; a device lost and found again goes on in the same recording. It is closed here,
        whatever ends the reception.

    Raises
    ------
    RadioError
        The radio is not there when we begin, or refuses a setting.
    RecordingError
        A recording cannot be read, or no file made for a new one.
    """
    deadline = time.monotonic() + timeout_s
    summary = ReceptionSummary(Waveform.load(radio.waveform).nominal_rate_hz)
    with StreamEvents() as events:
        watch = _RecordingWatch(recorder, events, listener)
        try:
            while not summary.ended:
                top_block = _open(radio, recorder, listener, summary, deadline)
                if top_block is None:
                    break
                _run(top_block, listener, summary, deadline, watch)
                if not summary.ended:
                    summary.times_lost += 1
                    listener.on_event("radio lost: no samples come; waiting for it")
        finally:
            if recorder is not None:
                recorder.close()
            watch()
        summary.ended = summary.ended or "timeout"
    summary.events += events.counts
    return summary


class _RecordingWatch:
    """Looks after a recording while samples come: losses that the driver tells, and a disk that takes no more."""

    def __init__(self, recorder: SigmfRecorder | None, events: StreamEvents, listener: Listener):
        self._recorder, self._events, self._listener = recorder, events, listener
        self._told = ""

    def __call__(self) -> None:
        if self._recorder is None:
            return
        self._recorder.take_events(self._events.counts)
        if self._recorder.trouble != self._told:
            self._told = self._recorder.trouble
            self._listener.on_event(self._told)


def _open(
    radio: RealRadio, recorder: SigmfRecorder | None, listener: Listener, summary: ReceptionSummary, deadline: float
) -> ReceiveTopBlock | None:
    """The radio, opened; one that was lost is tried until the deadline. None: it did not come back."""
    while True:
        try:
            top_block = ReceiveTopBlock(radio, recorder)
        except RadioNotFoundError:
            if not summary.times_lost:
                raise
            if listener.enough() or time.monotonic() + RETRY_S > deadline:
                return None
            time.sleep(RETRY_S)
            continue
        summary.differences = top_block.radio.differences
        for note in top_block.radio.notes:
            listener.on_event(note)
        if summary.times_lost:
            listener.on_event("radio is back")
        return top_block


def _run(
    top_block: ReceiveTopBlock,
    listener: Listener,
    summary: ReceptionSummary,
    deadline: float,
    watch: Callable[[], None],
) -> None:
    """One stretch of reception; sets ``summary.ended`` unless the device was lost."""
    drain = Drain(top_block, listener)
    seen, since = 0, time.monotonic()

    def meanwhile() -> None:
        nonlocal seen, since
        drain()
        watch()
        if listener.enough():
            summary.ended = "enough"
            raise _StopReceiving
        if top_block.num_samples != seen or top_block.receiver.is_behind or not top_block.radio.endless:
            seen, since = top_block.num_samples, time.monotonic()
        elif time.monotonic() - since > LOST_AFTER_S:
            raise _StopReceiving

    try:
        run_to_end(top_block, max(0.0, deadline - time.monotonic()), meanwhile)
        if not top_block.radio.endless:
            summary.ended = "end of recording"
    except FlowgraphTimeoutError:
        summary.ended = "timeout"
    except _StopReceiving:
        pass
    finally:
        drain()
        summary.num_samples += top_block.num_samples
        if gaps := top_block.receiver.counts["gaps"]:
            summary.events["gaps"] += gaps
        summary.num_inverted += top_block.receiver.counts["inverted_spectra"]
        top_block.close_radio()


class _StopReceiving(Exception):  # noqa: N818 (no error: a way out)
    """The flowgraph is to be stopped."""


class Drain:
    """Hands over what was heard, each message once: a burst, then its frames.

    The receiver says a burst's statistics after its frames; who gets them wants to know the burst first.
    """

    def __init__(self, top_block: ReceiveTopBlock, listener: Listener):
        self._messages, self._listener = top_block.heard.messages, listener
        self._first_sample = top_block.radio.first_sample
        self._frames: list[ReceivedFrame] = []

    def __call__(self) -> None:
        while self._messages:
            message = self._messages.pop(0)
            if pmt.is_u8vector(pmt.cdr(message)):
                self._frames.append(self._placed(received_frame(message)))
                continue
            self._listener.on_burst(self._placed(burst_statistics(message)))
            frames, self._frames = self._frames, []
            for frame in frames:
                self._listener.on_frame(frame)

    def _placed(self, heard: Any) -> Any:
        """Positions in samples of the recording, where it is one; of the stream else."""
        return replace(heard, start_sample=heard.start_sample + self._first_sample) if self._first_sample else heard


__all__ = ["Drain", "Listener", "ReceiveTopBlock", "ReceptionSummary", "run_receive"]
