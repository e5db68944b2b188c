"""What protection by default costs, and what it brings at an SNR below the base MCS → default_protection.md and .csv.

    python -m semcom.experiments.link.default_protection --shared ../shared --transmissions 200

The 12 Kodak photos at the default flags of `semcom send`: QPSK-1/2, policy `layered`, one pass, no way back.

cost      airtime of the policy over that of `flat`, preambles and signal fields included, no silence between bursts: at
          4000 and at 1474 bytes; and where the sender knows the SNR, for every base MCS from QPSK-1/2 on, with policy
          `known_snr`
arrival   each photo in turn at 4000 bytes over AWGN at --snr-db, fresh noise and carrier offset (up to one subcarrier
          either way): whether header, words, objects, map and base came, and MS-SSIM (luma) of what the receiver shows
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from semcom.experiments.link.link_resilience import BASE, LEAST_MEANING, meaning_of, planner_of
from semcom.experiments.link.simulated_air import SimulatedAir, run_rounds
from semcom.experiments.modem.per_curves import wilson
from semcom.link import Item, Key, Reporter, SetPlanner
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, SemanticPacket, analyse, code, decode, load_picture
from semcom.semantic.layers.layer import LayerKey
from semcom.semantic.metrics.quality import ms_ssim

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGETS_BYTES = (4000, 1474)
DEFAULT, KNOWN_SNR = "layered", "known_snr"


@dataclass(frozen=True)
class Photo:
    """One photo: its pixels, and by budget its packet and the items of it."""

    name: str
    picture: np.ndarray
    packets: Mapping[int, SemanticPacket]

    def items(self, budget_bytes: int) -> list[Item]:
        return [
            Item(Key(*layer.key), layer.importance, layer.payload, tuple(Key(*key) for key in layer.requires))
            for layer in self.packets[budget_bytes].layers
        ]


def load(paths: list[Path]) -> list[Photo]:
    photos = []
    for path in paths:
        picture = load_picture(path)
        analysis = analyse(picture, EncodeRequest())
        photos.append(Photo(path.stem, picture, {budget: code(analysis, budget) for budget in BUDGETS_BYTES}))
        print(path.stem, {budget: len(packet.to_bytes()) for budget, packet in photos[-1].packets.items()}, flush=True)
    return photos


def uses(planner: SetPlanner, items: list[Item]) -> int:
    return sum(entry.channel_uses for entry in planner.plan(items))


def costs(photos: list[Photo], waveform: Waveform) -> list[dict[str, object]]:
    """A row a case: the share of airtime that a policy takes more than `flat`, over the photos."""
    from_base = list(MCS_TABLE)[list(MCS_TABLE).index(BASE) :]
    cases = [(DEFAULT, BASE, budget) for budget in BUDGETS_BYTES] + [(KNOWN_SNR, mcs, 4000) for mcs in from_base]
    rows = []
    for policy, mcs, budget in cases:
        own, flat = planner_of(policy, waveform, mcs), planner_of("flat", waveform, mcs)
        more = [uses(own, photo.items(budget)) / uses(flat, photo.items(budget)) - 1 for photo in photos]
        protected = [sum(len(item.payload) for item in meaning_of(photo.items(budget))) for photo in photos]
        schemes = [found for entry, found in own.mcs_of_class.items() if entry.least_importance == LEAST_MEANING]
        rows.append(
            {"policy": policy, "mcs": mcs, "protected_at": schemes[0], "bytes": budget, "photos": len(photos)}
            | {"protected_bytes": round(float(np.mean(protected)))}
            | {"more_mean": round(float(np.mean(more)), 4), "more_most": round(max(more), 4)}
        )
    return rows


@dataclass
class Arrivals:
    """Counts of what came, and how good it looked."""

    transmissions: int = 0
    meaning: int = 0
    whole: int = 0
    shown: list[float] | None = None


def arrivals(photos: list[Photo], waveform: Waveform, policy: str, snr_db: float, number: int, seed: int) -> Arrivals:
    """`number` transmissions of the photos in turn; what does not arrive is not shown."""
    rng, found = np.random.default_rng(seed), Arrivals(shown=[])
    planner, budget = planner_of(policy, waveform), BUDGETS_BYTES[0]
    air = SimulatedAir(waveform, snr_db, rng, BASE)
    quality: dict[tuple[str, frozenset[Key]], float] = {}
    for index in range(number):
        photo = photos[index % len(photos)]
        items = photo.items(budget)
        frames = [frame for entry in planner.plan(items) for frame in entry.frames()]
        reporter, _ = run_rounds(air, frames, items[0].key.scope)
        came = _came(reporter, items)
        found.transmissions += 1
        found.meaning += all(item.key in came for item in meaning_of(items))
        found.whole += len(came) == len(items)
        place = (photo.name, frozenset(came))
        if place not in quality:
            quality[place] = _shown(photo.picture, came)
        found.shown.append(quality[place])
    return found


def _came(reporter: Reporter, items: list[Item]) -> dict[Key, bytes]:
    layers, _, _ = reporter.receiver.received(items[0].key.scope)
    return {item.key: item.payload for item in items if item.key.layer in layers}


def _shown(picture: np.ndarray, came: Mapping[Key, bytes]) -> float:
    """MS-SSIM of what a receiver makes of these layers; of a grey picture where there are none."""
    if not came:
        return ms_ssim(picture, np.full_like(picture, 128))
    packet = SemanticPacket.from_payloads({LayerKey(*key): payload for key, payload in came.items()})
    return ms_ssim(picture, decode(packet).picture)


def as_markdown(rows: list[dict[str, object]], at: dict[tuple[str, float], Arrivals], command: str) -> str:
    lines = ["# Protection by default", "", f"`{command}`", "", (__doc__ or "").split("\n\n", 2)[2].strip(), ""]
    lines += ["| policy | base MCS | words, objects, map, base at | packet | protected | more airtime, mean | most |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(
            f"| {row['policy']} | {row['mcs']} | {row['protected_at']} | {row['bytes']} B "
            f"| {row['protected_bytes']} B | {row['more_mean']:+.1%} | {row['more_most']:+.1%} |"
        )
    lines += ["", "| policy | SNR | transmissions | words, objects, map and base came | all came | MS-SSIM shown |"]
    lines += ["|---|---|---|---|---|---|"]
    for (policy, snr_db), found in at.items():
        low, high = wilson(found.meaning, found.transmissions)
        share = f"{found.meaning / found.transmissions:.1%} ({low:.1%} to {high:.1%})"
        shown = f"{np.mean(found.shown):.3f}, least {min(found.shown):.3f}"
        lines.append(f"| {policy} | {snr_db:g} dB | {found.transmissions} | {share} | {found.whole} | {shown} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    parser.add_argument("--transmissions", type=int, default=200)
    parser.add_argument("--snr-db", type=float, nargs="+", default=[-3.0])
    parser.add_argument("--policies", nargs="+", default=[DEFAULT, "flat"])
    parser.add_argument("--photos", type=int, help="only so many")
    parser.add_argument("--seed", type=int, default=20261128)
    args = parser.parse_args()
    waveform = Waveform.load("ofdm64")
    photos = load(sorted((args.shared / "data" / "kodak").glob("*.png"))[: args.photos])
    rows = costs(photos, waveform)
    at = {}
    for policy in args.policies:
        for snr_db in args.snr_db:
            at[policy, snr_db] = arrivals(photos, waveform, policy, snr_db, args.transmissions, args.seed)
            print(policy, snr_db, at[policy, snr_db].meaning, "of", at[policy, snr_db].transmissions, flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "default_protection.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    page = as_markdown(
        rows, at, shlex.join(["python", "-m", "semcom.experiments.link.default_protection", *sys.argv[1:]])
    )
    (args.out / "default_protection.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
