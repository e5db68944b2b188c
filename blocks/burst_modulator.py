"""Frames in, bursts of complex baseband out, with silence between."""

from __future__ import annotations

import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pmt
from gnuradio import gr

from semcom.blocks.burst_queue import BurstQueue
from semcom.blocks.live.live_settings import obey_command, one_line, real_number, setting, shown
from semcom.blocks.live.tx_time import TxTime, read_tx_time, tx_time_tag
from semcom.blocks.orderly_end import OrderlyEnd
from semcom.blocks.pdu import is_end, make_pdu, number, read_pdu
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

IDLE_SAMPLES = 4096
"""Zeros per call while there is nothing to send: few, so that the next frame does not wait behind them."""

LEAD_SAMPLES = 64
"""Least silence before the first burst: filters, GNU Radio's channel model among them, swallow the first samples."""

IDLE_PAUSE_S = 0.001
"""Pause where not even zeros are sent; else the scheduler would ask again at once, without end."""

_TX_TIME = pmt.intern("tx_time")

log = logging.getLogger("semcom.blocks")


class burst_modulator(OrderlyEnd, gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Modulates link frames.

    After the end message all that is queued is sent, then a tail of zeros, and the stream ends.

    Parameters
    ----------
    waveform : str or path
        A name in sdr_configs/waveforms/ or a YAML file.
    mcs : str
        MCS of frames that do not name one.
    max_blocks_per_burst : int
        Consecutive frames of equal length and MCS that may share a burst, 1 to 64.
    gap_samples : int
        Zeros before each burst.
    tail_samples : int
        Zeros after the last one: they push it through whatever swallows samples, GNU Radio's channel model among them.
    amplitude : float
        Root mean square of a burst; 1 gives mean power 1.
    peak_limit_db : float
        Highest instantaneous power over the mean of a burst, from 5 up; 0: as it comes. Costs: docs/waveform.md.
    idle_zeros : bool
        Send zeros while there is nothing to send (a radio that wants samples without pause); else nothing.
    wait_for_full_bursts : bool
        A burst waits until it is full, another kind of frame comes, or the end: the same frames then always give the
        same samples.
    hang_samples : int
        Zeros after each burst: they push its end through the filters that follow.
    length_tag : str
        Name of a tag with the number of samples at the start of whatever is sent in one piece, silences included;
        empty: none. For radios that transmit nothing between bursts.

    Ports
    -----
    frames : in
        PDUs: one link frame; metadata may have mcs, and, where a frame is to be repeated, process (0 to 63), source,
        redundancy_version and new_data (False: to be combined with what came before under this process); tx_time, when
        the burst's first sample is to leave: it gets a tag of that name, for sinks that know time; coded_bytes, where
        only so many bytes from the start are to be coded and the rest goes as soft text, soft_bits_per_symbol (1, 2, 4,
        6) its constellation (2).
    command : in
        A dictionary, or a pair of name and value: mcs, amplitude, peak_limit_db.
    statistics : out
        A PDU without data per burst: num_frames, frame_bytes, mcs, channel_uses, start_sample.
    out : stream out
        complex64 at the waveform's nominal rate.
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        mcs: str = "qpsk-1/2",
        max_blocks_per_burst: int = 8,
        gap_samples: int = 256,
        tail_samples: int = 8192,
        amplitude: float = 1.0,
        peak_limit_db: float = 0.0,
        idle_zeros: bool = False,
        wait_for_full_bursts: bool = False,
        hang_samples: int = 0,
        length_tag: str = "",
    ):
        gr.sync_block.__init__(self, name="semcom burst modulator", in_sig=None, out_sig=[np.complex64])
        lengths = {"gap_samples": gap_samples, "tail_samples": tail_samples, "hang_samples": hang_samples}
        for name, value in lengths.items():
            if value < 0:
                raise ConfigurationError(f"{name} must be 0 or more, got {value}")
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self.queue = BurstQueue(self.waveform, max_blocks_per_burst, wait_for_full_bursts)
        self.counts: Counter[str] = Counter()
        self.mcs = _mcs(mcs)
        self.gap_samples, self.tail_samples, self.hang_samples = gap_samples, tail_samples, hang_samples
        self._length_tag = pmt.intern(length_tag) if length_tag else None
        self.tx_delay_s = 0.0  # of filters between here and the radio: ``tx_time`` allows for it
        self.amplitude = _amplitude(amplitude)
        self.idle_zeros = idle_zeros
        self._transmitter = self._make_transmitter(peak_limit_db)
        self._signal = np.zeros(0, np.complex64)
        self._position = 0
        self._ending = self._tail_made = False
        self._statistics = pmt.intern("statistics")
        self.message_port_register_out(self._statistics)
        self.receive_in_order("frames", self.on_frame)
        self.receive_in_order("command", self.on_command)

    @property
    def everything_sent(self) -> bool:
        """Whether the end has come and all samples, the tail too, are out."""
        return self._tail_made and self._position >= len(self._signal)

    def start(self) -> bool:
        self._ending = self._tail_made = False
        return OrderlyEnd.start(self)

    @setting
    def set_mcs(self, mcs: str) -> None:
        """MCS of the frames that come from now on; an unknown one is logged and changes nothing."""
        self.mcs = _mcs(mcs)

    @setting
    def set_amplitude(self, amplitude: float) -> None:
        """Root mean square of the bursts made from now on; one that cannot be is logged and changes nothing."""
        self.amplitude = _amplitude(amplitude)

    @setting
    def set_peak_limit_db(self, peak_limit_db: float) -> None:
        """Peak limit of the bursts made from now on, 0: none; one that cannot be is logged and changes nothing."""
        self._transmitter = self._make_transmitter(peak_limit_db)

    def _make_transmitter(self, peak_limit_db: float) -> Transmitter:
        return Transmitter(self.waveform, real_number("peak_limit_db", peak_limit_db) or None)

    def on_frame(self, message: Any) -> None:
        """Handler of ``frames``."""
        if is_end(message):
            if self.is_last_end():
                self.obey(message)
            return
        try:
            meta, frame = read_pdu(message)
            mcs = _mcs(meta["mcs"]) if "mcs" in meta else self.mcs
            self.queue.add(_block(frame, meta), mcs, read_tx_time(meta))
            self.counts["frames"] += 1
        except Exception as error:
            self.counts["refused"] += 1
            log.warning("%s: frame refused: %s", self.name(), one_line(error))

    def on_command(self, message: Any) -> None:
        """Handler of ``command``."""
        setters = {"mcs": self.set_mcs, "amplitude": self.set_amplitude, "peak_limit_db": self.set_peak_limit_db}
        obey_command(self, setters, message)

    def obey(self, message: Any) -> None:
        """Nothing more will come from upstream: finish the stream first."""
        self.queue.close()
        self._ending = True

    def work(self, input_items: list, output_items: list) -> int:
        out = output_items[0]
        filled = 0
        while filled < len(out) and self._have_signal(self.nitems_written(0) + filled):
            count = min(len(out) - filled, len(self._signal) - self._position)
            out[filled : filled + count] = self._signal[self._position : self._position + count]
            self._position += count
            filled += count
        if filled:
            return filled
        if self._tail_made:
            return -1  # WORK_DONE
        if self.idle_zeros:
            count = min(len(out), IDLE_SAMPLES)
            out[:count] = 0
            return count
        time.sleep(IDLE_PAUSE_S)
        return 0

    def _have_signal(self, start_sample: int) -> bool:
        """Whether there are samples to send; makes the next burst, and at the end the tail."""
        if self._position < len(self._signal):
            return True
        self._position = 0
        burst = self.queue.take_timed()
        if burst is not None:
            self._signal = self._guarded_burst(*burst, start_sample)
        elif self._ending and not self._tail_made:
            self._tail_made = True
            self._signal = np.zeros(max(self.tail_samples, 1), np.complex64)
        else:
            self._signal = self._signal[:0]
        if self._length_tag is not None and len(self._signal):
            self.add_item_tag(0, start_sample, self._length_tag, pmt.from_long(len(self._signal)))
        return len(self._signal) > 0

    def _guarded_burst(self, blocks: list[TransportBlock], *about: Any) -> np.ndarray:
        """A burst; nothing, and a line in the log, where it cannot be made: an exception would end the flowgraph."""
        try:
            return self._make_burst(blocks, *about)
        except Exception as error:
            self.counts["refused"] += len(blocks)
            log.warning("%s: burst refused: %s", self.name(), one_line(error))
            return np.zeros(0, np.complex64)

    def _make_burst(
        self, blocks: list[TransportBlock], mcs: Mcs, tx_time: TxTime | None, start_sample: int
    ) -> np.ndarray:
        """A burst with the silences around it. What goes out in one piece at a time of its own has none in front."""
        iq = self._transmitter.modulate(blocks, mcs) * self.amplitude
        gap = self.gap_samples if self.counts["bursts"] else max(self.gap_samples, LEAD_SAMPLES)
        if tx_time is not None:
            gap = 0 if self._length_tag is not None else gap
            self.add_item_tag(0, start_sample + gap, _TX_TIME, tx_time_tag(tx_time, self.tx_delay_s))
        self.counts["bursts"] += 1
        self.counts["channel_uses"] += len(iq)
        meta = {"num_frames": len(blocks), "frame_bytes": len(blocks[0].payload), "mcs": mcs.name}
        meta |= {"channel_uses": len(iq), "start_sample": start_sample + gap}
        self.message_port_pub(self._statistics, make_pdu(meta))
        return np.concatenate([np.zeros(gap, np.complex64), iq, np.zeros(self.hang_samples, np.complex64)])


def _mcs(name: Any) -> Mcs:
    """The MCS of that name, whatever was given as one."""
    return find_mcs(name if isinstance(name, str) else shown(name))


def _amplitude(value: Any) -> np.float32:
    amplitude = real_number("amplitude", value)
    if not 0 < amplitude <= 1e6:
        raise ConfigurationError(f"amplitude must be above 0 and at most 1e6, got {value}")
    return np.float32(amplitude)


def _block(frame: bytes, meta: dict[str, Any]) -> bytes | TransportBlock:
    """The frame, with its process where the metadata name one, and what of it is coded."""
    soft = {key: number(meta, key) for key in ("coded_bytes", "soft_bits_per_symbol") if key in meta}
    soft |= {"analog": True} if meta.get("analog", False) else {}
    if "process" not in meta:
        return TransportBlock(frame, **soft) if soft else frame
    source, version = (number(meta, key) if key in meta else 0 for key in ("source", "redundancy_version"))
    return TransportBlock(frame, source, number(meta, "process"), version, bool(meta.get("new_data", True)), **soft)
