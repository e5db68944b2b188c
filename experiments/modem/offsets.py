"""Loss by carrier offset, clock offset and fractional timing: SNR of PER 1 % beside that without offsets.

    python -m semcom.experiments.modem.offsets --frames 1000

Single frames of `--frame-bytes` over AWGN, PER of blocks with everything included, each condition over the same SNRs;
thresholds are interpolated on the logarithm of PER. Clock offsets are measured on the longest burst the waveform
allows, filled with frames. At twice the rate, and at the nominal rate over four subcarriers, a channel filter (63 taps,
-6 dB at 0.45 of the rate) stands before the receiver, as in a radio. Writes offsets.md and offsets.csv.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.signal

from semcom.experiments.modem.per_curves import wilson
from semcom.phy import channel
from semcom.phy.mcs import find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_TARGET_PER = 0.01
_FILTER = scipy.signal.firwin(63, 0.9)


@dataclass(frozen=True)
class Condition:
    """One way of being out of tune; `cfo` gives a carrier offset in subcarriers, `fraction` a timing in samples."""

    name: str
    cfo: Callable[[np.random.Generator], float] = lambda rng: 0.0
    fraction: Callable[[np.random.Generator], float] = lambda rng: 0.0
    clock_ppm: float = 0.0
    ratio: int = 1
    reach: float | None = None
    filtered: bool = False
    num_blocks: int = 1


def _uniform(reach: float, rng: np.random.Generator) -> float:
    return rng.uniform(-reach, reach)


def conditions(longest: int) -> list[list[Condition]]:
    """Groups of conditions; the first of each is what the others are compared with."""
    quarter, half = (lambda rng: 0.25), (lambda rng: 0.5)
    return [
        [
            Condition("in tune"),
            Condition("timing off by 1/4 sample", fraction=quarter),
            Condition("timing off by 1/2 sample", fraction=half),
            Condition("carrier uniform within ±1 subcarrier", cfo=partial(_uniform, 1.0)),
            Condition("carrier +1 subcarrier", cfo=lambda rng: 1.0),
            Condition("carrier uniform within ±4, searched", cfo=partial(_uniform, 4.0), reach=4.0),
            Condition("carrier uniform within ±8, twice the rate", cfo=partial(_uniform, 8.0), reach=8.0, ratio=2,
                      filtered=True),
            Condition("carrier uniform within ±4, channel filter at the nominal rate", cfo=partial(_uniform, 4.0),
                      reach=4.0, filtered=True),
        ],
        [
            Condition("longest burst, clocks agree", num_blocks=longest),
            Condition("longest burst, clock +50 ppm", num_blocks=longest, clock_ppm=50.0),
            Condition("longest burst, clock -50 ppm", num_blocks=longest, clock_ppm=-50.0),
        ],
    ]  # fmt: skip


def packet_errors(waveform, condition: Condition, mcs, frame_bytes: int, snr_db: float, count: int, seed: int) -> int:
    """Failed blocks among `count` (a multiple of the blocks in a burst)."""
    rng = np.random.default_rng(seed)
    transmitter = Transmitter(waveform)
    receiver = Receiver(waveform, condition.ratio * waveform.nominal_rate_hz, max_cfo_subcarriers=condition.reach)
    failed = 0
    for _ in range(count // condition.num_blocks):
        payloads = [rng.bytes(frame_bytes) for _ in range(condition.num_blocks)]
        burst = transmitter.modulate([TransportBlock(payload) for payload in payloads], mcs)
        if condition.clock_ppm:
            burst = channel.clock_offset(burst, condition.clock_ppm)
        samples = np.concatenate([channel.delay(burst, 700 + condition.fraction(rng)), np.zeros(600, np.complex64)])
        if condition.ratio == 2:
            samples = scipy.signal.resample_poly(samples, 2, 1, window=("kaiser", 8.0)).astype(np.complex64)
        rate_hz = condition.ratio * waveform.nominal_rate_hz
        cfo_hz = condition.cfo(rng) * waveform.subcarrier_spacing_hz
        samples = channel.carrier_offset(samples, cfo_hz, rate_hz, rng.uniform(0, 2 * np.pi))
        samples = channel.add_noise(samples, condition.ratio * channel.noise_var_for(snr_db), rng)
        if condition.filtered:
            samples = scipy.signal.lfilter(_FILTER, 1, samples).astype(np.complex64)
        received = {block.payload for found in receiver.push(samples) + receiver.flush() for block in found.blocks}
        failed += sum(payload not in received for payload in payloads)
    return failed


def threshold_db(snrs_db: list[float], failed: list[int], count: int) -> float | None:
    """SNR of PER 1 %, None where the points do not enclose it."""
    rates = [max(f, 0.3) / count for f in failed]
    for (low_snr, low), (high_snr, high) in pairwise(zip(snrs_db, rates, strict=True)):
        if low > _TARGET_PER >= high:
            share = (np.log(low) - np.log(_TARGET_PER)) / (np.log(low) - np.log(high))
            return float(low_snr + share * (high_snr - low_snr))
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--mcs", default="qpsk-1/2")
    parser.add_argument("--frame-bytes", type=int, default=1000)
    parser.add_argument("--snr-db", type=float, nargs="+", default=[-0.4, -0.2, 0.0, 0.2, 0.4, 0.7])
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    waveform, mcs = Waveform.load(arguments.waveform), find_mcs(arguments.mcs)
    room = waveform.max_data_symbols * waveform.num_data * mcs.bits_per_symbol * mcs.code_rate
    longest = min(64, int(room / (8 * arguments.frame_bytes + 24)))
    rows, lines = [], []
    for group in conditions(longest):
        reference = None
        for condition in group:
            count = max(1, arguments.frames // condition.num_blocks) * condition.num_blocks
            failed = []
            for snr_db in arguments.snr_db:
                errors = packet_errors(waveform, condition, mcs, arguments.frame_bytes, snr_db, count, arguments.seed)
                failed.append(errors)
                rows.append((condition.name, snr_db, count, errors, errors / count, *wilson(errors, count)))
            found = threshold_db(arguments.snr_db, failed, count)
            reference = found if reference is None else reference
            if found is None:
                where, loss = f"PER {failed[-1] / count:.2g} at {arguments.snr_db[-1]:g} dB", ""
            else:
                where, loss = f"{found:.2f} dB", f"{found - reference:+.2f} dB"
            pers = ", ".join(f"{errors / count:.2g}" for errors in failed)
            lines.append(f"| {condition.name} | {count} | {where} | {loss} | {pers} |")
            print(lines[-1], flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "offsets.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["condition", "snr_db", "frames", "failed", "per", "per_low", "per_high"])
        writer.writerows(rows)
    head = [
        f"# What offsets cost: {waveform.name}, {mcs.name}, frames of {arguments.frame_bytes} bytes",
        "",
        f"`python -m semcom.experiments.modem.offsets {shlex.join(sys.argv[1:])}`".replace(" `", "`"),
        "",
        "Everything included. Loss is the difference of the SNR of PER 1 % to the first row of the group.",
        "",
        f"| condition | frames a point | SNR of PER 1 % | loss | PER at {', '.join(map(str, arguments.snr_db))} dB |",
        "|---|---|---|---|---|",
    ]
    (arguments.out / "offsets.md").write_text("\n".join(head + lines) + "\n")


if __name__ == "__main__":
    main()
