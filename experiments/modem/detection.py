"""Detection performance: missed preambles over SNR, false alarms on noise and on recorded signals of other systems.

    python -m semcom.experiments.modem.detection --preambles 5000 --noise-samples 1e8 --captures FOLDER

Preambles lie at random fractional positions with a carrier offset uniform over the waveform's whole range. A false
frame is a block with a good CRC where nothing was sent; a false burst is anything the receiver reports. Writes
detection.csv and detection.md.
"""

from __future__ import annotations

import argparse
import csv
import resource
import shlex
import sys
import time
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import wilson
from semcom.phy import channel
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.sync.burst_detector import BurstDetector
from semcom.phy.sync.preamble import preamble
from semcom.phy.sync.synchronisation import Synchroniser
from semcom.phy.waveform import Waveform

_POSITION_TOLERANCE = 4  # samples


def missed_preambles(waveform: Waveform, snr_db: float, count: int, rng: np.random.Generator) -> tuple[int, float]:
    """Preambles not found and placed, and the carrier offset's error (rms, subcarriers) of those that were."""
    detector, synchroniser = BurstDetector(waveform), Synchroniser(waveform)
    stretch = detector.block_length + waveform.preamble_length
    buffer = SampleBuffer(2 * stretch)
    guard = np.zeros(40, np.complex64)
    known = np.concatenate([guard, preamble(waveform)[: waveform.preamble_length], guard])
    missed, errors = 0, []
    for _ in range(count):
        true_start = rng.uniform(stretch // 4, stretch // 2)
        cfo = rng.uniform(-1, 1) * waveform.max_cfo_subcarriers / waveform.fft_size
        samples = channel.delay(known, true_start - len(guard))
        samples = np.concatenate([samples, np.zeros(stretch - len(samples), np.complex64)])
        samples = channel.carrier_offset(samples, cfo, 1.0, rng.uniform(0, 2 * np.pi))
        detector.reset()
        buffer.clear()
        buffer.append(channel.add_noise(samples, channel.noise_var_for(snr_db), rng))
        # Silence behind settles the last detection.
        buffer.append(np.zeros(2 * stretch - buffer.end, np.complex64))
        found = [synchroniser.synchronise(buffer, detection) for detection in detector.process(buffer)]
        placed = [s for s in found if s is not None and abs(s.start_sample - true_start) <= _POSITION_TOLERANCE]
        if placed:
            errors.append((placed[0].cfo - cfo) * waveform.fft_size)
        else:
            missed += 1
    return missed, float(np.sqrt(np.mean(np.square(errors)))) if errors else float("nan")


def false_alarms(receiver: Receiver, chunks) -> tuple[int, int, int, float, float]:
    """Over chunks without a burst: samples, bursts reported, good frames, seconds of CPU, memory grown by in MiB."""
    samples = bursts = frames = 0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = 0.0
    for chunk in chunks:
        start = time.process_time()
        reported = receiver.push(chunk)
        seconds += time.process_time() - start
        samples += len(chunk)
        bursts += len(reported)
        frames += sum(block.crc_ok for burst in reported for block in burst.blocks)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    return samples, bursts, frames, seconds, grown


def _noise(total: int, rng: np.random.Generator):
    for _ in range(-(-total // MAX_CHUNK)):
        yield channel.complex_noise(MAX_CHUNK, 1.0, rng)


def _captures(folder: Path) -> list[np.ndarray]:
    recordings = [np.fromfile(file, "<i2").astype(np.float32) / 32768 for file in sorted(folder.glob("**/*.dat"))]
    return [axes[: len(axes) // 2 * 2].view(np.complex64) for axes in recordings]


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--snr-db", type=float, nargs="+", default=[-10, -9, -8, -7, -6])
    parser.add_argument("--preambles", type=int, default=5000)
    parser.add_argument("--noise-samples", type=float, default=1e8)
    parser.add_argument("--captures", type=Path, help="folder of recordings, int16 I and Q in turn, in *.dat")
    parser.add_argument("--wide", type=float, default=4.0, help="carrier offsets of a wide search, subcarriers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    rng = np.random.default_rng(options.seed)
    rows = []
    for snr_db in options.snr_db:
        missed, error = missed_preambles(waveform, snr_db, options.preambles, rng)
        low, high = wilson(missed, options.preambles)
        rows.append((snr_db, options.preambles, missed, missed / options.preambles, low, high, error))
        print(f"{snr_db:g} dB: missed {missed} of {options.preambles}, CFO rms {error:.4f} subcarriers", flush=True)
    receivers = {
        f"nominal rate, ±{waveform.max_cfo_subcarriers:g} subcarriers": Receiver(waveform),
        f"nominal rate, ±{options.wide:g}": Receiver(waveform, max_cfo_subcarriers=options.wide),
        f"twice the rate, ±{2 * options.wide:g}": Receiver(
            waveform, 2 * waveform.nominal_rate_hz, max_cfo_subcarriers=2 * options.wide
        ),
    }
    alarms = []
    for name, receiver in receivers.items():
        noise = _noise(int(options.noise_samples), rng)
        alarms.append((f"white noise; {name}", *false_alarms(receiver, noise)))
        print(alarms[-1], flush=True)
        if options.captures:
            gap = np.zeros(2 * MAX_CHUNK, np.complex64)  # so that nothing is left in work at the end
            alarms.append(
                (f"recorded WLAN frames; {name}", *false_alarms(receiver, [*_captures(options.captures), gap]))
            )
            print(alarms[-1], flush=True)

    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "detection.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["snr_db", "preambles", "missed", "rate", "rate_low", "rate_high", "cfo_rms_subcarriers"])
        writer.writerows(rows)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        f"# Finding bursts of {waveform.name}",
        "",
        f"`python -m semcom.experiments.modem.detection {shown}`".replace(" `", "`"),
        "",
        f"Random fractional timing, carrier offset uniform over ±{waveform.max_cfo_subcarriers:g} subcarriers.",
        "",
        "| SNR | preambles | missed | rate (95 % interval) | carrier offset error, rms |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {snr:g} dB | {count} | {missed} | {rate:.2g} ({low:.2g} to {high:.2g}) | {error:.4f} subcarriers |"
        for snr, count, missed, rate, low, high, error in rows
    ]
    lines += [
        "",
        "| signal without bursts; receiver | samples | bursts reported | frames | speed |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {samples:.3g} | {bursts} | {frames} | {samples / seconds / 1e6:.1f} Msps on one core "
        f"| +{grown:.0f} MiB |"
        for name, samples, bursts, frames, seconds, grown in alarms
    ]
    (options.out / "detection.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
