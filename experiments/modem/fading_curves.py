"""Packet error rate of the whole modem over fading channels, beside a receiver that knows the channel.

    python -m semcom.experiments.modem.fading_curves --profiles EPA5 EVA70 ETU300 --mcs qpsk-1/2 16qam-1/2 --frames 400

Each frame is a burst of its own with a channel draw of its own, at a random fractional position, turned by a carrier
offset uniform within one subcarrier. SNR is the average over the fading. Without `--snr-db` each curve has the points
threshold + 3, 6, 9 and 12 dB, the threshold being the SNR of PER 1 % over AWGN.

*Known channel*: the share of the same draws in which the burst's carriers, each at its true SNR (signal over noise and
over what neighbouring carriers spill as the channel varies), hold less mutual information with bitwise demapping than
the same MCS needs over AWGN for PER 1 %. It pays nothing for detection, estimation or the signal field.

Writes NAME.csv, NAME.md and NAME.png to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from semcom.experiments.modem.bicm_limit import bicm_capacity
from semcom.experiments.modem.per_curves import load_thresholds, wilson
from semcom.phy import channel
from semcom.phy.burst_layout import burst_layout
from semcom.phy.channel.profiles import FadingProfile
from semcom.phy.mcs import MCS_TABLE, Mcs, find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results"
_AWGN_CURVES = {120: "per_awgn.csv", 1000: "per_awgn_1000.csv"}
_START_TOLERANCE = 24
_MARGINS_DB = (3.0, 6.0, 9.0, 12.0)


@dataclass(frozen=True)
class Point:
    """One measured point of a curve."""

    profile: str
    mcs: str
    frame_bytes: int
    snr_db: float
    frames: int
    missed: int
    header_failures: int
    block_failures: int
    per: float
    per_low: float
    per_high: float
    per_known_channel: float


def measure(
    waveform: Waveform,
    mcs: Mcs,
    frame_bytes: int,
    fading: FadingProfile,
    snr_db: float,
    num_frames: int,
    seed: int,
    cfo_subcarriers: float = 1.0,
    receiver: Receiver | None = None,
) -> Point:
    """Send `num_frames` frames, each through its own draw of the channel, and count what becomes of them."""
    rng = np.random.default_rng(seed)
    transmitter, receiver = Transmitter(waveform), receiver or Receiver(waveform)
    needed = _information(mcs, awgn_threshold_db(mcs.name, frame_bytes) - _carrier_gain_db(waveform))
    missed = headers = blocks = outages = 0
    noise_var = channel.noise_var_for(snr_db)
    for _ in range(num_frames):
        payload = rng.bytes(frame_bytes)
        gap = rng.uniform(700, 1500)
        faded, gains = channel.fade(
            transmitter.modulate([TransportBlock(payload)], mcs), fading, waveform.nominal_rate_hz, rng
        )
        outages += _mean_information(waveform, mcs, frame_bytes, fading, gains, noise_var) < needed
        cfo_hz = rng.uniform(-cfo_subcarriers, cfo_subcarriers) * waveform.subcarrier_spacing_hz
        turned = channel.carrier_offset(
            channel.delay(faded, gap), cfo_hz, waveform.nominal_rate_hz, rng.uniform(0, 2 * np.pi)
        )
        stream = np.concatenate([turned, np.zeros(400, np.complex64)])
        bursts = receiver.push(channel.add_noise(stream, noise_var, rng)) + receiver.flush()
        near = [burst for burst in bursts if abs(burst.start_sample - gap) <= _START_TOLERANCE]
        if not near:
            missed += 1
        elif not any(burst.header_ok for burst in near):
            headers += 1
        elif not any(block.payload == payload for burst in near for block in burst.blocks):
            blocks += 1
    failures = missed + headers + blocks
    low, high = wilson(failures, num_frames)
    return Point(
        fading.name, mcs.name, frame_bytes, round(snr_db, 2), num_frames, missed, headers, blocks,
        failures / num_frames, low, high, outages / num_frames,
    )  # fmt: skip


@lru_cache
def awgn_threshold_db(mcs_name: str, frame_bytes: int) -> float:
    """SNR of PER 1 % over AWGN, from the curves kept for frames of the nearest size (docs/results/per_awgn*.csv)."""
    size = min(_AWGN_CURVES, key=lambda known: abs(known - frame_bytes))
    return load_thresholds(RESULTS / _AWGN_CURVES[size], size)[mcs_name]


def _carrier_gain_db(waveform: Waveform) -> float:
    return -20 * np.log10(waveform.carrier_gain)


def _information(mcs: Mcs, esno_db: np.ndarray | float) -> np.ndarray | float:
    grid = np.arange(-20.0, 40.0, 0.5)
    key = mcs.bits_per_symbol
    if key not in _CAPACITY:
        _CAPACITY[key] = np.array([bicm_capacity(key, value) for value in grid])
    return np.interp(esno_db, grid, _CAPACITY[key])


_CAPACITY: dict[int, np.ndarray] = {}


def _mean_information(waveform, mcs, frame_bytes, fading, gains, noise_var) -> float:
    """Mutual information per data symbol that the draw leaves to the payload, bits."""
    layout = burst_layout(waveform, mcs, 1, frame_bytes)
    first = waveform.preamble_length + layout.num_header_symbols * waveform.symbol_length
    centres = first + waveform.symbol_length * np.arange(layout.num_data_symbols) + waveform.symbol_length // 2
    carriers = np.array(waveform.used_carriers)
    turns = np.outer(fading.delays_s, carriers) * waveform.subcarrier_spacing_hz
    response = gains[:, np.minimum(centres, gains.shape[1] - 1)].T @ np.exp(-2j * np.pi * turns)
    # Power a carrier spills on its neighbours when the channel turns by fd within a symbol: (2π fd T)² / 24 [Li 2001].
    spill = (2 * np.pi * fading.doppler_hz / waveform.subcarrier_spacing_hz) ** 2 / 24
    gain = waveform.carrier_gain**2
    snr = gain * np.abs(response) ** 2 / (noise_var + gain * spill)
    return float(np.mean(_information(mcs, 10 * np.log10(np.maximum(snr, 1e-9)))))


def write_results(points: Sequence[Point], waveform: Waveform, name: str, folder: Path, command: str) -> None:
    """NAME.csv, NAME.md and NAME.png."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Point)])
        writer.writeheader()
        writer.writerows(asdict(point) for point in points)
    lines = [
        f"# Frames delivered by {waveform.name} over fading channels",
        "",
        f"`{command}`",
        "",
        "SNR is the average over the fading; everything is included, carrier offset uniform within one subcarrier. "
        "In brackets the 95 % interval. *Known channel* is what a receiver with perfect knowledge of the same draws "
        "could deliver.",
        "",
        "| channel | MCS | frame | SNR | frames | delivered | known channel | missed, field, block |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {p.profile} | {p.mcs} | {p.frame_bytes} B | {p.snr_db:g} dB | {p.frames} | **{100 * (1 - p.per):.1f} %** "
        f"({100 * (1 - p.per_high):.1f} to {100 * (1 - p.per_low):.1f}) | {100 * (1 - p.per_known_channel):.1f} % | "
        f"{p.missed}, {p.header_failures}, {p.block_failures} |"
        for p in points
    ]
    (folder / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(points, folder / f"{name}.png")


def _plot(points: Sequence[Point], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    profiles = list(dict.fromkeys(p.profile for p in points))
    figure, axes = pyplot.subplots(1, len(profiles), figsize=(4.6 * len(profiles), 4.4), sharey=True, squeeze=False)
    for axis, name in zip(axes[0], profiles, strict=True):
        curves = dict.fromkeys((p.mcs, p.frame_bytes) for p in points if p.profile == name)
        colours = pyplot.get_cmap("viridis")(np.linspace(0, 0.9, len(curves)))
        for colour, (mcs, size) in zip(colours, curves, strict=True):
            curve = [p for p in points if (p.profile, p.mcs, p.frame_bytes) == (name, mcs, size)]
            snrs = [p.snr_db for p in curve]
            pers = np.array([max(p.per, 0.3 / p.frames) for p in curve])
            spread = [
                pers - [min(p.per_low, q) for p, q in zip(curve, pers, strict=True)],
                [p.per_high for p in curve] - pers,
            ]
            axis.errorbar(
                snrs,
                pers,
                yerr=np.maximum(spread, 0),
                color=colour,
                marker="o",
                ms=4,
                capsize=2,
                label=f"{mcs}, {size} B",
            )
            known = [max(p.per_known_channel, 0.3 / p.frames) for p in curve]
            axis.plot(snrs, known, color=colour, linestyle=":", label="_")
        axis.set(title=name, xlabel="average SNR, dB", yscale="log", ylim=(1e-3, 1))
        axis.grid(alpha=0.3, which="both")
        axis.legend(fontsize=8 if len(curves) <= 6 else 5, title="dotted: known channel", title_fontsize=7)
    axes[0][0].set_ylabel("packet error rate")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--profiles", nargs="+", default=["EPA5", "EVA70", "ETU300"])
    parser.add_argument("--mcs", nargs="+", default=["qpsk-1/2", "16qam-1/2"])
    parser.add_argument("--frame-bytes", type=int, nargs="+", default=[120, 1000])
    parser.add_argument("--snr-db", type=float, nargs="*", default=[])
    parser.add_argument("--margin-db", type=float, nargs="*", default=_MARGINS_DB, help="over the AWGN threshold")
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="per_fading")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    waveform = Waveform.load(arguments.waveform)
    receiver = Receiver(waveform)
    points = []
    for name in arguments.profiles:
        fading = channel.profile(name)
        for mcs_name in list(MCS_TABLE) if arguments.mcs == ["all"] else arguments.mcs:
            for size in arguments.frame_bytes:
                base = awgn_threshold_db(mcs_name, size)
                snrs = arguments.snr_db or [round(base, 1) + margin for margin in arguments.margin_db]
                for snr_db in snrs:
                    points.append(
                        measure(
                            waveform, find_mcs(mcs_name), size, fading, snr_db, arguments.frames, arguments.seed,
                            receiver=receiver,
                        )
                    )  # fmt: skip
                    print(points[-1], flush=True)
    command = "python -m semcom.experiments.modem.fading_curves " + shlex.join(sys.argv[1:])
    write_results(points, waveform, arguments.name, arguments.out, command)


if __name__ == "__main__":
    main()
