"""Frames of random lengths back to back through the GNU Radio loopback: how many are lost, and why.

    python -m semcom.experiments.modem.loopback_soak --frames 2000
    python -m semcom.experiments.modem.loopback_soak --frames 5000 --mcs all --gap-samples 0

Without noise none may be lost. Lengths are uniform between the limits; with several MCS they alternate at random, so
that bursts of all shapes follow each other. The intervals are 95 %, Wilson's. Writes loopback_soak.csv and
loopback_soak.md to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from semcom.experiments.modem.per_curves import wilson
from semcom.flowgraphs.loopback.headless import run_loopback
from semcom.flowgraphs.loopback.result import CRC, DELIVERED, HEADER, MISSED, LoopbackResult
from semcom.phy.mcs import MCS_TABLE, find_mcs
from semcom.sdr_configs.radio import LoopbackRadio, load_radio

FRAMES_PER_RUN = 2000
"""Frames in one flowgraph; longer soaks are several runs."""


@dataclass(frozen=True)
class Row:
    """Frames of one MCS and their outcomes."""

    mcs: str
    frames: int
    lost: int
    missed: int
    header: int
    crc: int
    wrong: int
    lost_high: float
    channel_uses: int


def soak(
    frames: list[tuple[bytes, str]], radio: LoopbackRadio, gap_samples: int, max_blocks_per_burst: int
) -> tuple[LoopbackResult, Counter[tuple[str, str]]]:
    """One run: the result, and a count of (MCS, outcome); outcome ``wrong`` = delivered with other bytes."""
    result = run_loopback(
        frames,
        radio.waveform,
        radio.channel,
        gap_samples=gap_samples,
        max_blocks_per_burst=max_blocks_per_burst,
        timeout_s=60.0 + len(frames),
    )
    outcomes: Counter[tuple[str, str]] = Counter()
    delivered = iter([frame.data for frame in result.frames if frame.crc_ok])
    for (frame, mcs), outcome in zip(frames, result.outcomes(), strict=True):
        right = outcome != DELIVERED or next(delivered, None) == frame
        outcomes[mcs, outcome if right else "wrong"] += 1
    return result, outcomes


def rows_of(outcomes: Counter[tuple[str, str]], uses: Counter[str]) -> list[Row]:
    """A row for each MCS, and where there are several one for all together."""
    rows = []
    sent = [mcs for mcs in MCS_TABLE if any(name == mcs for name, _ in outcomes)]
    for name, chosen in [*((mcs, {mcs}) for mcs in sent), *([("all", set(sent))] if len(sent) > 1 else [])]:
        count = {o: sum(outcomes[mcs, o] for mcs in chosen) for o in (DELIVERED, MISSED, HEADER, CRC, "wrong")}
        frames, lost = sum(count.values()), sum(count.values()) - count[DELIVERED]
        high = wilson(lost, frames)[1]
        channel_uses = sum(uses[mcs] for mcs in chosen)
        rows.append(
            Row(name, frames, lost, count[MISSED], count[HEADER], count[CRC], count["wrong"], high, channel_uses)
        )
    return rows


def write(rows: list[Row], arguments: argparse.Namespace, elapsed_s: float) -> str:
    """CSV and table; returns the table."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / f"{arguments.name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    command = shlex.join(["python", "-m", "semcom.experiments.modem.loopback_soak", *sys.argv[1:]])
    speed = rows[-1].channel_uses / elapsed_s / 1e6
    snr = "as in its file" if arguments.snr_db is None else f"{arguments.snr_db:g} dB"
    lines = [
        "# Frames through the GNU Radio loopback",
        "",
        f"`{command}`",
        "",
        f"Radio {arguments.radio}, SNR {snr}, frames of {arguments.shortest} to {arguments.longest} bytes, "
        f"{arguments.gap_samples} samples between bursts, at most {arguments.blocks_per_burst} frames in a burst, "
        f"seed {arguments.seed}. {elapsed_s:.1f} s: {speed:.2f} million samples on air per second here.",
        "",
        "| MCS | frames | lost | burst missed | signal field | CRC | wrong bytes | loss at most (95 %) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        causes = f"{row.missed} | {row.header} | {row.crc} | {row.wrong}"
        lines.append(f"| {row.mcs} | {row.frames} | {row.lost} | {causes} | {row.lost_high:.2%} |")
    text = "\n".join(lines) + "\n"
    (arguments.out / f"{arguments.name}.md").write_text(text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--mcs", nargs="+", default=["qpsk-1/2"], help="names of MCS, or all")
    parser.add_argument("--shortest", type=int, default=14, help="bytes")
    parser.add_argument("--longest", type=int, default=600, help="bytes")
    parser.add_argument("--gap-samples", type=int, default=0)
    parser.add_argument("--blocks-per-burst", type=int, default=8)
    parser.add_argument("--radio", default="loopback-clean")
    parser.add_argument("--snr-db", type=float, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="loopback_soak")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    names = list(MCS_TABLE) if arguments.mcs == ["all"] else [find_mcs(name).name for name in arguments.mcs]
    radio = load_radio(arguments.radio)
    radio = radio if arguments.snr_db is None else radio.with_channel(snr_db=arguments.snr_db)
    rng = np.random.default_rng(arguments.seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    uses: Counter[str] = Counter()
    start = time.perf_counter()
    for first in range(0, arguments.frames, FRAMES_PER_RUN):
        number = min(FRAMES_PER_RUN, arguments.frames - first)
        lengths = rng.integers(arguments.shortest, arguments.longest + 1, number)
        frames = [(rng.bytes(int(length)), names[rng.integers(len(names))]) for length in lengths]
        result, counted = soak(
            frames, radio.with_channel(seed=arguments.seed + first), arguments.gap_samples, arguments.blocks_per_burst
        )
        outcomes += counted
        for burst in result.sent_bursts:
            uses[burst.mcs] += burst.channel_uses
    print(write(rows_of(outcomes, uses), arguments, time.perf_counter() - start))


if __name__ == "__main__":
    main()
