"""Speed of the modem on one core, beside an FFT over the same samples in the same run.

    python -m semcom.experiments.modem.modem_speed

Bursts back to back at an SNR with some decoding work to do, everything included. Times are of the process, best of
`--repeats`. Writes modem_speed.csv and modem_speed.md.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import scipy.fft

from semcom.phy import channel
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.mcs import find_mcs
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.sync.burst_detector import BurstDetector
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_FFT_SIZE = 4096

CASES = [
    ("qpsk-1/2", 40, 1, 4.0),
    ("qpsk-1/2", 120, 1, 3.0),
    ("qpsk-1/2", 1000, 1, 2.0),
    ("qpsk-1/2", 1000, 8, 2.0),
    ("bpsk-1/8", 120, 1, -6.0),
    ("16qam-3/4", 1000, 4, 13.0),
    ("64qam-5/6", 1000, 8, 20.0),
]


def best_time(action, repeats: int) -> float:
    """Shortest CPU time of `action`, seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def measure(waveform: Waveform, name: str, frame_bytes: int, num_blocks: int, snr_db: float, repeats: int, rng) -> dict:
    """Speeds in samples per second of CPU time for one kind of burst."""
    mcs = find_mcs(name)
    transmitter, receiver = Transmitter(waveform), Receiver(waveform)
    blocks = [TransportBlock(rng.bytes(frame_bytes)) for _ in range(num_blocks)]
    length = len(transmitter.modulate(blocks, mcs))
    count = max(4, 400_000 // length)
    bursts = [transmitter.modulate(blocks, mcs) for _ in range(count)]
    samples = channel.add_noise(np.concatenate(bursts), channel.noise_var_for(snr_db), rng)
    rows = samples[: len(samples) // _FFT_SIZE * _FFT_SIZE].reshape(-1, _FFT_SIZE)
    good = []

    def receive():
        received = []
        for start in range(0, len(samples), MAX_CHUNK):
            received += receiver.push(samples[start : start + MAX_CHUNK])
        received += receiver.flush()
        good.append(sum(block.crc_ok for burst in received for block in burst.blocks))

    def detect():
        detector, buffer = BurstDetector(waveform), SampleBuffer(4 * MAX_CHUNK)
        for start in range(0, len(samples), MAX_CHUNK):
            buffer.append(samples[start : start + MAX_CHUNK])
            detector.process(buffer)

    receive_s = best_time(receive, repeats)
    transmit_s = best_time(lambda: [transmitter.modulate(blocks, mcs) for _ in range(count)], repeats)
    detect_s = best_time(detect, repeats)
    fft_s = best_time(lambda: scipy.fft.fft(rows, axis=1), repeats) * len(samples) / rows.size
    return {
        "mcs": name,
        "frame_bytes": frame_bytes,
        "blocks": num_blocks,
        "snr_db": snr_db,
        "delivered": min(good) / (count * num_blocks),
        "receiver_msps": len(samples) / receive_s / 1e6,
        "bursts_per_s": count / receive_s,
        "detector_msps": len(samples) / detect_s / 1e6,
        "transmitter_msps": len(samples) / transmit_s / 1e6,
        "fft_msps": len(samples) / fft_s / 1e6,
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    rng = np.random.default_rng(1)
    rows = []
    for case in CASES:
        rows.append(measure(waveform, *case, options.repeats, rng))
        print({key: f"{v:.3g}" if isinstance(v, float) else v for key, v in rows[-1].items()}, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "modem_speed.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        f"# Speed of the modem, {waveform.name}, one core",
        "",
        f"`python -m semcom.experiments.modem.modem_speed {shown}`".replace(" `", "`"),
        "",
        f"Bursts back to back. The reference is scipy's FFT of {_FFT_SIZE} points, complex64, over the same samples "
        "in the same run; `flush` and its silence are part of the receiver's time.",
        "",
        "| MCS | blocks | SNR | delivered | receiver | bursts/s | detector | transmitter | FFT | FFT / receiver |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['mcs']} | {r['blocks']} x {r['frame_bytes']} B | {r['snr_db']:g} dB | {r['delivered']:.3g} "
        f"| {r['receiver_msps']:.1f} Msps | {r['bursts_per_s']:.0f} | {r['detector_msps']:.0f} Msps "
        f"| {r['transmitter_msps']:.0f} Msps | {r['fft_msps']:.0f} Msps | {r['fft_msps'] / r['receiver_msps']:.0f} |"
        for r in rows
    ]
    (options.out / "modem_speed.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
