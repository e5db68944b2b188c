"""Streams that the receiver's speed is measured on: good bursts of several kinds, and signals it cannot read.

Each is complex64 at the nominal rate of ofdm64, reproducible from its name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np

from semcom.phy import channel
from semcom.phy.mcs import find_mcs
from semcom.phy.sync.preamble import preamble
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

GOOD = {
    "qpsk-1/2 1 x 1000 B": ("qpsk-1/2", 1000, 1, 2.0),
    "64qam-5/6 8 x 1000 B": ("64qam-5/6", 1000, 8, 20.0),
    "qpsk-1/2 1 x 40 B": ("qpsk-1/2", 40, 1, 4.0),
    "qpsk-1/2 1 x 120 B": ("qpsk-1/2", 120, 1, 3.0),
    "qpsk-1/2 8 x 1000 B": ("qpsk-1/2", 1000, 8, 2.0),
    "16qam-3/4 4 x 1000 B": ("16qam-3/4", 1000, 4, 13.0),
    "bpsk-1/8 1 x 120 B": ("bpsk-1/8", 120, 1, -6.0),
}
"""MCS, bytes of a block, blocks of a burst, SNR: bursts back to back with some decoding work to do."""


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(crc32(name.encode()))


def good_bursts(name: str, length: int = 400_000) -> np.ndarray:
    """Bursts of one kind back to back in noise."""
    mcs, frame_bytes, num_blocks, snr_db = GOOD[name]
    rng = generator(name)
    transmitter, parts = Transmitter(Waveform.load("ofdm64")), []
    while sum(map(len, parts)) < length:
        blocks = [TransportBlock(rng.bytes(frame_bytes), process=8 * len(parts) % 64) for _ in range(num_blocks)]
        parts.append(transmitter.modulate(blocks, find_mcs(mcs)))
    return channel.add_noise(np.concatenate(parts), channel.noise_var_for(snr_db), rng)


def _short_bursts(rng: np.random.Generator, seconds: float, snr_db: float, rate: int = 190) -> np.ndarray:
    """`rate` bursts of 120 B a second."""
    transmitter, out = Transmitter(Waveform.load("ofdm64")), np.zeros(int(1e6 * seconds), np.complex64)
    for start in range(1000, len(out) - 4000, 1_000_000 // rate):
        burst = transmitter.modulate([TransportBlock(rng.bytes(120))], find_mcs("qpsk-1/2"))
        out[start : start + len(burst)] = burst
    return channel.add_noise(out, channel.noise_var_for(snr_db), rng)


def _offset(rng, seconds, cfo_hz):
    return channel.carrier_offset(_short_bursts(rng, seconds, 15.0), cfo_hz, 1e6)


def _through(rng, seconds, profile):
    faded, _ = channel.fade(_short_bursts(rng, seconds, 40.0), channel.profile(profile), 1e6, rng)
    return channel.add_noise(faded.conj(), channel.noise_var_for(15.0), rng)


def _preambles(rng, seconds, period):
    """Preambles with noise between them."""
    waveform = Waveform.load("ofdm64")
    lone = preamble(waveform)[: waveform.preamble_length]
    out = channel.complex_noise(int(1e6 * seconds), 1.0, rng)
    for start in range(500, len(out) - 1000, period):
        out[start : start + len(lone)] = lone
    return channel.add_noise(out, 0.05, rng)


def _false_fields(rng, seconds, frame_bytes, kept, mcs="qpsk-1/2", num_blocks=1):
    """Beginnings of bursts that announce far more than comes."""
    transmitter = Transmitter(Waveform.load("ofdm64"))
    blocks = [TransportBlock(rng.bytes(frame_bytes)) for _ in range(num_blocks)]
    burst = transmitter.modulate(blocks, find_mcs(mcs))
    stream = np.tile(burst[:kept], int(1e6 * seconds) // kept + 1)[: int(1e6 * seconds)]
    return channel.add_noise(stream, 0.01, rng)


def _wrong_data(rng, seconds, mcs, frame_bytes, num_blocks, snr_db, fading=None):
    """Signal fields that can be read, blocks that cannot: an SNR far too low for the MCS."""
    transmitter, parts = Transmitter(Waveform.load("ofdm64")), []
    while sum(map(len, parts)) < 1e6 * seconds:
        blocks = [TransportBlock(rng.bytes(frame_bytes)) for _ in range(num_blocks)]
        parts.append(transmitter.modulate(blocks, find_mcs(mcs)))
    stream = np.concatenate(parts)[: int(1e6 * seconds)]
    if fading:
        stream, _ = channel.fade(stream, channel.profile(fading), 1e6, rng)
    return channel.add_noise(stream, channel.noise_var_for(snr_db), rng)


def _foreign(rng, seconds, recordings: Path):
    """Recorded WLAN frames one after another."""
    parts = [
        np.fromfile(path, "<i2").astype(np.float32).view(np.complex64) for path in sorted(recordings.rglob("*.dat"))
    ]
    return np.resize(np.concatenate(parts) / 1024, int(1e6 * seconds))


UNREADABLE: dict[str, Callable[[np.random.Generator, float], np.ndarray]] = {
    "spectrum inverted": lambda rng, s: _short_bursts(rng, s, 15.0).conj(),
    "spectrum inverted, -1 dB": lambda rng, s: _short_bursts(rng, s, -1.0).conj(),
    "spectrum inverted, EVA70": lambda rng, s: _through(rng, s, "EVA70"),
    "offset 94 kHz": lambda rng, s: _offset(rng, s, 94e3),
    "offset -94 kHz": lambda rng, s: _offset(rng, s, -94e3),
    "offset 40 kHz": lambda rng, s: _offset(rng, s, 40e3),
    "offset 20 kHz": lambda rng, s: _offset(rng, s, 20e3),
    "preambles in noise": lambda rng, s: _preambles(rng, s, 1400),
    "preambles back to back": lambda rng, s: _preambles(rng, s, 520),
    "fields of bursts cut off": lambda rng, s: _false_fields(rng, s, 1150, 1000),
    "fields of long bursts cut off": lambda rng, s: _false_fields(rng, s, 8000, 1000),
    "fields of 64 blocks cut off": lambda rng, s: _false_fields(rng, s, 800, 1000, "64qam-5/6", 64),
    "fields of robust bursts cut off": lambda rng, s: _false_fields(rng, s, 1500, 3000, "bpsk-1/8"),
    "64qam-5/6 8 x 1000 B at 12 dB": lambda rng, s: _wrong_data(rng, s, "64qam-5/6", 1000, 8, 12.0),
    "256qam-5/6 1000 B at 15 dB": lambda rng, s: _wrong_data(rng, s, "256qam-5/6", 1000, 1, 15.0),
    "qpsk-1/2 1000 B at 0 dB": lambda rng, s: _wrong_data(rng, s, "qpsk-1/2", 1000, 1, 0.0),
    "qpsk-1/2 120 B at 0 dB": lambda rng, s: _wrong_data(rng, s, "qpsk-1/2", 120, 1, 0.0),
    "16qam-3/4 120 B at 14 dB, ETU300": lambda rng, s: _wrong_data(rng, s, "16qam-3/4", 120, 1, 14.0, "ETU300"),
    "64qam-5/6 1000 B at 20 dB, ETU300": lambda rng, s: _wrong_data(rng, s, "64qam-5/6", 1000, 1, 20.0, "ETU300"),
    "16qam-3/4 32 x 40 B at 16 dB, ETU300": lambda rng, s: _wrong_data(rng, s, "16qam-3/4", 40, 32, 16.0, "ETU300"),
    "16qam-3/4 8 x 120 B at 16 dB, ETU300": lambda rng, s: _wrong_data(rng, s, "16qam-3/4", 120, 8, 16.0, "ETU300"),
    "white noise": lambda rng, s: channel.complex_noise(int(1e6 * s), 1.0, rng),
    "tone": lambda rng, s: channel.add_noise(np.exp(0.3j * np.arange(int(1e6 * s))).astype(np.complex64), 0.1, rng),
}
"""Streams of which the receiver can read nothing, or little, by the seconds they shall last."""


def unreadable(name: str, seconds: float, recordings: Path | None = None) -> np.ndarray:
    """A stream of `UNREADABLE`, or "recorded WLAN" where the folder of recordings is given."""
    rng = generator(name)
    if name == "recorded WLAN":
        return _foreign(rng, seconds, recordings)
    return UNREADABLE[name](rng, seconds).astype(np.complex64)
