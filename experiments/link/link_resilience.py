"""How pictures come through a bad channel: unequal protection, repeats, parity symbols, interference.

    python -m semcom.experiments.link.link_resilience --shared ../shared --pictures 500
    python -m semcom.experiments.link.link_resilience --shared ../shared --cases one_way interference --pictures 200

Real packets (Kodak, CamVid val and BSDS500 val photos) over the whole modem, numerics only: each picture through fresh
draws of channel, noise and carrier offset. Writes link_resilience.csv and .md; intervals are Wilson's, 95 %.

layered      policy `layered`, QPSK-1/2, AWGN 4 dB below QPSK-1/2's threshold, sent once: words, objects, map whole
fading       every layer at QPSK-1/2, EVA70 at its threshold + 3 dB, four transmissions at most; what was not heard goes
             out again 2.4 dB more robustly: picture whole
interference 10 % of the time noise 20 dB above the signal, bursts of 1, 5 and 20 ms; SNR 10 dB, 16-QAM-1/2, policy
             `bursty`: frames of at most 5 ms in bursts of their own; copies in the second round; usable: words, objects
             and map after two rounds; whole: everything
one_way      one frame in five lost at random, no way back, policy `one_way`: words, objects and map whole, and their
             airtime over that of one pass with a frame or more for each layer
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from semcom.experiments.link.simulated_air import SimulatedAir, run_rounds
from semcom.experiments.modem.per_curves import wilson
from semcom.link import Item, Key, ProtectionPolicy, Receiver, Sender, SetPlanner
from semcom.phy import channel
from semcom.phy.airtime import airtime_function
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.policy import load_policy
from semcom.semantic import encode, load_picture

BASE = "qpsk-1/2"
LEAST_MEANING = 5
"""Importance of the layers that must always come: words, objects, map (and the header)."""
_MAX_FRAME_S = 0.005
_FAST = "16qam-1/2"
_FALLBACK_DB = 2.4


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    case: str
    what: str
    pictures: int
    succeeded: int
    detail: str

    @property
    def words(self) -> str:
        low, high = wilson(self.succeeded, self.pictures)
        return f"{100 * self.succeeded / self.pictures:.2f} % ({100 * low:.1f} to {100 * high:.1f})"


def planner_of(policy_name: str, waveform: Waveform, mcs: str = BASE, max_frame_uses: int | None = None) -> SetPlanner:
    """A planner as `semcom send --policy` makes it."""
    policy = ProtectionPolicy.of(load_policy(policy_name).classes)
    airtime = airtime_function(waveform)
    return SetPlanner(policy, mcs, thresholds_db(waveform), airtime, 256, max_frame_uses)


def meaning_of(items: list[Item]) -> list[Item]:
    return [item for item in items if item.importance >= LEAST_MEANING]


def layered(pictures: list[list[Item]], waveform: Waveform, number: int, rng) -> list[Row]:
    planner = planner_of("layered", waveform)
    snr_db = thresholds_db(waveform)[BASE] - 4.0
    air, came = SimulatedAir(waveform, snr_db, rng, BASE), 0
    for index in range(number):
        items = pictures[index % len(pictures)]
        plan = [entry for entry in planner.plan(items)][:1]
        frames = [frame for entry in plan for frame in entry.frames()]
        reporter, _ = run_rounds(air, frames, items[0].key.scope)
        came += _has(reporter.receiver, meaning_of(items))
    return [Row("layered", "words, objects and map whole, sent once", number, came, f"AWGN {snr_db:.1f} dB")]


def fading(pictures: list[list[Item]], waveform: Waveform, number: int, rng) -> list[Row]:
    snr_db = thresholds_db(waveform)[BASE] + 3.0
    air = SimulatedAir(waveform, snr_db, rng, BASE, fading=channel.profile("EVA70"))
    whole = transmissions = sent = 0
    for index in range(number):
        items = pictures[index % len(pictures)]
        frames = Sender().frames(items)
        reporter, sender = run_rounds(air, frames, items[0].key.scope, max_transmissions=4, fallback_db=_FALLBACK_DB)
        whole += reporter.receiver.is_complete(items[0].key.scope)
        totals = sender.account.totals()
        transmissions, sent = transmissions + totals.transmissions, sent + totals.sent
    detail = f"EVA70 {snr_db:.1f} dB, {transmissions / sent:.2f} transmissions of a frame"
    return [Row("fading", "picture whole, at most 4 transmissions", number, whole, detail)]


def interference(pictures: list[list[Item]], waveform: Waveform, number: int, rng) -> list[Row]:
    rows = []
    rate_hz = waveform.nominal_rate_hz
    planner = planner_of("bursty", waveform, _FAST, int(_MAX_FRAME_S * rate_hz))
    for length_ms in (1, 5, 20):
        length = int(length_ms * 1e-3 * rate_hz)

        def disturb(samples: np.ndarray, rng: np.random.Generator, length: int = length) -> np.ndarray:
            return channel.burst_interference(samples, 0.1, length, 100.0, rng)

        air = SimulatedAir(waveform, 10.0, rng, _FAST, impairment=disturb, max_blocks_per_burst=1)
        usable = whole = 0
        for index in range(number):
            items = pictures[index % len(pictures)]
            frames = [frame for entry in planner.plan(items) for frame in entry.frames()]
            reporter, _ = run_rounds(air, frames, items[0].key.scope, max_transmissions=8, copies=True, max_rounds=2)
            usable += _has(reporter.receiver, meaning_of(items))
            whole += reporter.receiver.is_complete(items[0].key.scope)
        uses = air.channel_uses / number * 1e-3 / rate_hz * 1e6
        detail = f"bursts of {length_ms} ms, 10 % of the time, +20 dB; {uses:.0f} ms on air a picture"
        rows.append(Row("interference", "usable after 2 rounds", number, usable, detail))
        rows.append(Row("interference", "whole after 2 rounds", number, whole, detail))
    return rows


def one_way(pictures: list[list[Item]], waveform: Waveform, number: int, rng) -> list[Row]:
    planner, airtime = planner_of("one_way", waveform), airtime_function(waveform)
    came, ratios = 0, []
    number = max(number, 4000)  # no samples are made: cheap
    for index in range(number):
        items = pictures[index % len(pictures)]
        meaning = meaning_of(items)
        (entry,) = planner.plan(meaning, num_items=len(items))
        receiver = Receiver()
        for frame in entry.frames():
            if rng.random() >= 0.2:
                receiver.push(frame.data)
        came += _has(receiver, meaning)
        single = [frame.data for frame in Sender().frames(meaning, whole=False)]
        ratios.append(entry.channel_uses / sum(airtime(BASE, 1, len(data)) for data in single))
    detail = f"airtime {np.mean(ratios):.2f} times one pass (worst picture {max(ratios):.2f})"
    return [Row("one_way", "words, objects and map whole, 20 % of frames lost", number, came, detail)]


CASES: dict[str, Callable] = {"layered": layered, "fading": fading, "interference": interference, "one_way": one_way}


def _has(receiver: Receiver, items: list[Item]) -> bool:
    layers, _, _ = receiver.received(items[0].key.scope)
    return all(item.key.layer in layers for item in items)


def packets(shared: Path, number: int, budget_bytes: int) -> list[list[Item]]:
    """Items of real packets."""
    data = shared / "data"
    paths = sorted((data / "kodak").glob("*.png")) + sorted((data / "camvid/val/images").glob("*"))[::25]
    paths += sorted((data / "bsds500/val/images").glob("*.jpg"))[::20]
    made = []
    for path in paths[:number]:
        packet = encode(load_picture(path), budget_bytes=budget_bytes)
        made.append(
            [Item(Key(*layer.key), layer.importance, layer.payload, tuple(Key(*key) for key in layer.requires))
             for layer in packet.layers]
        )  # fmt: skip
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--pictures", type=int, default=500, help="transmissions of each case")
    parser.add_argument("--photos", type=int, default=20, help="different photos")
    parser.add_argument("--budget-bytes", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--name", default="link_resilience")
    arguments = parser.parse_args()
    waveform, rng = Waveform.load("ofdm64"), np.random.default_rng(arguments.seed)
    pictures = packets(arguments.shared, arguments.photos, arguments.budget_bytes)
    rows: list[Row] = []
    for case in arguments.cases:
        for row in CASES[case](pictures, waveform, arguments.pictures, rng):
            rows.append(row)
            print(row.case, row.what, row.words, row.detail, sep=" | ", flush=True)
    with (arguments.out / f"{arguments.name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "what", "pictures", "succeeded", "detail"])
        writer.writerows([row.case, row.what, row.pictures, row.succeeded, row.detail] for row in rows)
    command = "python -m semcom.experiments.link.link_resilience " + shlex.join(sys.argv[1:])
    lines = [f"| {row.case} | {row.detail} | {row.what} | {row.pictures} | **{row.words}** |" for row in rows]
    head = [
        "# Pictures through a bad channel",
        "",
        f"`{command.strip()}`",
        "",
        "```",
        __doc__.split("\n\n", 2)[2].strip(),
    ]
    table = ["```", "", "| case | channel | what | pictures | came (95 %) |", "|---|---|---|---|---|", *lines, ""]
    (arguments.out / f"{arguments.name}.md").write_text("\n".join([*head, *table]), encoding="utf-8")


if __name__ == "__main__":
    main()
