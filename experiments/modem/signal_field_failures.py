"""Failures of the signal field beside those of the payload, at the SNR where each MCS loses 1 % of its frames.

    python -m semcom.experiments.modem.signal_field_failures --fields 20000

The field is coded, mapped and sent over AWGN at the threshold of the MCS (docs/results/per_awgn*.csv) and decoded with
the channel known; what estimation adds is in the columns *signal field* of those curves. Writes NAME.csv and NAME.md to
the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import load_thresholds, wilson
from semcom.phy import channel
from semcom.phy.burst_layout import channel_uses
from semcom.phy.coding import signal_field
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.waveform import Waveform

_TARGET_PER = 0.01
_TABLES = {120: "per_awgn.csv", 1000: "per_awgn_1000.csv"}
_NAMES = ["scheme", "frame_bytes", "form", "snr_db", "fields", "failures", "rate", "rate_high", "overhead"]


def failures(waveform: Waveform, mcs: Mcs, block_bytes: int, snr_db: float, count: int, rng) -> int:
    """Fields of `count` that are not decoded as they were sent."""
    field = signal_field.SignalField(mcs, 1, block_bytes)
    symbols = signal_field.encode(field, waveform)
    noise_var = channel.noise_var_for(snr_db) / waveform.carrier_gain**2
    variance = np.full(symbols.shape, noise_var, np.float32)
    failed = 0
    for _ in range(count):
        received = channel.add_noise(symbols.ravel(), noise_var, rng).reshape(symbols.shape)
        failed += signal_field.decode(received, variance, mcs.header_form) != field
    return failed


def overhead(waveform: Waveform, mcs: Mcs, block_bytes: int) -> float:
    """Share of preamble and signal field in the airtime of one frame."""
    rows = signal_field.num_symbols(waveform, mcs.header_form)
    samples = waveform.preamble_length + rows * waveform.symbol_length
    return samples / channel_uses(waveform, mcs, 1, block_bytes)


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--fields", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--thresholds", type=Path, default=Path("docs/results"), help="folder of the PER tables")
    parser.add_argument("--name", default="signal_field")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    rng = np.random.default_rng(options.seed)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        "# The signal field at the threshold of each MCS",
        "",
        f"`python -m semcom.experiments.modem.signal_field_failures {shown}`",
        "",
        f"{waveform.name}, at the SNR where {_TARGET_PER:.0%} of the frames are lost; channel known, AWGN. Asked for: "
        f"at most a tenth of that, {_TARGET_PER / 10:.1%}. Overhead: preamble and signal field in the airtime.",
        "",
        "| MCS | form | frame | threshold | failed of fields | upper end of the 95 % interval | overhead |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = []
    for size, table in _TABLES.items():
        for name, snr_db in load_thresholds(options.thresholds / table, size).items():
            mcs = find_mcs(name)
            failed = failures(waveform, mcs, size, snr_db, options.fields, rng)
            high, share = wilson(failed, options.fields)[1], overhead(waveform, mcs, size)
            values = (name, size, mcs.header_form, round(snr_db, 2), options.fields, failed)
            rows.append((*values, failed / options.fields, high, share))
            lines.append(
                f"| {name} | {mcs.header_form} | {size} B | {snr_db:.2f} dB | {failed} of {options.fields} "
                f"| {high:.5f} | {share:.1%} |"
            )
            print(lines[-1], flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / f"{options.name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        writer.writerows(rows)
    (options.out / f"{options.name}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
