"""From the options of the command to one end of a packet link: times follow from the airtime of its bursts."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

from semcom.link.arq.half_duplex import Times
from semcom.link.frame import overhead
from semcom.link.packets.exchange import PacketExchange
from semcom.link.packets.exchange_settings import ExchangeSettings
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import HEADER_BYTES
from semcom.link.packets.station_id import StationId
from semcom.link.protection import mcs_with_margin
from semcom.phy.airtime import airtime_function
from semcom.phy.burst_layout import max_block_bytes
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import LoopbackRadio
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

REPORT_MARGIN_DB = 3.0
DEFAULT_FRAME_BYTES = 1536
"""An IP packet of 1500 bytes in one block."""

LEAST_FRAME_BYTES = 64
DEFAULT_IDENTIFY_MIN = 10.0
PIPELINE_S = 0.4
"""From a burst's last sample to the answer's first one, where both ends run GNU Radio."""

REPORT_PAUSE_S = 0.08
"""After the last burst, before half a batch is reported: what a busy computer may hold the next burst back."""


@dataclass(frozen=True)
class LinkOptions:
    """What the command line says of the link.

    Attributes
    ----------
    mcs : str
    frame_bytes : int or None
        Longest block; None: `DEFAULT_FRAME_BYTES`, or what fits a burst.
    repeats : bool
    max_transmissions, passes : int
    half_duplex : bool
    callsign : str or None
    identify_every_min : float or None
        None: as the radio's file says.
    """

    mcs: str = "qpsk-1/2"
    frame_bytes: int | None = None
    repeats: bool = False
    max_transmissions: int = 8
    passes: int = 1
    half_duplex: bool = False
    callsign: str | None = None
    identify_every_min: float | None = None


def frame_bytes_for(options: LinkOptions, waveform: Waveform) -> int:
    """Longest link frame, bytes.

    Raises
    ------
    ConfigurationError
        An unknown MCS, or a frame that fits no burst.
    """
    fits = max_block_bytes(waveform, find_mcs(options.mcs))
    if options.frame_bytes is None:
        return min(DEFAULT_FRAME_BYTES, fits)
    if not LEAST_FRAME_BYTES <= options.frame_bytes <= fits:
        raise ConfigurationError(
            f"frame_bytes must be {LEAST_FRAME_BYTES} to {fits} (what a burst of {waveform.name} carries at "
            f"{options.mcs}), got {options.frame_bytes}"
        )
    return options.frame_bytes


def piece_bytes_for(frame_bytes: int) -> int:
    """Bytes of a stream that make one frame."""
    return frame_bytes - overhead(False) - HEADER_BYTES


def make_exchange(options: LinkOptions, radio: LoopbackRadio | RealRadio, source: int) -> PacketExchange:
    """One end of a packet link.

    Parameters
    ----------
    options : LinkOptions
    radio : LoopbackRadio or RealRadio
        Its waveform, call sign and buffers.
    source : int
    """
    waveform = Waveform.load(radio.waveform)
    frame_bytes = frame_bytes_for(options, waveform)
    uses, rate_hz = airtime_function(waveform), waveform.nominal_rate_hz
    report_mcs = mcs_with_margin(options.mcs, REPORT_MARGIN_DB, thresholds_db(waveform))

    def airtime_s(mcs: str, num_frames: int, block_bytes: int) -> float:
        return uses(mcs, num_frames, block_bytes) / rate_hz

    burst_s = airtime_s(options.mcs, 1, frame_bytes)
    report_s = airtime_s(report_mcs, 1, 64)
    quiet_s = max(0.012, 2 * waveform.preamble_length / rate_hz)
    times = Times(
        quiet_s=quiet_s,
        guard_s=quiet_s / 3,
        patience_s=PIPELINE_S + REPORT_PAUSE_S + _buffers_s(radio) + 2 * report_s + quiet_s + 3 * burst_s,
        backoff_s=max(0.05, 2 * burst_s + report_s),
    )
    settings = ExchangeSettings(
        source=source,
        mcs=options.mcs,
        report_mcs=report_mcs,
        repeats=options.repeats,
        max_transmissions=options.max_transmissions,
        passes=options.passes,
        half_duplex=options.half_duplex,
        times=times,
        max_ahead_s=max(0.15, 2.5 * burst_s),
        max_turn_s=max(0.5 if options.half_duplex else 1.0, 4 * burst_s),
        report_pause_s=REPORT_PAUSE_S,
    )
    framer = PacketFramer(secrets.randbelow(1 << 16), frame_bytes)
    station = _station(options, radio)
    return PacketExchange(settings, framer, airtime_s, station, random.Random(secrets.randbits(64)))


def _buffers_s(radio: LoopbackRadio | RealRadio) -> float:
    """Of the two radios, there and back."""
    return 2e-3 * (radio.tx_buffer_ms + radio.rx_buffer_ms) if isinstance(radio, HardwareRadio) else 0.0


def _station(options: LinkOptions, radio: LoopbackRadio | RealRadio) -> StationId:
    """The call sign of the command line, else of the radio's file."""
    callsign, every_min = options.callsign, options.identify_every_min
    if isinstance(radio, RealRadio):
        callsign = radio.callsign if callsign is None else callsign
        every_min = radio.identify_every_min if every_min is None else every_min
    return StationId(callsign or "", 60 * (DEFAULT_IDENTIFY_MIN if every_min is None else every_min))
