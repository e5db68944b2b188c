"""Loss by impairments of oscillators and front ends: the SNR of PER 10 %, beside that of a link without.

    python -m semcom.experiments.modem.impairments --mcs qpsk-1/2 16qam-1/2 64qam-2/3 --frames 200

Frames of 1000 bytes, everything included, carrier offset uniform within 0.9 subcarriers. The sender's oscillator and
amplifier come before the noise, the receiver's front end after it. Each link is measured in steps of 0.4 dB upwards
from where most frames fail, with the same seed for each impairment; the crossing is interpolated in log PER. Writes
NAME.csv and NAME.md to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import limit_snr_db
from semcom.phy import channel
from semcom.phy.channel import add_noise
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

FRAME_BYTES = 1000
TARGET_PER = 0.1
_STEP_DB = 0.4
_MAX_LOSS_DB = 8.0
_BATCH = 10

Link = Callable[[np.ndarray, float, float, np.random.Generator], np.ndarray]
"""(samples, noise variance, sample rate, generator) -> received samples."""


def _oscillator(linewidth_hz: float) -> Link:
    return lambda s, v, rate, rng: add_noise(channel.wiener_phase_noise(s, linewidth_hz, rate, rng), v, rng)


def _full_scale(power: float) -> float:
    """6 dB above the root mean square of one axis."""
    return float(np.sqrt(power / 2)) * 10 ** (6 / 20)


LINKS: dict[str, Link] = {
    "none": lambda s, v, rate, rng: add_noise(s, v, rng),
    **{f"oscillator, linewidth {width} Hz": _oscillator(width) for width in (20, 50, 100, 200, 500)},
    "IQ imbalance, 1 dB and 5 degrees": lambda s, v, rate, rng: channel.iq_imbalance(add_noise(s, v, rng), 1.0, 5.0),
    "DC at -20 dBc": lambda s, v, rate, rng: channel.dc_offset(add_noise(s, v, rng), -20.0, rng.uniform(0, 2 * np.pi)),
    "receiver clips 6 dB above rms": lambda s, v, rate, rng: channel.clip(add_noise(s, v, rng), _full_scale(1 + v)),
    "sender clips 6 dB above rms": lambda s, v, rate, rng: add_noise(channel.clip(s, _full_scale(1.0)), v, rng),
}


def packet_error_rate(
    waveform: Waveform, receiver: Receiver, mcs: Mcs, link: Link, snr_db: float, num_frames: int, seed: int
) -> float:
    """Share of frames of `FRAME_BYTES` that do not arrive."""
    rng = np.random.default_rng(seed)
    transmitter, lost, sent = Transmitter(waveform), 0, 0
    while sent < num_frames:
        payloads = [rng.bytes(FRAME_BYTES) for _ in range(min(_BATCH, num_frames - sent))]
        pieces = []
        for payload in payloads:
            piece = channel.delay(transmitter.modulate([TransportBlock(payload)], mcs), rng.uniform(60, 900))
            cfo_hz = rng.uniform(-0.9, 0.9) * waveform.subcarrier_spacing_hz
            pieces.append(channel.carrier_offset(piece, cfo_hz, waveform.nominal_rate_hz, rng.uniform(0, 2 * np.pi)))
        stream = np.concatenate([*pieces, np.zeros(300, np.complex64)])
        received = link(stream, channel.noise_var_for(snr_db), waveform.nominal_rate_hz, rng)
        bursts = receiver.push(received) + receiver.flush()
        arrived = {block.payload for burst in bursts for block in burst.blocks}
        lost += sum(payload not in arrived for payload in payloads)
        sent += len(payloads)
    return lost / num_frames


def threshold_db(waveform: Waveform, receiver: Receiver, mcs: Mcs, link: Link, num_frames: int, seed: int) -> float:
    """SNR of PER 10 %; not a number where it is not reached within 8 dB of the limit."""
    start = round(limit_snr_db(waveform, mcs) / _STEP_DB) * _STEP_DB
    before = None
    for snr_db in np.arange(start, start + _MAX_LOSS_DB, _STEP_DB):
        per = packet_error_rate(waveform, receiver, mcs, link, float(snr_db), num_frames, seed)
        if per <= TARGET_PER:
            if before is None:
                return float(snr_db)
            low, high = np.log10(before), np.log10(max(per, 0.5 / num_frames))
            return float(snr_db - _STEP_DB * (np.log10(TARGET_PER) - high) / (low - high))
        before = per
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--mcs", nargs="+", default=["qpsk-1/2", "16qam-1/2", "64qam-2/3"])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="impairments")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    waveform = Waveform.load(arguments.waveform)
    receiver = Receiver(waveform)
    rows = []
    for name in arguments.mcs:
        clean = None
        for link_name, link in LINKS.items():
            found = threshold_db(waveform, receiver, find_mcs(name), link, arguments.frames, arguments.seed)
            clean = found if clean is None else clean
            rows.append({"mcs": name, "impairment": link_name, "snr_db": found, "loss_db": found - clean})
            print(rows[-1], flush=True)
    write_results(rows, waveform, arguments)


def write_results(rows: list[dict], waveform: Waveform, arguments: argparse.Namespace) -> None:
    """NAME.csv and NAME.md."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / f"{arguments.name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    lines = [
        f"# What oscillators and front ends cost {waveform.name}",
        "",
        f"`python -m semcom.experiments.modem.impairments {shlex.join(sys.argv[1:])}`",
        "",
        f"SNR of PER 10 % for frames of {FRAME_BYTES} bytes, {arguments.frames} frames a point, and what it is more "
        "than on a clean link. A free-running oscillator of linewidth B turns by sqrt(2 pi B T) radians (rms) from one "
        "symbol of length T to the next.",
        "",
        "| MCS | impairment | SNR at PER 10 % | loss |",
        "|---|---|---|---|",
    ]
    for row in rows:
        reached = np.isfinite(row["snr_db"])
        snr, loss = (f"{row['snr_db']:.2f} dB", f"{row['loss_db']:.2f} dB") if reached else ("not reached", "")
        lines.append(f"| {row['mcs']} | {row['impairment']} | {snr} | {loss} |")
    (arguments.out / f"{arguments.name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
