"""Hostile streams into the modem's receiver: what it delivers, how it takes the cut into chunks, how long it needs.

    python -m semcom.experiments.robustness.receiver_fuzz --seed 1 --minutes 10

Each trial makes a stream (`hostile_streams`): bursts of random scheme, size, HARQ process and redundancy version,
repeated, cut, overlapping, through random channels, among tones, noise, silence, square waves and samples that are no
numbers. Two receivers take it in, cut differently. It is a defect when

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
from pathlib import Path

import numpy as np

from semcom.experiments.robustness.hostile_streams import MAX_STREAM, Stream, make_stream
from semcom.phy.burst import Burst
from semcom.phy.burst_layout import longest_burst
from semcom.phy.receiver import Receiver
from semcom.phy.transport_block import NUM_SOURCES
from semcom.phy.waveform import Waveform

SETTINGS = [("ofdm64", 1, None), ("ofdm64", 2, 4.0), ("ofdm256", 1, None), ("narrow", 1, None), ("narrow", 2, 8.0)]
"""Waveform, rate over the nominal one, and range of carrier offsets in subcarriers that is searched."""

MAX_MEMORY_GROWTH_MB = 256
WARM_TRIALS = 40  # by then all receivers exist and their tables are built


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
    places = [(position, payloads) for position, payloads, _ in stream.sent] + stream.copies
    for burst in bursts:
        near = [p for position, p in places if abs(position - burst.start_sample) <= 100 * ratio]
        if any(block.crc_ok and not any(block.payload in p for p in near) for block in burst.blocks):
            found.append("payload of another burst")
    return found


def memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


class Fuzz:
    """Receivers that live through all trials, as a radio's do, and what was found."""

    def __init__(self, seed: int, longest: int = MAX_STREAM) -> None:
        self.seed, self.counts, self._longest = seed, Counter(), longest
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
        stream = make_stream(
            waveform, ratio, first.max_cfo_subcarriers, rng, number % (NUM_SOURCES // 2), self._longest
        )
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
