"""Loss by the transmitter's peak limiter: packet error rates with and without it, on the same frames and noise.

    python -m semcom.experiments.modem.peak_limiter_loss --mcs qpsk-1/2 256qam-3/4 --limits-db 8 7 6 --frames 2000

Measured as in `per_curves`, at points 0.05 dB apart around the threshold of the unlimited transmitter. The loss is the
difference of the SNRs of PER 1 %; noise is counted against the mean power of a burst in both cases. Writes NAME.csv and
NAME.md to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import Point, measure, threshold_snr_db
from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform

_STEP_DB = 0.05
_CFO_SUBCARRIERS = 0.5
_MOST_POINTS = 12


def curve(waveform, name, frame_bytes, limit_db, first_snr_db, num_frames, seed) -> list[Point]:
    """Points from `first_snr_db` upwards until PER falls below 0.5 %; the same seeds whatever the limit."""
    points = []
    for index in range(_MOST_POINTS):
        rng = np.random.default_rng([seed, index])
        snr_db = first_snr_db + index * _STEP_DB
        points.append(
            measure(waveform, find_mcs(name), frame_bytes, snr_db, num_frames, _CFO_SUBCARRIERS, rng, None, limit_db)
        )
        print(f"{name}, limit {limit_db}: {snr_db:.2f} dB PER {points[-1].per:.4f}", flush=True)
        if points[-1].per < 0.005:
            break
    return points


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--mcs", nargs="+", default=["qpsk-1/2"])
    parser.add_argument("--first-snr-db", type=float, nargs="+", default=[-0.3], help="one for each MCS")
    parser.add_argument("--limits-db", type=float, nargs="+", default=[8.0])
    parser.add_argument("--frame-bytes", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="peak_limiter")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        "# What a peak limit costs",
        "",
        f"`python -m semcom.experiments.modem.peak_limiter_loss {shown}`",
        "",
        f"{waveform.name}, frames of {options.frame_bytes} bytes over AWGN, the same frames and noise in each row of "
        f"an MCS; {options.frames} frames a point.",
        "",
        "| MCS | peak limit | SNR at PER 1 % | loss | points (SNR: PER) |",
        "|---|---|---|---|---|",
    ]
    rows = []
    for name, first in zip(options.mcs, options.first_snr_db, strict=True):
        reference = None
        for limit in [None, *options.limits_db]:
            points = curve(waveform, name, options.frame_bytes, limit, first, options.frames, options.seed)
            rows += [{"peak_limit_db": limit, **asdict(point)} for point in points]
            snr_db = threshold_snr_db(points)
            reference = snr_db if limit is None else reference
            where = "not reached" if snr_db is None else f"{snr_db:.2f} dB"
            loss = "" if limit is None or None in (snr_db, reference) else f"{snr_db - reference:.2f} dB"
            shown_points = ", ".join(f"{point.snr_db:.2f}: {point.per:.4f}" for point in points)
            label = "none" if limit is None else f"{limit:g} dB"
            lines.append(f"| {name} | {label} | {where} | {loss} | {shown_points} |")
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / f"{options.name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["peak_limit_db", *(field.name for field in fields(Point))])
        writer.writeheader()
        writer.writerows(rows)
    (options.out / f"{options.name}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
