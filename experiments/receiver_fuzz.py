"""Hostile streams into the modem's receiver: what it delivers, how it takes the cut into chunks, how long it needs.

    python -m semcom.experiments.receiver_fuzz --seed 1 --minutes 10

Each trial makes a stream: bursts of random scheme, size, HARQ process and redundancy version, repeated, cut,
overlapping, through random channels, among tones, noise, silence, square waves and samples that are no numbers. Two
receivers take it in, cut differently. It is a defect when

- something is raised,
- a payload comes out that was never sent, or one where another was sent,
- the two receivers report different bursts,
- a burst without trouble is not delivered,
- memory grows.

A trial is repeated alone with ``--seed S --trial N``. Ends with status 1 where a defect was found.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.signal

from semcom.phy import channel
from semcom.phy.burst import Burst
from semcom.phy.burst_layout import burst_layout, longest_burst, max_block_bytes
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_BY_NUMBER
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import NUM_PROCESSES, NUM_SOURCES, TransportBlock
from semcom.phy.waveform import Waveform

SETTINGS = [("ofdm64", 1, None), ("ofdm64", 2, 4.0), ("ofdm256", 1, None), ("narrow", 1, None), ("narrow", 2, 8.0)]
"""Waveform, rate over the nominal one, and range of carrier offsets in subcarriers that is searched."""

MAX_STREAM = 250_000  # samples at the nominal rate
MAX_MEMORY_GROWTH_MB = 256
WARM_TRIALS = 40  # by then all receivers exist and their tables are built
_PAD = 600  # zeros around a burst before it is resampled
_FADING = ("EPA5", "EVA70", "ETU300", "TDL-A30-10", "TDL-C300-100")


@dataclass
class Stream:
    """Samples, and what was put into them: (position, payloads, nothing disturbs it)."""

    samples: np.ndarray
    sent: list[tuple[int, list[bytes], bool]] = field(default_factory=list)


def random_blocks(waveform: Waveform, rng: np.random.Generator, source: int, pool: list | None):
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


def _fits(waveform: Waveform, mcs, count: int, size: int) -> bool:
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
        lambda: np.zeros(count),
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


def make_stream(waveform: Waveform, ratio: int, reach: float, rng: np.random.Generator, source: int) -> Stream:
    """One stream: clean in one trial of three."""
    clean, transmitter = rng.random() < 0.35, Transmitter(waveform)
    length = int(10 ** rng.uniform(4.3, np.log10(MAX_STREAM)))
    stream = Stream(np.zeros(length * ratio, np.complex64))
    position, pool = int(rng.integers(0, 3000)), [] if not clean and rng.random() < 0.6 else None
    cfo = rng.uniform(-reach, reach) / waveform.fft_size
    while True:
        # One source has one carrier: others are other sources.
        stray = rng.random() < 0.2
        own = NUM_SOURCES // 2 + len(stream.sent) % (NUM_SOURCES // 2) if stray else source
        blocks, mcs = random_blocks(waveform, rng, own, None if stray else pool)
        burst = transmitter.modulate(blocks, mcs)
        if position // ratio + len(burst) + 4 * _PAD > length:
            break
        quiet = clean or rng.random() < 0.3
        burst = np.pad(burst, _PAD) if quiet else np.pad(through_a_channel(burst, waveform, rng), _PAD)
        if not quiet and rng.random() < 0.3:
            burst = burst[: rng.integers(1, len(burst))]
        level = 10 ** rng.uniform(-1.5, 1.5) if not clean else 1.0
        there = at_rate(burst, ratio, rng.uniform(-1, 1) * reach / waveform.fft_size if stray else cfo)
        stream.samples[position : position + len(there)] += np.complex64(level) * there
        stream.sent.append((position + _PAD * ratio, [block.payload for block in blocks], clean))
        span = max(1, len(there) - 2 * _PAD * ratio)
        position += span + int(rng.choice([0, 0, 1, 7, 100, 1000])) * ratio
        if not clean and rng.random() < 0.4:
            position -= int(rng.integers(0, span))
        if not clean and rng.random() < 0.3:
            extra = trouble(int(10 ** rng.uniform(0, 4)), rng)
            extra = extra[: max(0, len(stream.samples) - position)]
            with np.errstate(all="ignore"):
                stream.samples[position : position + len(extra)] += extra
            position += int(rng.choice([0, len(extra)]))
    if not clean and rng.random() < 0.7:
        noise = channel.complex_noise(len(stream.samples), channel.noise_var_for(rng.uniform(-8, 40)) * ratio, rng)
        with np.errstate(all="ignore"):
            stream.samples += noise
    stream.samples = stream.samples[
        : rng.integers(min(position + 2 * _PAD * ratio, len(stream.samples)), len(stream.samples) + 1)
    ]
    return stream


def received(receiver: Receiver, samples: np.ndarray, rng: np.random.Generator) -> tuple[list[Burst], float]:
    """Bursts of a stream cut at random, and seconds of work."""
    bursts, begin, largest = [], 0, int(10 ** rng.uniform(1.5, 6))
    started = time.process_time()
    while begin < len(samples):
        count = int(rng.integers(0, largest + 1))
        bursts += receiver.push(samples[begin : begin + count])
        begin += count
    bursts += receiver.flush()
    return bursts, time.process_time() - started


def fingerprint(burst: Burst) -> tuple:
    """All that is told of a burst."""
    numbers = (burst.snr_db, burst.cfo_hz, burst.evm_db, burst.clock_offset_ppm, burst.num_samples, burst.num_clipped)
    arrays = (burst.channel.tobytes(), burst.constellation.tobytes())
    return burst.start_sample, burst.header_ok, burst.mcs, burst.blocks, *map(repr, numbers), *arrays


def defects(stream: Stream, bursts: list[Burst], others: list[Burst], ratio: int) -> list[str]:
    """What is wrong with what was received."""
    found = []
    known = {payload for _, payloads, _ in stream.sent for payload in payloads}
    if list(map(fingerprint, bursts)) != list(map(fingerprint, others)):
        found.append("cut into chunks matters")
    delivered = Counter(block.payload for burst in bursts for block in burst.blocks if block.crc_ok)
    if set(delivered) - known:
        found.append("wrong bytes")
    found += ["clean burst lost" for _, payloads, clean in stream.sent if clean and set(payloads) - set(delivered)]
    for burst in bursts:
        near = [p for position, p, _ in stream.sent if abs(position - burst.start_sample) <= 100 * ratio]
        if any(block.crc_ok and not any(block.payload in p for p in near) for block in burst.blocks):
            found.append("payload of another burst")
    return found


def memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


class Fuzz:
    """Receivers that live through all trials, as a radio's do, and what was found."""

    def __init__(self, seed: int) -> None:
        self.seed, self.counts = seed, Counter()
        self.worst = (0.0, "")
        self._pairs: dict[tuple, tuple[Receiver, Receiver]] = {}

    def forget_receivers(self) -> None:
        """After one has failed in the middle of a stream."""
        self._pairs.clear()

    def trial(self, number: int) -> list[str]:
        """One stream; names of the defects it shows."""
        rng = np.random.default_rng([self.seed, number])
        name, ratio, reach = SETTINGS[rng.integers(len(SETTINGS))]
        waveform = Waveform.load(name)
        if (name, ratio) not in self._pairs:
            rate = ratio * waveform.nominal_rate_hz
            self._pairs[name, ratio] = tuple(Receiver(waveform, rate, 1.0, reach) for _ in range(2))
        first, second = self._pairs[name, ratio]
        # Soft values of other trials belong to other sources: a trial can be repeated alone.
        stream = make_stream(waveform, ratio, first.max_cfo_subcarriers, rng, number % (NUM_SOURCES // 2))
        bursts, seconds = received(first, stream.samples, rng)
        others, _ = received(second, stream.samples, rng)
        per_sample = 1e6 * seconds / max(len(stream.samples), longest_burst(waveform))
        self.worst = max(self.worst, (per_sample, f"trial {number}, {name} at {ratio}x"))
        self.counts["samples"] += len(stream.samples)
        self.counts["bursts sent"] += len(stream.sent)
        self.counts["bursts reported"] += len(bursts)
        self.counts["blocks delivered"] += sum(block.crc_ok for burst in bursts for block in burst.blocks)
        return defects(stream, bursts, others, ratio)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--trial", type=int, help="only this one")
    options = parser.parse_args(arguments)
    fuzz, number, memory = Fuzz(options.seed), options.trial or 0, None
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        try:
            found = fuzz.trial(number)
        except Exception:
            found = [traceback.format_exc(limit=-3)]
            fuzz.forget_receivers()
        for defect in found:
            print(f"--seed {options.seed} --trial {number}: {defect}", flush=True)
            fuzz.counts["defects"] += 1
        number += 1
        if options.trial is not None:
            break
        if number == WARM_TRIALS:
            memory = memory_mb()
    growth = 0.0 if memory is None else memory_mb() - memory
    print(f"{number} trials,", ", ".join(f"{count} {name}" for name, count in fuzz.counts.items()))
    print(f"longest: {fuzz.worst[0]:.1f} us a sample ({fuzz.worst[1]})")
    print(f"memory: {growth:+.0f} MB since trial {WARM_TRIALS}")
    return 1 if fuzz.counts["defects"] or growth > MAX_MEMORY_GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
