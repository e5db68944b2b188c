"""Streams of bursts and trouble for the receiver's fuzz: repeated, cut, overlapping, through random channels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.signal

from semcom.phy import channel
from semcom.phy.burst_layout import burst_layout, max_block_bytes
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_BY_NUMBER, Mcs
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import NUM_PROCESSES, NUM_SOURCES, TransportBlock
from semcom.phy.waveform import Waveform

MAX_STREAM = 250_000  # samples at the nominal rate
_PAD = 600  # zeros around a burst before it is resampled
_FADING = ("EPA5", "EVA70", "ETU300", "TDL-A30-10", "TDL-C300-100")


@dataclass
class Stream:
    """Samples, and what was put into them: (position, payloads, nothing disturbs it); copies of beginnings, too."""

    samples: np.ndarray
    sent: list[tuple[int, list[bytes], bool]] = field(default_factory=list)
    copies: list[tuple[int, list[bytes]]] = field(default_factory=list)


def random_blocks(waveform: Waveform, rng: np.random.Generator, source: int, pool: list[TransportBlock] | None):
    """Blocks and scheme of a burst; given a pool, some are new versions, rightly or wrongly marked, of those in it."""
    mcs = MCS_BY_NUMBER[rng.integers(len(MCS_BY_NUMBER))]
    most = max_block_bytes(waveform, mcs)
    size = int(min(most, rng.choice([1, 2, 3, 9, 40, 120, 333, 1000, 3000, 8192, rng.integers(1, most + 1)])))
    count = int(rng.choice([1, 1, 1, 2, 3, 8, 64]))
    while count > 1 and not _fits(waveform, mcs, count, size):
        count //= 2
    process, version, new = int(rng.integers(NUM_PROCESSES)), 0, True
    payloads = [rng.bytes(size) for _ in range(count)]
    if pool is not None:
        process = int(rng.integers(2)) if rng.random() < 0.7 else process
        version, new = int(rng.choice([0, 2, 3, 1])), bool(rng.random() < 0.4)
        if pool and rng.random() < 0.6:
            earlier = pool[rng.integers(len(pool))]
            if _fits(waveform, mcs, 1, len(earlier.payload)):
                payloads, process = [earlier.payload], earlier.process
    blocks = [TransportBlock(p, source, (process + i) % NUM_PROCESSES, version, new) for i, p in enumerate(payloads)]
    if pool is not None:
        pool.extend(blocks[:2])
    return blocks, mcs


def _fits(waveform: Waveform, mcs: Mcs, count: int, size: int) -> bool:
    try:
        layout = burst_layout(waveform, mcs, count, size)
    except ConfigurationError:
        return False
    return layout.num_samples < MAX_STREAM // 2


def through_a_channel(samples: np.ndarray, waveform: Waveform, rng: np.random.Generator) -> np.ndarray:
    """Fading, oscillators, clocks and front ends as they come."""
    rate = waveform.nominal_rate_hz
    if rng.random() < 0.4:
        samples = channel.fade(samples, channel.profile(rng.choice(_FADING)), rate, rng)[0]
    if rng.random() < 0.3:
        samples = channel.wiener_phase_noise(samples, 10 ** rng.uniform(-5, -2.5) * rate, rate, rng)
    if rng.random() < 0.3:
        samples = channel.clock_offset(samples, rng.uniform(-120, 120))
    if rng.random() < 0.3:
        samples = channel.iq_imbalance(samples, rng.uniform(0, 3), rng.uniform(-15, 15))
    if rng.random() < 0.3:
        samples = channel.dc_offset(samples, rng.uniform(-40, 10))
    if rng.random() < 0.3:
        samples = channel.clip(samples, rng.uniform(0.1, 2.0))
    return samples


def trouble(count: int, rng: np.random.Generator) -> np.ndarray:
    """Samples of something that is no burst."""
    n = np.arange(count)
    kinds = (
        lambda: channel.complex_noise(count, 10 ** rng.uniform(-6, 6), rng),
        lambda: np.exp(2j * np.pi * rng.uniform(-0.5, 0.5) * n) * 10 ** rng.uniform(-3, 3),
        lambda: np.sign(np.sin(2 * np.pi * n / rng.uniform(2, 300))) * (1 + 1j),
        lambda: rng.choice([np.nan, np.inf, -np.inf, 1e38, -1e30, 1e-40, 0.5], count) * (1 + 1j),
        lambda: np.full(count, 10 ** rng.uniform(-9, 9) * (1 - 0.3j)),
        lambda: np.where(rng.random(count) < 0.001, 1e4, 0),
    )
    with np.errstate(all="ignore"):
        return kinds[rng.integers(len(kinds))]().astype(np.complex64)


def at_rate(samples: np.ndarray, ratio: int, cfo: float) -> np.ndarray:
    """Samples at `ratio` times the nominal rate, turned by `cfo` cycles per nominal sample."""
    if ratio == 2:
        samples = scipy.signal.resample(samples, 2 * len(samples)).astype(np.complex64)
    return channel.carrier_offset(samples, cfo / ratio, 1.0)


def make_stream(
    waveform: Waveform, ratio: int, reach: float, rng: np.random.Generator, source: int, longest: int = MAX_STREAM
) -> Stream:
    """One stream of at most `longest` samples at the nominal rate; nothing disturbs it in one case of three."""
    clean = rng.random() < 0.35
    length = int(10 ** rng.uniform(4.3, np.log10(longest)))
    stream = Stream(np.zeros(length * ratio, np.complex64))
    position, pool = int(rng.integers(0, 3000)), [] if not clean and rng.random() < 0.6 else None
    cfo = rng.uniform(-1, 1)
    while True:
        # One source has one carrier: others are other sources.
        stray = rng.random() < 0.2
        own = NUM_SOURCES // 2 + len(stream.sent) % (NUM_SOURCES // 2) if stray else source
        blocks, mcs = random_blocks(waveform, rng, own, None if stray else pool)
        burst = Transmitter(waveform).modulate(blocks, mcs)
        if position // ratio + len(burst) + 4 * _PAD > length:
            break
        burst, copies = (burst, range(0)) if clean else mistreated(burst, waveform, rng)
        burst = np.pad(burst, _PAD)
        there = at_rate(burst, ratio, (rng.uniform(-1, 1) if stray else cfo) * reach / waveform.fft_size)
        there = there[: len(stream.samples) - position]
        stream.samples[position : position + len(there)] += there
        payloads = [block.payload for block in blocks]
        stream.sent.append((position + _PAD * ratio, payloads, clean))
        stream.copies += [(position + (_PAD + start) * ratio, payloads) for start in copies]
        span = max(1, len(there) - 2 * _PAD * ratio)
        position += span + int(rng.choice([0, 0, 1, 7, 100, 1000])) * ratio
        if not clean:
            position -= int(rng.integers(0, span)) if rng.random() < 0.4 else 0
            position += _disturb(stream.samples[position:], rng) if rng.random() < 0.3 else 0
    if not clean and rng.random() < 0.7:
        noise_var = channel.noise_var_for(rng.uniform(-8, 40)) * ratio
        with np.errstate(all="ignore"):
            stream.samples += channel.complex_noise(len(stream.samples), noise_var, rng)
    least = min(position + 2 * _PAD * ratio, len(stream.samples))
    stream.samples = stream.samples[: rng.integers(least, len(stream.samples) + 1)]
    return stream


def mistreated(burst: np.ndarray, waveform: Waveform, rng: np.random.Generator) -> tuple[np.ndarray, range]:
    """A burst through a channel, at some level, cut, or its beginning over and over; now and then as it was.

    Also where copies of its beginning start, which may hold whole blocks: a receiver rightly reports them.
    """
    if rng.random() < 0.3:
        return burst, range(0)
    burst = through_a_channel(burst, waveform, rng) * np.float32(10 ** rng.uniform(-1.5, 1.5))
    kind = rng.random()
    if kind < 0.3:
        return burst[: rng.integers(1, len(burst))], range(0)
    if kind < 0.4:
        beginning = burst[: waveform.preamble_length + int(rng.integers(1, 3000))]
        return np.tile(beginning, 20)[: len(burst)], range(len(beginning), len(burst), len(beginning))
    return burst, range(0)


def _disturb(samples: np.ndarray, rng: np.random.Generator) -> int:
    """Add trouble in place; samples to go on behind, or none of them."""
    extra = trouble(min(int(10 ** rng.uniform(0, 4)), len(samples)), rng)
    with np.errstate(all="ignore"):
        samples[: len(extra)] += extra
    return int(rng.choice([0, len(extra)]))
