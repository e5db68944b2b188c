"""Recipe: CPU time of filling an airtime over that of one encode of as many bytes → docs/results/airtime_filling.md.

Run: ``python -m semcom.experiments.semantic.airtime_filling``. Needs the reference data (``SEMCOM_SHARED``, or
``shared`` beside the checkout). Some minutes on one core.

Both are measured in one process, one after the other, as CPU time of all its threads: a busy machine changes little.
Networks and kernels are loaded before. Ratios are of the sums over all photos; the greatest of one photo stands beside.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semcom.experiments.link.link_resilience import planner_of
from semcom.link import Item, Key, SetPlanner
from semcom.phy.waveform import Waveform
from semcom.semantic import SemanticPacket, analyse, encode, load_picture
from semcom.semantic.budget_search import code_within

REPOSITORY = Path(__file__).resolve().parents[2]
POLICIES = ("flat", "layered")
AIRTIMES_MS = (15.0, 40.0, 100.0)
MCS = "qpsk-1/2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results" / "airtime_filling.md")
    parser.add_argument("--photos", type=int, default=6)
    args = parser.parse_args()
    images = [load_picture(path) for path in sorted((args.shared / "data" / "kodak").glob("*.png"))[: args.photos]]
    encode(images[0], budget_bytes=4000)  # load and compile, outside of the measured time
    rows = [measure(images, policy, airtime_ms) for policy in POLICIES for airtime_ms in AIRTIMES_MS]
    lines = [
        "# Filling an airtime",
        "",
        f"`python -m semcom.experiments.semantic.airtime_filling`, {len(images)} Kodak photos, ofdm64, {MCS}. CPU time "
        "of filling an airtime (one analysis, a budget found from expected layers, packets coded) over that of one "
        "encode of as many bytes, in one process.",
        "",
        "| policy | airtime | mean bytes | packets coded | airtime used | time over one encode | greatest of a photo |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def measure(images: list[np.ndarray], policy: str, airtime_ms: float) -> str:
    """One row of the table."""
    waveform = Waveform.load("ofdm64")
    limit = int(airtime_ms * 1e-3 * waveform.nominal_rate_hz)
    planner = planner_of(policy, waveform, MCS)
    filled_s, encoded_s, sizes, used, coded = [], [], [], [], []
    for image in images:
        costs: list[int] = []

        def cost(packet: SemanticPacket, costs: list[int] = costs) -> int:
            costs.append(uses(planner, ((layer.key, layer.importance, len(layer.payload)) for layer in packet.layers)))
            return costs[-1]

        packet, seconds = timed(
            lambda image=image, cost=cost: code_within(analyse(image), limit, cost, lambda draft: uses(planner, draft))
        )
        filled_s.append(seconds)
        coded.append(len(costs))
        sizes.append(len(packet.to_bytes()))
        used.append(cost(packet) / limit)
        encoded_s.append(timed(lambda image=image, size=sizes[-1]: encode(image, budget_bytes=size))[1])
    ratio = sum(filled_s) / sum(encoded_s)
    greatest = max(filled / encoded for filled, encoded in zip(filled_s, encoded_s, strict=True))
    return (
        f"| {policy} | {airtime_ms:g} ms | {np.mean(sizes):.0f} | {np.mean(coded):.1f} | {np.mean(used):.1%} | "
        f"{ratio:.2f} | {greatest:.2f} |"
    )


def uses(planner: SetPlanner, layers: Iterator[tuple[tuple[int, ...], int, int]]) -> int:
    """Channel uses of layers (key, importance, bytes)."""
    items = [Item(Key(*key), importance, bytes(size)) for key, importance, size in layers]
    return sum(entry.channel_uses for entry in planner.plan(items))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What `work` gives, and the CPU time of this process that it took, seconds."""
    since = time.process_time()
    return work(), time.process_time() - since


if __name__ == "__main__":
    main()
