"""Latency of the receiver: from the last sample of a burst to the bytes of its frame.

    python -m semcom.experiments.modem.latency

Two figures for bursts of one frame at 1 Msps: *numerics*, the receiver fed in chunks as a radio would (samples still
needed after the burst, at their rate, plus the time of the last `push`), and *GNU Radio*, a flowgraph paced at 1 Msps
from the moment its source hands out the last sample of a burst until the frame's message arrives. Writes latency.md.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path

import numpy as np

from semcom.flowgraphs.loopback.paced import run_paced
from semcom.phy import channel
from semcom.phy.mcs import find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_GAP = 6000  # samples between bursts
_SNR_DB = 4.0


def stream(waveform: Waveform, mcs_name: str, frame_bytes: int, count: int, rng) -> tuple[np.ndarray, list[int]]:
    """Samples of `count` bursts in noise and where each ends."""
    transmitter, mcs = Transmitter(waveform), find_mcs(mcs_name)
    parts, ends, position = [], [], 0
    for _ in range(count):
        burst = transmitter.modulate([TransportBlock(rng.bytes(frame_bytes))], mcs)
        parts += [np.zeros(_GAP, np.complex64), burst]
        position += _GAP + len(burst)
        ends.append(position)
    parts.append(np.zeros(4 * _GAP, np.complex64))
    return channel.add_noise(np.concatenate(parts), channel.noise_var_for(_SNR_DB), rng), ends


def numerics_ms(waveform: Waveform, samples: np.ndarray, ends: list[int], chunk: int) -> np.ndarray:
    """Latency of each burst when chunks come at the nominal rate."""
    receiver, latencies, waiting = Receiver(waveform), [], list(ends)
    for start in range(0, len(samples), chunk):
        begin = time.perf_counter()
        bursts = receiver.push(samples[start : start + chunk])
        took_s = time.perf_counter() - begin
        for burst in bursts:
            if burst.header_ok and burst.blocks[0].crc_ok:
                more = max(0, start + chunk - waiting.pop(0))
                latencies.append(1e3 * (more / waveform.nominal_rate_hz + took_s))
    return np.array(latencies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--bursts", type=int, default=200)
    parser.add_argument("--chunk", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    waveform = Waveform.load(arguments.waveform)
    lines = [
        f"# Latency of {waveform.name}, one frame in a burst",
        "",
        f"`python -m semcom.experiments.modem.latency {shlex.join(sys.argv[1:])}`".replace(" `", "`"),
        "",
        f"Last sample of the burst in to bytes out, {waveform.nominal_rate_hz / 1e6:g} Msps in chunks of "
        f"{arguments.chunk} samples, SNR {_SNR_DB:g} dB.",
        "",
        "| MCS | frame | where | bursts | median | 99 % |",
        "|---|---|---|---|---|---|",
    ]
    for mcs, size in (("qpsk-1/2", 1000), ("qpsk-1/2", 120)):
        samples, ends = stream(waveform, mcs, size, arguments.bursts, np.random.default_rng(1))
        in_gnu_radio = run_paced(arguments.waveform, samples, ends, waveform.nominal_rate_hz)
        for where, latencies in (
            ("numerics", numerics_ms(waveform, samples, ends, arguments.chunk)),
            ("GNU Radio", 1e3 * in_gnu_radio),
        ):
            middle, high = np.percentile(latencies, [50, 99])
            lines.append(f"| {mcs} | {size} B | {where} | {len(latencies)} | {middle:.1f} ms | {high:.1f} ms |")
            print(lines[-1], flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "latency.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
