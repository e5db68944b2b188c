"""Spectrum and peak power of the waveforms: out-of-band emission, occupied bandwidth, crest.

    python -m semcom.experiments.modem.spectrum --waveforms ofdm64 ofdm256 --bursts 40

Three views of the same bursts. *As sent*: the transmitter's samples, brought to twice the nominal rate by a low-pass
filter of 70 dB, as a flowgraph does. *Windows alone*: the same OFDM symbols made at eight times the nominal rate, with
the same windows and no filter. *Without windows*: the same again with hard edges. Powers are those outside +-0.6 of the
nominal rate: the sum over all, and the highest density over the mean density of the used band.

Writes NAME.csv, NAME.md and NAME.png to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import scipy.signal

from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_EDGE = 0.6  # of the nominal rate: what lies outside is a neighbour's
_FINER = 8  # times the nominal rate, for the views without a filter
_ATTENUATION_DB = 70.0
_MCS = MCS_TABLE["qpsk-1/2"]


@dataclass(frozen=True)
class Row:
    """One view of one waveform."""

    waveform: str
    view: str
    out_of_band_db: float
    highest_density_db: float
    bandwidth_99_hz: float
    peak_db: float
    peak_999_db: float


def finer(waveform: Waveform, factor: int) -> Waveform:
    """The same waveform in time and frequency, drawn with `factor` times as many samples."""
    return replace(
        waveform,
        nominal_rate_hz=waveform.nominal_rate_hz * factor,
        fft_size=waveform.fft_size * factor,
        cp_length=waveform.cp_length * factor,
        window_length=waveform.window_length * factor,
        preamble_period=waveform.preamble_period * factor,
    )


def interpolate(samples: np.ndarray, waveform: Waveform, factor: int = 2) -> np.ndarray:
    """Samples at the nominal rate to `factor` times it, by a filter that passes the used band and stops its images."""
    edge = (max(-waveform.used_carriers[0], waveform.used_carriers[-1]) + 0.5) / waveform.fft_size
    taps, beta = scipy.signal.kaiserord(_ATTENUATION_DB, (1 - 2 * edge) * 2 / factor)
    low_pass = factor * scipy.signal.firwin(taps | 1, 1 / factor, window=("kaiser", beta))
    return scipy.signal.upfirdn(low_pass, samples, factor)


def bursts(waveform: Waveform, num_bursts: int, rng: np.random.Generator, peak_limit_db: float | None = None):
    """Bursts of 1000 bytes, one after the other, complex64 [n]."""
    transmitter = Transmitter(waveform, peak_limit_db)
    return np.concatenate([transmitter.modulate([TransportBlock(rng.bytes(1000))], _MCS) for _ in range(num_bursts)])


def density(samples: np.ndarray, ratio: float, points: int = 4096) -> tuple[np.ndarray, np.ndarray]:
    """Frequency over the nominal rate, and power density; the estimator's own side lobes lie below -80 dB."""
    frequency, power = scipy.signal.welch(
        samples, ratio, window=("kaiser", 12.0), nperseg=points, return_onesided=False, detrend=False
    )
    order = np.argsort(frequency)
    return frequency[order], power[order]


def out_of_band_db(frequency: np.ndarray, power: np.ndarray, waveform: Waveform) -> tuple[float, float]:
    """Beyond +-0.6: all power over the whole power, and the highest density over the mean of the used band."""
    first, last = waveform.used_carriers[0] / waveform.fft_size, waveform.used_carriers[-1] / waveform.fft_size
    inside = power[(frequency >= first) & (frequency <= last)].mean()
    outside = power[np.abs(frequency) > _EDGE]
    return float(10 * np.log10(outside.sum() / power.sum())), float(10 * np.log10(outside.max() / inside))


def bandwidth(frequency: np.ndarray, power: np.ndarray, share: float = 0.99) -> float:
    """Width that holds this share of the power, half of the rest left out on either side."""
    total = np.cumsum(power) / power.sum()
    low, high = np.interp([(1 - share) / 2, (1 + share) / 2], total, frequency)
    return float(high - low)


def measure(waveform: Waveform, num_bursts: int, rng: np.random.Generator) -> list[tuple[Row, np.ndarray, np.ndarray]]:
    """Every view with its density over frequency."""
    soft, hard = finer(waveform, _FINER), finer(replace(waveform, window_length=0), _FINER)
    views = {
        "as sent": (interpolate(bursts(waveform, num_bursts, rng), waveform), 2),
        "as sent, peaks limited to 8 dB": (interpolate(bursts(waveform, num_bursts, rng, 8.0), waveform), 2),
        "windows alone": (bursts(soft, num_bursts, rng), _FINER),
        "without windows": (bursts(hard, num_bursts, rng), _FINER),
    }
    found = []
    for view, (samples, ratio) in views.items():
        frequency, power = density(samples, ratio, points=2048 * ratio)
        total, highest = out_of_band_db(frequency, power, waveform)
        level = np.abs(samples) ** 2
        level /= level.mean()
        row = Row(
            waveform=waveform.name,
            view=view,
            out_of_band_db=round(total, 1),
            highest_density_db=round(highest, 1),
            bandwidth_99_hz=round(bandwidth(frequency, power) * waveform.nominal_rate_hz),
            peak_db=round(float(10 * np.log10(level.max())), 2),
            peak_999_db=round(float(10 * np.log10(np.quantile(level, 0.999))), 2),
        )
        found.append((row, frequency, power))
    return found


def _write(results, name: str, folder: Path, command: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for row, _, _ in results]
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    lines = [
        "# Spectrum and peaks",
        "",
        f"`{command}`",
        "",
        "Bursts of 1000 bytes at qpsk-1/2, one after the other. *As sent*: interpolated to twice the nominal rate by a "
        "low-pass filter, as in a flowgraph. *Windows alone*: the same symbols made at eight times the rate, no "
        "filter.",
        "",
        "| waveform | view | power beyond ±0.6 of the nominal rate | highest density there, over the used band's "
        "| 99 % bandwidth | highest peak over the mean | exceeded by 0.1 % |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.waveform} | {r.view} | {r.out_of_band_db:.1f} dB | {r.highest_density_db:.1f} dB "
        f"| {r.bandwidth_99_hz / 1e3:.2f} kHz | {r.peak_db:.1f} dB | {r.peak_999_db:.1f} dB |"
        for r in rows
    ]
    lines += ["", f"![densities]({name}.png)", ""]
    (folder / f"{name}.md").write_text("\n".join(lines))
    _plot(results, folder / f"{name}.png")


def _plot(results, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names = list(dict.fromkeys(row.waveform for row, _, _ in results))
    figure, panels = plt.subplots(1, len(names), figsize=(5 * len(names), 4), layout="constrained", squeeze=False)
    for axes, name in zip(panels[0], names, strict=True):
        for row, frequency, power in results:
            if row.waveform == name:
                shown = np.abs(frequency) <= 1
                peak = power[np.abs(frequency) < 0.35].mean()
                axes.plot(frequency[shown], 10 * np.log10(power[shown] / peak + 1e-12), lw=0.8, label=row.view)
        for edge in (-_EDGE, _EDGE):
            axes.axvline(edge, color="grey", lw=0.6, ls=":")
        axes.set(title=name, xlabel="frequency / nominal rate", ylabel="density [dB]", ylim=(-90, 5))
        axes.grid(alpha=0.3)
    panels[0][0].legend(fontsize=7, loc="lower center")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveforms", nargs="+", default=["ofdm64", "ofdm256"])
    parser.add_argument("--bursts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="spectrum")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    results = []
    for name in options.waveforms:
        results += measure(Waveform.load(name), options.bursts, rng)
    for row, _, _ in results:
        print(row)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    _write(results, options.name, options.out, f"python -m semcom.experiments.modem.spectrum {shown}".strip())


if __name__ == "__main__":
    main()
