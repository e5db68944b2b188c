"""From the options of the command to one end of a packet link: times follow from the airtime of its bursts."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

from semcom.link.arq.half_duplex import Times
from semcom.link.frame import overhead
from semcom.link.packets.exchange import ExchangeSettings, PacketExchange
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

REPORT_MARGIN_DB = 3.0
DEFAULT_FRAME_BYTES = 1536
"""An IP packet of 1500 bytes in one block."""

LEAST_FRAME_BYTES = 64
PIPELINE_S = 0.2
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
    callsign : str
    identify_every_min : float
    """

    mcs: str = "qpsk-1/2"
    frame_bytes: int | None = None
    repeats: bool = False
    max_transmissions: int = 8
    passes: int = 1
    half_duplex: bool = False
    callsign: str = ""
    identify_every_min: float = 10.0


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


def make_exchange(options: LinkOptions, waveform: Waveform, source: int, delay_s: float = 0.0) -> PacketExchange:
    """One end of a packet link.

    Parameters
    ----------
    options : LinkOptions
    waveform : Waveform
    source : int
    delay_s : float
        Of the radio's buffers, there and back.
    """
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
        patience_s=PIPELINE_S + REPORT_PAUSE_S + delay_s + 2 * report_s + quiet_s + 3 * burst_s,
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
        max_ahead_s=max(0.1, 2 * burst_s),
        max_turn_s=max(0.5, 4 * burst_s),
        report_pause_s=REPORT_PAUSE_S,
    )
    framer = PacketFramer(secrets.randbelow(1 << 16), frame_bytes)
    station = StationId(options.callsign, options.identify_every_min * 60)
    return PacketExchange(settings, framer, airtime_s, station, random.Random(secrets.randbits(64)))
