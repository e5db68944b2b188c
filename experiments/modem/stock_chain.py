"""GNU Radio's own OFDM chain beside ours, over the same channel model: frames lost against SNR.

    python -m semcom.experiments.modem.stock_chain --frames 400

Stock: ``digital.ofdm_tx`` and ``digital.ofdm_rx``, defaults (64 carriers, CRC-32, no error correction) and QPSK
payload. Ours: `run_loopback` with ofdm64. Both send the same payloads, one frame a burst, 200 to 2000 samples of
silence between bursts, through ``channels.channel_model``, carrier offset 0.2 subcarriers. SNR is mean burst power
over noise variance at the sample rate for both. Airtime is counted with everything on it. Each point runs in a process
of its own with a time limit: the stock chain may stand still. Writes stock_chain.csv, .md and .png.
"""

from __future__ import annotations

import argparse
import csv
import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import wilson

_FFT, _CFO_SUBCARRIERS, _RATE_HZ = 64, 0.2, 1e6
_TIME_LIMIT_S = 180.0
_SYSTEMS = ("stock qpsk", "qpsk-1/2", "qpsk-3/4")


def payloads_of(count: int, frame_bytes: int, seed: int) -> list[bytes]:
    """Random payloads that begin with their number, so that each is known again."""
    rng = np.random.default_rng(seed)
    return [number.to_bytes(4, "big") + rng.bytes(frame_bytes - 4) for number in range(count)]


def stock_point(frame_bytes: int, snr_db: float | None, count: int, seed: int) -> dict:
    """Frames lost by the stock chain, and samples of a burst on air."""
    from semcom.flowgraphs.loopback.stock_ofdm import run_stock_ofdm

    sent = payloads_of(count, frame_bytes, seed)
    arrived, channel_uses = run_stock_ofdm(sent, snr_db, _CFO_SUBCARRIERS, seed, _TIME_LIMIT_S)
    return {"lost": sum(payload not in arrived for payload in sent), "channel_uses": channel_uses}


def our_point(mcs: str, frame_bytes: int, snr_db: float | None, count: int, seed: int) -> dict:
    """Frames lost by ours, and samples of a burst on air."""
    from semcom.flowgraphs.loopback.headless import run_loopback
    from semcom.sdr_configs.radio import load_radio

    radio = load_radio("loopback-clean").with_channel(
        seed=seed, cfo_hz=_CFO_SUBCARRIERS * _RATE_HZ / _FFT, **({} if snr_db is None else {"snr_db": snr_db})
    )
    frames = [(payload, mcs) for payload in payloads_of(count, frame_bytes, seed)]
    result = run_loopback(frames, radio.waveform, radio.channel, max_blocks_per_burst=1, gap_samples=1000,
                          timeout_s=_TIME_LIMIT_S)  # fmt: skip
    arrived = {frame.data for frame in result.frames if frame.crc_ok}
    lost = sum(payload not in arrived for payload, _ in frames)
    return {"lost": lost, "channel_uses": result.sent_bursts[0].channel_uses}


def in_a_process(system: str, frame_bytes: int, snr_db: float | None, count: int, seed: int) -> dict:
    """One point; everything is lost where it does not end in time."""
    point = json.dumps([system, frame_bytes, snr_db, count, seed])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "semcom.experiments.modem.stock_chain", "--point", point],
            capture_output=True, text=True, timeout=2.5 * _TIME_LIMIT_S, check=True,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError):
        return {"lost": count, "channel_uses": 0, "stood_still": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--frame-bytes", type=int, nargs="+", default=[120, 1000])
    parser.add_argument("--stock-snr-db", type=float, nargs="+", default=[10, 13, 15, 17, 19, 21, 25])
    parser.add_argument("--snr-db", type=float, nargs="+", default=[-0.5, 0.0, 0.5, 1.0, 3.0, 4.0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--point", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.point:
        system, *rest = json.loads(arguments.point)
        print(json.dumps(stock_point(*rest) if system == _SYSTEMS[0] else our_point(system, *rest)))
        return
    rows = []
    for system in _SYSTEMS:
        for size in arguments.frame_bytes:
            for snr_db in [*(arguments.stock_snr_db if system == _SYSTEMS[0] else arguments.snr_db), None]:
                point = in_a_process(system, size, snr_db, arguments.frames, arguments.seed)
                per = point["lost"] / arguments.frames
                low, high = wilson(point["lost"], arguments.frames)
                note = "stood still" if point.get("stood_still") else ""
                rows.append((system, size, snr_db, arguments.frames, point["lost"], per, low, high,
                             point["channel_uses"], note))  # fmt: skip
                print(rows[-1], flush=True)
    write_results(rows, arguments.out, "python -m semcom.experiments.modem.stock_chain " + shlex.join(sys.argv[1:]))


def write_results(rows: list[tuple], folder: Path, command: str) -> None:
    """stock_chain.csv, .md and .png."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "stock_chain.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["system", "frame_bytes", "snr_db", "frames", "lost", "per", "per_low", "per_high",
                         "channel_uses", "note"])  # fmt: skip
        writer.writerows(rows)
    lines = [
        "# GNU Radio's own OFDM chain beside ours", "", f"`{command.strip()}`", "",
        "The stock chain has no error correction; it is what a flowgraph gets from the standard blocks. One frame a "
        "burst, silence between, carrier offset 0.2 subcarriers, the same channel model.", "",
        "| system | frame | SNR | lost | PER (95 %) | samples on air |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for system, size, snr_db, frames, lost, per, low, high, uses, note in rows:
        snr = "no noise" if snr_db is None else f"{snr_db:g} dB"
        lines.append(
            f"| {system} | {size} B | {snr} | {lost} of {frames}{', ' + note if note else ''} "
            f"| {per:.2g} ({low:.2g} to {high:.2g}) | {uses} |"
        )
    lines += ["", "![curves](stock_chain.png)", ""]
    (folder / "stock_chain.md").write_text("\n".join(lines), encoding="utf-8")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(7, 4.5))
    for number, system in enumerate(dict.fromkeys(row[0] for row in rows)):
        for size, style in zip(sorted({row[1] for row in rows}), ("-", "--", ":"), strict=False):
            curve = [row for row in rows if row[0] == system and row[1] == size and row[2] is not None]
            pers = [max(row[5], 0.3 / row[3]) for row in curve]
            axis.plot(
                [row[2] for row in curve],
                pers,
                style,
                color=f"C{number}",
                marker="o",
                ms=4,
                label=f"{system}, {size} B",
            )
    axis.set(xlabel="SNR, dB", ylabel="packet error rate", yscale="log", ylim=(5e-4, 1.1))
    axis.grid(alpha=0.3, which="both")
    axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "stock_chain.png", dpi=110)


if __name__ == "__main__":
    main()
