"""Runs each part of the system once, so that numba's kernels are compiled and kept before a service needs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from semcom.installation.packages import missing

WAVEFORM = "ofdm64"
SNR_DB = 25.0
OTHER_RATE = 2.4
"""Sample rate of a radio over the nominal one, so that the filters of other rates are compiled too."""


def warm() -> Iterator[tuple[str, float]]:
    """Name of each part that is installed, and the seconds that running it took."""
    parts: dict[str, Callable[[], None]] = {"modem": _modem}
    if not missing("sending pictures"):
        parts["pictures"] = _pictures
    for name, run in parts.items():
        since = time.perf_counter()
        run()
        yield name, time.perf_counter() - since


def _modem() -> None:
    """Bursts of every modulation through noise into receivers at two rates."""
    from semcom.phy.any_rate_receiver import AnyRateReceiver
    from semcom.phy.mcs import MCS_TABLE
    from semcom.phy.transmitter import Transmitter
    from semcom.phy.transport_block import TransportBlock
    from semcom.phy.waveform import Waveform

    waveform, rng = Waveform.load(WAVEFORM), np.random.default_rng(1)
    transmitter = Transmitter(waveform)
    silence = np.zeros(2000, np.complex64)
    parts = [silence]
    for mcs in MCS_TABLE.values():
        blocks = [TransportBlock(rng.bytes(200)) for _ in range(2)]
        parts += [transmitter.modulate(blocks, mcs), silence]
    signal = np.concatenate(parts)
    noise = rng.normal(scale=10 ** (-SNR_DB / 20) / np.sqrt(2), size=(len(signal), 2)) @ np.array([1, 1j])
    samples = (signal + noise).astype(np.complex64)
    for rate in (1.0, OTHER_RATE):
        receiver = AnyRateReceiver(waveform, rate * waveform.nominal_rate_hz)
        places = np.arange(round(rate * len(samples))) / rate
        receiver.push(np.interp(places, np.arange(len(samples)), samples).astype(np.complex64))
        receiver.flush()


def _pictures() -> None:
    """A picture of two halves, understood, coded and drawn again."""
    from semcom.semantic import SemanticPacket, decode, encode

    picture = np.zeros((240, 320, 3), np.uint8)
    picture[:120], picture[120:] = (110, 170, 240), (60, 140, 50)
    decode(SemanticPacket.from_bytes(encode(picture).to_bytes()))
