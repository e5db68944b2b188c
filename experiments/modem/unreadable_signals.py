"""CPU time and counted work of the receiver for a second of signals that it cannot read.

    python -m semcom.experiments.modem.unreadable_signals --recordings FOLDER

`--recordings`: recorded WLAN frames (int16, *.dat). Beside the times stands that of a plain FFT over the same number of
samples: on a machine that does other things too, both grow. Writes unreadable_signals.md.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import scipy.fft

from semcom.experiments.modem import receiver_streams
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.waveform import Waveform


def measure(receiver: Receiver, samples: np.ndarray) -> tuple[float, float, list]:
    """CPU seconds, counted seconds on what could not be read, and bursts."""
    counted, started, bursts = receiver.unreadable_work_us, time.process_time(), []
    for start in range(0, len(samples), MAX_CHUNK):
        bursts += receiver.push(samples[start : start + MAX_CHUNK])
    bursts += receiver.flush()
    return time.process_time() - started, (receiver.unreadable_work_us - counted) / 1e6, bursts


def fft_msps() -> float:
    """Speed of FFTs of 4096 points on this machine, now."""
    rows, times = np.ones((64, 4096), np.complex64), []
    for _ in range(20):
        started = time.process_time()
        scipy.fft.fft(rows, axis=1)
        times.append(time.process_time() - started)
    return rows.size / sorted(times)[len(times) // 2] / 1e6


def main() -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--recordings", type=Path, help="folder of recorded WLAN frames")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    receiver = Receiver(Waveform.load("ofdm64"))
    lines = [
        "# Signals that the receiver cannot read, ofdm64 at 1 Msps, one core",
        "",
        f"`python -m {__spec__.name} {shlex.join(sys.argv[1:])}`",
        "",
        f"CPU time (least of {options.runs} runs) and counted work for each second of signal, the search for bursts "
        "included in the former; the speed of an FFT (4096 points, complex64), measured right after each, says how "
        "fast the machine was then. Counted work is that of a core whose FFT does 620 Msps.",
        "",
        "| signal | CPU s per s | counted s per s | bursts named | good blocks | FFT |",
        "|---|---|---|---|---|---|",
    ]
    for name in [*receiver_streams.UNREADABLE, *(["recorded WLAN"] if options.recordings else [])]:
        samples = receiver_streams.unreadable(name, options.seconds, options.recordings)
        seconds, counted, bursts = min(
            (measure(receiver, samples) for _ in range(options.runs)), key=lambda run: run[0]
        )
        blocks = [block.crc_ok for burst in bursts for block in burst.blocks]
        per_second = seconds / options.seconds, counted / options.seconds
        lines.append(
            f"| {name} | {per_second[0]:.2f} | {per_second[1]:.2f} | {len(bursts)} | {sum(blocks)} of {len(blocks)} "
            f"| {fft_msps():.0f} Msps |"
        )
        print(lines[-1], flush=True)
    (options.out / "unreadable_signals.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
