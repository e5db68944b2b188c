"""HARQ gain over AWGN: threshold after two transmissions, incremental redundancy and Chase combining, against one.

    python -m semcom.experiments.modem.harq_gain --frames 300

Each frame (a burst of its own at a random place, with carrier offset) is sent as version 0 and, where it failed, as
version 2 (incremental redundancy) or as version 0 again (Chase). A missed burst or a lost signal field counts, once
per transmission. Writes NAME.csv and NAME.md.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import wilson
from semcom.phy import channel
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

TARGET_PER = 0.01


def failures(waveform: Waveform, mcs: Mcs, snr_db: float, versions: tuple[int, ...], num_frames: int, seed: int) -> int:
    """Frames of 1 kB that do not come within ``len(versions)`` transmissions."""
    rng = np.random.default_rng(seed)
    transmitter, receiver = Transmitter(waveform), Receiver(waveform)
    failed = 0
    for _ in range(num_frames):
        payload = rng.bytes(1000)
        for number, version in enumerate(versions):
            block = TransportBlock(payload, redundancy_version=version, new_data=number == 0)
            samples = channel.delay(transmitter.modulate([block], mcs), rng.uniform(100, 900))
            cfo_hz = rng.uniform(-1, 1) * waveform.subcarrier_spacing_hz
            samples = channel.carrier_offset(samples, cfo_hz, waveform.nominal_rate_hz, rng.uniform(0, 6.28))
            samples = np.concatenate([samples, np.zeros(300, np.complex64)])
            samples = channel.add_noise(samples, channel.noise_var_for(snr_db), rng)
            bursts = receiver.push(samples) + receiver.flush()
            if any(received.payload == payload for burst in bursts for received in burst.blocks):
                break
        else:
            failed += 1
    return failed


def threshold_db(points: list[tuple[float, float]]) -> float | None:
    """SNR at which the error rate, given at falling SNRs, rises above the target: log-linear between points."""
    for (high_snr, low_per), (low_snr, high_per) in pairwise(points):
        if low_per <= TARGET_PER < high_per:
            low, high = np.log10(max(low_per, 1e-4)), np.log10(high_per)
            return float(high_snr + (low_snr - high_snr) * (np.log10(TARGET_PER) - low) / (high - low))
    return None


def curve(waveform, mcs, versions, start_db, step_db, num_frames, seed, write) -> float | None:
    """Measures from `start_db` downwards until most frames fail; the threshold."""
    points, snr_db = [], start_db
    while not points or points[-1][1] < 0.3:
        lost = failures(waveform, mcs, snr_db, versions, num_frames, seed)
        low, high = wilson(lost, num_frames)
        write([mcs.name, "-".join(map(str, versions)), f"{snr_db:.2f}", num_frames, lost, f"{low:.4f}", f"{high:.4f}"])
        points.append((snr_db, lost / num_frames))
        snr_db -= step_db
    return threshold_db(points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mcs", nargs="*", default=["qpsk-2/3", "16qam-2/3", "64qam-2/3"])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--step-db", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--name", default="harq_gain")
    arguments = parser.parse_args()
    waveform = Waveform.load("ofdm64")
    starts = {"qpsk-2/3": 2.4, "16qam-2/3": 8.2, "64qam-2/3": 13.0}
    rows: list[list] = []
    lines = []

    def write(row: list) -> None:
        rows.append(row)
        print(*row, flush=True)

    for name in arguments.mcs:
        mcs, found = find_mcs(name), {}
        for versions, below in (((0,), 0.0), ((0, 0), 2.2), ((0, 2), 3.4)):
            start = starts[name] - below
            found[versions] = curve(
                waveform, mcs, versions, start, arguments.step_db, arguments.frames, arguments.seed, write
            )
            print(name, versions, found[versions], flush=True)
        one, chase, incremental = found[(0,)], found[(0, 0)], found[(0, 2)]
        if one is None or chase is None or incremental is None:
            raise SystemExit(f"{name}: a curve did not cross {TARGET_PER:.0%}: more frames, or another start")
        lines.append(
            f"| {name} | {one:.2f} dB | {chase:.2f} dB | {incremental:.2f} dB | {one - chase:.2f} dB "
            f"| **{one - incremental:.2f} dB** |"
        )
    with (arguments.out / f"{arguments.name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["mcs", "versions", "snr_db", "frames", "failed", "per_low", "per_high"])
        writer.writerows(rows)
    command = "python -m semcom.experiments.modem.harq_gain " + shlex.join(sys.argv[1:])
    text = [
        "# What a second transmission gains",
        "",
        f"`{command.strip()}`",
        "",
        "SNR at which 1 % of frames of 1 kB do not come, AWGN, ofdm64, carrier offset within one subcarrier, detection",
        "and signal field included. Chase: the same version again; incremental: version 2.",
        "",
        "| MCS | once | twice, Chase | twice, incremental | gain, Chase | gain, incremental |",
        "|---|---|---|---|---|---|",
        *lines,
        "",
    ]
    (arguments.out / f"{arguments.name}.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
