"""Wall time of receiving on two cores against one process, the same samples from memory, in turns.

    python -m semcom.experiments.modem.two_cores

Bursts of 1 kB back to back at an SNR with some decoding work to do; everything included, detector and `flush` too. On
an otherwise idle machine: the load average is noted. Writes two_cores.csv and two_cores.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from semcom.phy import channel
from semcom.phy.mcs import find_mcs
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

CORES = 2
CASES = [("qpsk-1/2", 2.0), ("16qam-3/4", 13.0), ("64qam-5/6", 20.0)]


def make_stream(waveform: Waveform, mcs: str, frame_bytes: int, count: int, snr_db: float, rng) -> np.ndarray:
    """Bursts back to back in noise, complex64."""
    transmitter = Transmitter(waveform)
    bursts = [transmitter.modulate([TransportBlock(rng.bytes(frame_bytes))], find_mcs(mcs)) for _ in range(count)]
    return channel.add_noise(np.concatenate(bursts), channel.noise_var_for(snr_db), rng)


def received_in(receiver: Receiver, samples: np.ndarray) -> tuple[float, list]:
    """Wall time, seconds, and what came: position and payloads of each burst."""
    start, bursts = time.perf_counter(), []
    for first in range(0, len(samples), MAX_CHUNK):
        bursts += receiver.push(samples[first : first + MAX_CHUNK])
    bursts += receiver.flush()
    wall_s = time.perf_counter() - start
    return wall_s, [(burst.start_sample, [block.payload for block in burst.blocks]) for burst in bursts]


def measure(alone: Receiver, pooled: Receiver, samples: np.ndarray, pairs: int) -> dict:
    """Wall times in turns, and the median of their ratios."""
    expected, ratios, alone_s, pooled_s = received_in(alone, samples)[1], [], [], []
    received_in(pooled, samples)
    load_before = os.getloadavg()[0]
    for _ in range(pairs):
        one_s, _ = received_in(alone, samples)
        two_s, came = received_in(pooled, samples)
        if came != expected:
            raise RuntimeError("the bursts received with workers are others than those without")
        alone_s.append(one_s)
        pooled_s.append(two_s)
        ratios.append(one_s / two_s)
    return {
        "bursts": len(expected),
        "delivered": sum(payload is not None for _, payloads in expected for payload in payloads) / len(expected),
        "one_process_s": statistics.median(alone_s),
        "workers_s": statistics.median(pooled_s),
        "faster": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "load_before": load_before,
        "load_after": os.getloadavg()[0],
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=CORES)
    parser.add_argument("--bursts", type=int, default=1000)
    parser.add_argument("--frame-bytes", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-CORES:])
    waveform, rng, rows = Waveform.load("ofdm64"), np.random.default_rng(1), []
    alone, pooled = Receiver(waveform), Receiver(waveform, num_workers=options.workers)
    for mcs, snr_db in CASES:
        samples = make_stream(waveform, mcs, options.frame_bytes, options.bursts, snr_db, rng)
        rows.append({"mcs": mcs, "snr_db": snr_db, **measure(alone, pooled, samples, options.pairs)})
        print({key: f"{v:.3g}" if isinstance(v, float) else v for key, v in rows[-1].items()}, flush=True)
    pooled.close()
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "two_cores.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        "# Receiving on two cores",
        "",
        f"`python -m semcom.experiments.modem.two_cores {shown}`".replace(" `", "`"),
        "",
        f"Bursts of {options.frame_bytes} bytes back to back, from memory; all processes on the same {CORES} cores. "
        f"One process against one with {options.workers} workers in turns: medians of {options.pairs} pairs. The "
        "bursts are compared. The load average of the last minute holds this recipe's own processes.",
        "",
        "| MCS | SNR | bursts | delivered | one process | with workers | faster | least to most | load average |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['mcs']} | {r['snr_db']:g} dB | {r['bursts']} | {r['delivered']:.4g} | {r['one_process_s']:.2f} s "
        f"| {r['workers_s']:.2f} s | {r['faster']:.2f} x | {r['least']:.2f} to {r['most']:.2f} "
        f"| {r['load_before']:.1f}, then {r['load_after']:.1f} |"
        for r in rows
    ]
    (options.out / "two_cores.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
