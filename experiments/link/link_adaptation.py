"""Link adaptation over a fading channel: frames lost, throughput beside an all-knowing sender, changes of scheme.

    python -m semcom.experiments.link.link_adaptation --frames 20000
    python -m semcom.experiments.link.link_adaptation --modem --frames 3000

One frame after another over a flat Rayleigh channel (`phy.channel.rayleigh_gains`) that is constant during a frame. The
receiver reports after each frame; the report is `--delay` frames old when it counts. Each case gives the estimate of
the SNR a bias and a deviation. *Curves*: a frame is lost with the probability that the measured thresholds give;
*modem*: each frame is sent through transmitter, channel and receiver. The all-knowing sender takes the fastest scheme
that holds the target at the SNR the frame will have; *fixed* is the fastest scheme that holds it on average.

Writes NAME.csv, NAME.md and NAME.png to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import load_thresholds, wilson
from semcom.link import LinkAdaptation
from semcom.phy import channel
from semcom.phy.burst_layout import channel_uses
from semcom.phy.mcs import MCS_TABLE, find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

_STEEPNESS = 12.0  # of log(PER / (1 - PER)) over dB, as measured around the thresholds
_FRAME_PERIOD_S = 0.005

Link = Callable[[str, float], bool]
"""Send one frame at this scheme and SNR (dB); whether it arrived."""


@dataclass(frozen=True)
class Case:
    """What the receiver's estimate is like, and the channel's speed."""

    name: str
    doppler_hz: float
    bias_db: float = 0.0
    deviation_db: float = 0.3


CASES = (
    Case("steady", 0.0),
    Case("slow fading", 0.5),
    Case("slow fading, estimate 2 dB too high", 0.5, bias_db=2.0),
    Case("slow fading, estimate scatters by 1.5 dB", 0.5, deviation_db=1.5),
    Case("faster fading", 2.0),
)


@dataclass(frozen=True)
class Row:
    """One case."""

    case: str
    frames: int
    per: float
    per_low: float
    per_high: float
    per_most_robust: float
    throughput: float
    throughput_genie: float
    throughput_fixed: float
    genie_per: float
    changes_per_1000: float
    changes_genie_per_1000: float


def loss_probability(snr_db: float, threshold_db: float) -> float:
    """PER that is 1 % at the threshold."""
    return float(1 / (1 + 99 * np.exp(np.clip(_STEEPNESS * (snr_db - threshold_db), -600, 600))))


def curve_link(thresholds_db: dict[str, float], rng: np.random.Generator) -> Link:
    """Frames that are lost as the thresholds say."""
    return lambda name, snr_db: bool(rng.random() > loss_probability(snr_db, thresholds_db[name]))


def modem_link(waveform: Waveform, frame_bytes: int, rng: np.random.Generator) -> Link:
    """Frames through the whole modem."""
    transmitter, receiver = Transmitter(waveform), Receiver(waveform)

    def send(name: str, snr_db: float) -> bool:
        payload = rng.bytes(frame_bytes)
        iq = transmitter.modulate([TransportBlock(payload)], find_mcs(name))
        signal = np.concatenate([channel.delay(iq, rng.uniform(200, 600)), np.zeros(300, np.complex64)])
        offset_hz = rng.uniform(-0.5, 0.5) * waveform.subcarrier_spacing_hz
        signal = channel.carrier_offset(signal, offset_hz, waveform.nominal_rate_hz, rng.uniform(0, 6.28))
        bursts = receiver.push(channel.add_noise(signal, channel.noise_var_for(snr_db), rng)) + receiver.flush()
        return any(block.payload == payload for burst in bursts for block in burst.blocks)

    return send


def snr_trace(num_frames: int, mean_snr_db: float, doppler_hz: float, rng: np.random.Generator) -> np.ndarray:
    """SNR of each frame, float64 [num_frames]."""
    if doppler_hz == 0:
        return np.full(num_frames, mean_snr_db)
    gain = channel.rayleigh_gains(num_frames, doppler_hz, 1 / _FRAME_PERIOD_S, rng)[0]
    return mean_snr_db + 20 * np.log10(np.abs(gain) + 1e-6)


def run(
    case: Case, snrs_db: np.ndarray, thresholds_db: dict, airtime: dict, link: Link, target, delay, rng
) -> tuple[Row, list[str]]:
    """One case, and the scheme of each frame. Throughput is in frames that arrive per sample on air, times 1e6."""
    adaptation = LinkAdaptation(thresholds_db, target_per=target)
    on_the_way: deque = deque()
    chosen, arrived, samples, outages = [], 0, 0, 0
    for snr_db in snrs_db:
        name = adaptation.mcs
        came = link(name, float(snr_db))
        chosen.append(name)
        arrived += came
        outages += not came and name == adaptation.operating_points[0][0]
        samples += airtime[name]
        # A frame that was lost is seldom measured either.
        estimate = float(snr_db + case.bias_db + case.deviation_db * rng.standard_normal())
        on_the_way.append((estimate if came else None, came))
        if len(on_the_way) > delay:
            estimate, came = on_the_way.popleft()
            adaptation.report(snr_db=estimate, acks=int(came), nacks=int(not came))
    losses = len(snrs_db) - arrived
    genie = [_best(thresholds_db, snr_db, target) for snr_db in snrs_db]
    genie_arrived = sum(1 - loss_probability(s, thresholds_db[n]) for s, n in zip(snrs_db, genie, strict=True))
    fixed = max(thresholds_db, key=lambda n: _mean_throughput(n, snrs_db, thresholds_db, airtime, target))
    low, high = wilson(losses, len(snrs_db))
    changes, changes_genie = (1000 * np.mean([a != b for a, b in pairwise(names)]) for names in (chosen, genie))
    row = Row(
        case=case.name,
        frames=len(snrs_db),
        per=losses / len(snrs_db),
        per_low=low,
        per_high=high,
        per_most_robust=outages / len(snrs_db),
        throughput=1e6 * arrived / samples,
        throughput_genie=1e6 * genie_arrived / sum(airtime[name] for name in genie),
        throughput_fixed=1e6 * _mean_throughput(fixed, snrs_db, thresholds_db, airtime, target),
        genie_per=1 - genie_arrived / len(snrs_db),
        changes_per_1000=float(changes),
        changes_genie_per_1000=float(changes_genie),
    )
    return row, chosen


def _best(thresholds_db: dict[str, float], snr_db: float, target: float) -> str:
    """Fastest scheme that holds the target at this SNR, or the most robust one."""
    held = [name for name, threshold in thresholds_db.items() if loss_probability(snr_db, threshold) <= target]
    return held[-1] if held else next(iter(thresholds_db))


def _mean_throughput(name, snrs_db, thresholds_db, airtime, target) -> float:
    losses = float(np.mean([loss_probability(snr_db, thresholds_db[name]) for snr_db in snrs_db]))
    allowed = losses <= max(target, 1e-9) or name == next(iter(thresholds_db))
    return (1 - losses) / airtime[name] if allowed else 0.0


def _write(rows: list[Row], traces, name: str, folder: Path, command: str, target: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    lines = [
        "# Link adaptation over a fading channel",
        "",
        f"`{command}`",
        "",
        f"Target: {target:g} of the frames lost. Throughput is compared at equal airtime, preambles included, with a "
        "sender that knows the SNR of the next frame, and with the fastest fixed scheme that holds the target. What is "
        "lost with the most robust scheme no choice could have saved; the target is about the rest.",
        "",
        "| case | frames | lost (95 % interval) | of these with the most robust scheme | lost by the all-knowing "
        "| throughput over the all-knowing's | over the best fixed scheme's | changes per 1000 frames "
        "| the all-knowing's |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.case} | {r.frames} | {r.per:.4f} ({r.per_low:.4f} to {r.per_high:.4f}) | {r.per_most_robust:.4f} "
        f"| {r.genie_per:.4f} "
        f"| {r.throughput / r.throughput_genie:.2f} | {r.throughput / r.throughput_fixed:.2f} "
        f"| {r.changes_per_1000:.0f} | {r.changes_genie_per_1000:.0f} |"
        for r in rows
    ]
    lines += ["", f"![trace]({name}.png)", ""]
    (folder / f"{name}.md").write_text("\n".join(lines))
    _plot(traces, folder / f"{name}.png")


def _plot(traces, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    numbers = {name: index for index, name in enumerate(MCS_TABLE)}
    figure, panels = plt.subplots(len(traces), 1, figsize=(9, 1.8 * len(traces)), layout="constrained", squeeze=False)
    for axes, (case, snrs_db, chosen, genie) in zip(panels[:, 0], traces, strict=True):
        axes.step(range(len(genie)), [numbers[n] for n in genie], color="lightgrey", label="all-knowing")
        axes.step(range(len(chosen)), [numbers[n] for n in chosen], lw=0.9, label="adaptation")
        axes.set(title=case, ylabel="scheme", ylim=(-0.5, len(numbers) - 0.5))
        other = axes.twinx()
        other.plot(snrs_db, color="tab:red", lw=0.5, alpha=0.6)
        other.set_ylabel("SNR [dB]")
    panels[0, 0].legend(fontsize=7)
    panels[-1, 0].set_xlabel("frame")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--thresholds", type=Path, default=Path("docs/results/per_awgn.csv"))
    parser.add_argument("--frame-bytes", type=int, default=120)
    parser.add_argument("--mean-snr-db", type=float, default=14.0)
    parser.add_argument("--target", type=float, default=0.01)
    parser.add_argument("--delay", type=int, default=1, help="frames after which a report counts")
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--modem", action="store_true", help="send every frame through the modem")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="link_adaptation")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    waveform = Waveform.load(options.waveform)
    thresholds_db = load_thresholds(options.thresholds, options.frame_bytes)
    airtime = {name: channel_uses(waveform, find_mcs(name), 1, options.frame_bytes) for name in thresholds_db}
    rows, traces = [], []
    for number, case in enumerate(CASES):
        rng = np.random.default_rng([options.seed, number])
        snrs_db = snr_trace(options.frames, options.mean_snr_db, case.doppler_hz, rng)
        link = modem_link(waveform, options.frame_bytes, rng) if options.modem else curve_link(thresholds_db, rng)
        row, chosen = run(case, snrs_db, thresholds_db, airtime, link, options.target, options.delay, rng)
        print(row, flush=True)
        rows.append(row)
        shown = slice(-min(600, options.frames), None)
        genie = [_best(thresholds_db, snr_db, options.target) for snr_db in snrs_db[shown]]
        traces.append((case.name, snrs_db[shown], chosen[shown], genie))
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    command = f"python -m semcom.experiments.link.link_adaptation {shown}".strip()
    _write(rows, traces, options.name, options.out, command, options.target)


if __name__ == "__main__":
    main()
