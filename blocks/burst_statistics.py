"""Statistics of received bursts in, what QT GUI sinks and gauges show out."""

from __future__ import annotations

import math
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pmt

from semcom.blocks.errors import PduError
from semcom.blocks.live.live_settings import shown
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import number, read_symbols
from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform

NUMBERS = ("snr_db", "cfo_hz", "evm_db", "per")
LEAST_DB = -60.0


class burst_statistics(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Takes the statistics of a burst receiver apart.

    The end of a transmission ends this block and is not passed on: GNU Radio's own sinks take it for a bad message.

    Parameters
    ----------
    waveform : str or path
        The one that is received.
    window_bursts : int
        The packet error rate is that of this many bursts.

    Ports
    -----
    statistics : in
        PDUs of a burst receiver.
    constellation : out
        PDUs of complex64 points.
    channel_db : out
        PDUs of float32: the gain on each carrier from the first to the last used one, dB over the mean; unused ones
        between are interpolated.
    snr_db, cfo_hz, evm_db : out
        Pairs (name, number), one per burst.
    per : out
        Pairs: the share of frames lost among the last bursts, 0 to 1. A burst whose signal field failed counts as one
        lost frame. Bursts that were not noticed at all are not in it: only the sender knows of them.
    """

    def __init__(self, waveform: str | Path = "ofdm64", window_bursts: int = 100):
        MessageBlock.__init__(self, "semcom burst statistics", "statistics")
        if not 1 <= window_bursts <= 100_000:
            raise ConfigurationError(f"window_bursts must be 1 to 100000, got {window_bursts}")
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self._lost_and_all: deque[tuple[int, int]] = deque(maxlen=window_bursts)
        self._ports = {name: pmt.intern(name) for name in ("constellation", "channel_db", *NUMBERS)}
        for port in self._ports.values():
            self.message_port_register_out(port)

    def start(self) -> bool:
        self._lost_and_all.clear()
        return MessageBlock.start(self)

    def handle(self, message: Any) -> None:
        meta, points = read_symbols(message)
        channel = _symbols(meta, "channel")
        if len(channel) != self.waveform.num_used:
            raise PduError(
                f"channel must have a value for each of the {self.waveform.num_used} used carriers of "
                f"{self.waveform.name}, got {len(channel)}"
            )
        if not np.isfinite(channel).all():
            raise PduError("channel of a burst's statistics must be finite")
        values = {name: _real(meta, name) for name in NUMBERS if name != "per"}
        values["per"] = self._packet_error_rate(meta)
        self.counts["bursts"] += 1
        self._publish("constellation", pmt.cons(pmt.PMT_NIL, pmt.init_c32vector(len(points), points)))
        gain_db = relative_gain_db(channel, self.waveform.used_carriers)
        self._publish("channel_db", pmt.cons(pmt.PMT_NIL, pmt.init_f32vector(len(gain_db), gain_db)))
        for name, value in values.items():
            self._publish(name, pmt.cons(self._ports[name], pmt.from_double(value)))

    def _publish(self, port: str, message: Any) -> None:
        self.message_port_pub(self._ports[port], message)

    def _packet_error_rate(self, meta: dict[str, Any]) -> float:
        if meta.get("header_ok", False):
            lost, sent = number(meta, "num_blocks") - number(meta, "num_blocks_ok"), number(meta, "num_blocks")
        else:
            lost = sent = 1
        self._lost_and_all.append((lost, sent))
        lost_frames, frames = map(sum, zip(*self._lost_and_all, strict=True))
        return lost_frames / frames if frames else 0.0


def relative_gain_db(channel: np.ndarray, carriers: tuple[int, ...]) -> np.ndarray:
    """|H| over its mean power in dB, on every carrier from the first used one to the last, float32.

    Parameters
    ----------
    channel : complex64 [num_used]
    carriers : tuple of int
        The used carriers, ascending.
    """
    power = np.abs(channel.astype(np.complex128)) ** 2
    gain_db = 10 * np.log10(power / max(power.mean(), 1e-30) + 10 ** (LEAST_DB / 10))
    return np.interp(np.arange(carriers[0], carriers[-1] + 1), carriers, gain_db).astype(np.float32)


def _real(meta: dict[str, Any], key: str) -> float:
    value = meta.get(key)
    if not isinstance(value, float):
        raise PduError(f"{key} of a burst's statistics must be a number, got {shown(value)}")
    if not math.isfinite(value):  # one that is not ends the program in a gauge of Qt
        raise PduError(f"{key} of a burst's statistics must be finite, got {value}")
    return value


def _symbols(meta: dict[str, Any], key: str) -> np.ndarray:
    try:
        return np.asarray(meta.get(key, ()), np.complex64).ravel()
    except (TypeError, ValueError):
        raise PduError(f"{key} of a burst's statistics must be a c32vector") from None
