"""Packet error rate of the whole modem over SNR: detection, carrier offset, timing, channel estimation and decoding.

    python -m semcom.experiments.modem.per_curves --mcs qpsk-1/2 --frame-bytes 120 --snr-db 0 0.5 1 2.5 --frames 2000
    python -m semcom.experiments.modem.per_curves --mcs all --frame-bytes 1000 --frames 1000  # finds the SNRs

Each frame is a burst of its own at a random fractional position in noise, turned by a carrier offset uniform within
`--cfo-subcarriers` and by a random phase. SNR is mean burst power over noise variance at the nominal rate. PER counts
missed bursts, failed signal fields and failed blocks together; the intervals are Wilson's, 95 %. Writes NAME.csv,
NAME.md and NAME.png to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from semcom.experiments.modem.bicm_limit import bicm_limit_esno_db
from semcom.phy import channel
from semcom.phy.mcs import MCS_TABLE, Mcs, find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_BATCH = 25  # frames in one stretch of noise
_START_TOLERANCE = 12  # samples between true and reported start
_TARGET_PER = 0.01


@dataclass(frozen=True)
class Point:
    """One measured point of a curve."""

    mcs: str
    frame_bytes: int
    snr_db: float
    frames: int
    missed: int
    header_failures: int
    block_failures: int
    false_bursts: int
    per: float
    per_low: float
    per_high: float
    snr_estimate_db: float
    cfo_error_rms_subcarriers: float


def wilson(failures: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927)."""
    p, n = failures / trials, trials
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def measure(
    waveform: Waveform,
    mcs: Mcs,
    frame_bytes: int,
    snr_db: float,
    num_frames: int,
    cfo_subcarriers: float,
    rng: np.random.Generator,
    paths=None,
    peak_limit_db: float | None = None,
) -> Point:
    """Send `num_frames` frames and count what becomes of them."""
    transmitter, receiver = Transmitter(waveform, peak_limit_db), Receiver(waveform)
    missed = headers = blocks = extra = sent_frames = 0
    snrs, cfo_errors = [], []
    while sent_frames < num_frames:
        count = min(_BATCH, num_frames - sent_frames)
        pieces, expected, position = [], [], 0
        for _ in range(count):
            payload = rng.bytes(frame_bytes)
            iq = transmitter.modulate([TransportBlock(payload)], mcs)
            gap = rng.uniform(60, 1500)
            cfo = rng.uniform(-cfo_subcarriers, cfo_subcarriers)
            piece = channel.delay(iq, gap)
            if paths is not None:
                piece = channel.multipath(piece, paths)
            piece = channel.carrier_offset(
                piece, cfo * waveform.subcarrier_spacing_hz, waveform.nominal_rate_hz, rng.uniform(0, 2 * np.pi)
            )
            expected.append((position + gap, cfo, payload))
            position += len(piece)
            pieces.append(piece)
        pieces.append(np.zeros(200, np.complex64))
        samples = channel.add_noise(np.concatenate(pieces), channel.noise_var_for(snr_db), rng)
        bursts = receiver.push(samples) + receiver.flush()
        matched = set()
        for start, cfo, payload in expected:
            near = [i for i, b in enumerate(bursts) if abs(b.start_sample - start) <= _START_TOLERANCE]
            matched.update(near)
            if not near:
                missed += 1
                continue
            burst = bursts[near[0]]
            if not burst.header_ok:
                headers += 1
            elif burst.blocks[0].payload != payload:
                blocks += 1
            snrs.append(burst.snr_db)
            cfo_errors.append(burst.cfo_hz / waveform.subcarrier_spacing_hz - cfo)
        extra += len(bursts) - len(matched)
        sent_frames += count
    failures = missed + headers + blocks
    low, high = wilson(failures, num_frames)
    return Point(
        mcs=mcs.name,
        frame_bytes=frame_bytes,
        snr_db=round(snr_db, 3),
        frames=num_frames,
        missed=missed,
        header_failures=headers,
        block_failures=blocks,
        false_bursts=extra,
        per=failures / num_frames,
        per_low=low,
        per_high=high,
        snr_estimate_db=float(np.mean(snrs)) if snrs else float("nan"),
        cfo_error_rms_subcarriers=float(np.sqrt(np.mean(np.square(cfo_errors)))) if snrs else float("nan"),
    )


def sweep(waveform, mcs, frame_bytes, snrs_db, num_frames, cfo_subcarriers, rng) -> Iterator[Point]:
    """Points at the given SNRs; without any, upwards from below the threshold until PER is below half the target."""
    for snr_db in snrs_db:
        yield measure(waveform, mcs, frame_bytes, snr_db, num_frames, cfo_subcarriers, rng)
    if snrs_db:
        return
    snr_db = round(limit_snr_db(waveform, mcs) * 5) / 5 + 0.4
    # Short frames fill their last symbol with redundancy and may work below the limit of the nominal rate.
    while measure(waveform, mcs, frame_bytes, snr_db, 40, cfo_subcarriers, rng).per < 0.2:
        snr_db -= 0.6
    for _ in range(20):
        # A few frames first: they save the many where everything fails.
        point = measure(waveform, mcs, frame_bytes, snr_db, 40, cfo_subcarriers, rng)
        if point.per <= 0.5:
            point = measure(waveform, mcs, frame_bytes, snr_db, num_frames, cfo_subcarriers, rng)
        yield point
        if point.per <= _TARGET_PER / 2:
            return
        snr_db += 0.4 if point.per > 0.5 else 0.2


def limit_snr_db(waveform: Waveform, mcs: Mcs) -> float:
    """SNR at which the data carriers of this waveform reach the BICM limit of the MCS's rate."""
    return bicm_limit_esno_db(mcs.bits_per_symbol, mcs.code_rate) - 20 * np.log10(waveform.carrier_gain)


def threshold_snr_db(points: list[Point]) -> float | None:
    """SNR of PER 1 %, by interpolating the logarithm of PER; None where the points do not enclose it."""
    for left, right in pairwise(points):
        if left.per > _TARGET_PER >= right.per:
            high, low = np.log(left.per), np.log(max(right.per, 0.3 / right.frames))
            return float(left.snr_db + (right.snr_db - left.snr_db) * (high - np.log(_TARGET_PER)) / (high - low))
    return None


def load_thresholds(path: Path, frame_bytes: int) -> dict[str, float]:
    """SNR of PER 1 % of each MCS in a CSV of this recipe, most robust first; an MCS without one is left out."""
    kinds = {field.name: {"str": str, "int": int, "float": float}[field.type] for field in fields(Point)}
    with Path(path).open(newline="") as file:
        points = [Point(**{key: kinds[key](value) for key, value in row.items()}) for row in csv.DictReader(file)]
    thresholds = {
        name: threshold_snr_db([p for p in points if (p.mcs, p.frame_bytes) == (name, frame_bytes)])
        for name in MCS_TABLE
    }
    return {name: value for name, value in thresholds.items() if value is not None}


def write_results(points: list[Point], waveform: Waveform, name: str, folder: Path, command: str) -> None:
    """NAME.csv, NAME.md and NAME.png."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Point)])
        writer.writeheader()
        writer.writerows(asdict(point) for point in points)
    curves: dict[tuple[str, int], list[Point]] = {}
    for point in points:
        curves.setdefault((point.mcs, point.frame_bytes), []).append(point)
    gain_db = 20 * np.log10(waveform.carrier_gain)
    lines = [
        f"# Packet error rate of {waveform.name} over AWGN",
        "",
        f"`{command}`",
        "",
        "Everything included: detection, carrier offset, fractional timing, channel estimation, signal field. "
        f"Es/N0 = SNR + {gain_db:.2f} dB. The limit is that of the MCS's nominal rate; a short frame fills its last "
        "symbol with redundancy, is sent at a lower rate than that and may come out below.",
        "",
        "| MCS | frame | SNR at PER 1 % | Es/N0 minus BICM limit |",
        "|---|---|---|---|",
    ]
    for (mcs, size), curve in curves.items():
        threshold = threshold_snr_db(curve)
        if threshold is None:
            where, gap = f"PER {curve[-1].per:.2g} at {curve[-1].snr_db:g} dB", ""
        else:
            where, gap = f"{threshold:.2f} dB", f"{threshold - limit_snr_db(waveform, MCS_TABLE[mcs]):.2f} dB"
        lines.append(f"| {mcs} | {size} B | {where} | {gap} |")
    lines += [
        "",
        "| MCS | frame | SNR | PER (95 % interval) | frames | missed | signal field | blocks | false bursts |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {p.mcs} | {p.frame_bytes} B | {p.snr_db:g} dB | {p.per:.2g} ({p.per_low:.2g} to {p.per_high:.2g}) "
        f"| {p.frames} | {p.missed} | {p.header_failures} | {p.block_failures} | {p.false_bursts} |"
        for p in points
    ]
    (folder / f"{name}.md").write_text("\n".join(lines) + "\n")
    _plot(curves, waveform, folder / f"{name}.png")


def _plot(curves: dict[tuple[str, int], list[Point]], waveform: Waveform, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(curves)))
    for colour, ((mcs, size), curve) in zip(colours, curves.items(), strict=True):
        snrs = [p.snr_db for p in curve]
        shown = [max(p.per, 0.3 / p.frames) for p in curve]
        spread = [
            [max(v - max(p.per_low, 1e-5), 0) for p, v in zip(curve, shown, strict=True)],
            [max(p.per_high - v, 0) for p, v in zip(curve, shown, strict=True)],
        ]
        axes.errorbar(snrs, shown, yerr=spread, color=colour, marker="o", ms=3, capsize=2, label=f"{mcs}, {size} B")
        axes.axvline(limit_snr_db(waveform, MCS_TABLE[mcs]), color=colour, lw=0.6, ls=":")
    axes.axhline(_TARGET_PER, color="grey", lw=0.6)
    axes.set(yscale="log", ylim=(1e-4, 1.2), xlabel="SNR [dB]", ylabel="packet error rate")
    axes.set_title(f"{waveform.name}, AWGN, everything included (dotted: BICM limit)")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, ncols=2)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--mcs", nargs="+", default=["qpsk-1/2"], help="names, or all")
    parser.add_argument("--frame-bytes", type=int, nargs="+", default=[120])
    parser.add_argument("--snr-db", type=float, nargs="*", default=[], help="without: found automatically")
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--cfo-subcarriers", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="per_awgn")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    names = list(MCS_TABLE) if options.mcs == ["all"] else options.mcs
    rng = np.random.default_rng(options.seed)
    points: list[Point] = []
    for name in names:
        for size in options.frame_bytes:
            for point in sweep(
                waveform, find_mcs(name), size, options.snr_db, options.frames, options.cfo_subcarriers, rng
            ):
                print(f"{name} {size} B, {point.snr_db:g} dB: PER {point.per:.4f} of {point.frames}", flush=True)
                points.append(point)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    write_results(
        points, waveform, options.name, options.out, f"python -m semcom.experiments.modem.per_curves {shown}".strip()
    )


if __name__ == "__main__":
    main()
