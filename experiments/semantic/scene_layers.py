"""Recipe: what a scene in two layers costs, and what its base shows alone → docs/results/scene_layers.md and .csv.

Run: ``python -m semcom.experiments.semantic.scene_layers``. Needs the reference data (``SEMCOM_SHARED``, or ``shared``
beside the checkout). Some ten minutes on one core; with ``--photos`` in pieces, which add up in ``scene_layers.csv``.

Each photo is coded with and without a base (`scene_base_most_bytes` 0), at the same budget; without one at other
budgets too, which gives the bytes that one layer needs for what two show: linear in the logarithms of bytes and of
1 - MS-SSIM. Bytes are those of the packet file.
"""

from __future__ import annotations

import argparse
import csv
import os
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from semcom.semantic import EncodeRequest, SemanticPacket, analyse, code, decode, load_picture
from semcom.semantic.metrics.quality import ms_ssim

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGETS_BYTES = (1474, 4000)
OTHER_SHARES = (0.78, 0.89)
"""Of the budget, for one layer."""
BASE_IMPORTANCE = 5
ONE_LAYER = {"scene_base_most_bytes": 0}


@dataclass(frozen=True)
class Cost:
    """One photo, at one budget, by one reconstructor.

    Attributes
    ----------
    one, two, base : float
        MS-SSIM of one layer, of two, and of what matters as much as the map alone.
    more_bytes : float
        Share of bytes that two layers take more than one that shows as much.
    """

    one: float
    two: float
    base: float
    more_bytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    parser.add_argument("--reconstructor", nargs="+", default=["drawing", "best"])
    parser.add_argument("--photos", type=int, nargs="+", help="numbers of Kodak photos; none: only the page is made")
    parser.add_argument("--budgets", type=int, nargs="+", default=list(BUDGETS_BYTES))
    args = parser.parse_args()
    paths = sorted((args.shared / "data" / "kodak").glob("*.png"))
    if args.photos is not None:
        paths = [path for path in paths if int(path.stem[-2:]) in args.photos]
    table = args.out / "scene_layers.csv"
    rows = read(table)
    for path in paths:
        for (budget, name), cost in costs_of(load_picture(path), args.budgets, args.reconstructor).items():
            rows[path.stem, budget, name] = cost
            print(path.stem, budget, name, cost, flush=True)
        write(table, rows)
    page = as_markdown(rows)
    (args.out / "scene_layers.md").write_text(page, encoding="utf-8")
    print(page)


def read(table: Path) -> dict[tuple[str, int, str], Cost]:
    """Rows of the table of an earlier run, by (photo, budget, reconstructor)."""
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {
            (row["photo"], int(row["budget_bytes"]), row["reconstructor"]): Cost(
                *(float(row[field.name]) for field in fields(Cost))
            )
            for row in csv.DictReader(file)
        }


def write(table: Path, rows: dict[tuple[str, int, str], Cost]) -> None:
    """One row a photo, budget and reconstructor."""
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["photo", "budget_bytes", "reconstructor", *(field.name for field in fields(Cost))])
        for place, cost in sorted(rows.items()):
            writer.writerow([*place, *(f"{value:.4f}" for value in astuple(cost))])


def as_markdown(rows: dict[tuple[str, int, str], Cost]) -> str:
    """The page: means over photos."""
    photos = sorted({photo for photo, _, _ in rows})
    lines = [
        "# A scene in two layers",
        "",
        f"`python -m semcom.experiments.semantic.scene_layers`, {len(photos)} Kodak photos, profile `meaning`. Bytes "
        "of the whole packet. More bytes: than one layer that shows as much, the mean over photos. Base alone: header, "
        "caption, objects, class map, its colours and base. Every photo is in `scene_layers.csv`. The base and its use "
        "were chosen with these photos: none was kept apart. Sizes and qualities are searched for in steps, and "
        "close-ups come or go with the size of the scene, so that a single photo may be off by 10 % either way. "
        "MS-SSIM is of the luma: at 1474 B two layers have the colours of the base, seen on small coloured things.",
        "",
        "| budget | shown by | photos | one layer | two layers | difference | more bytes | base alone |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for budget, name in sorted({(budget, name) for _, budget, name in rows}):
        costs = [cost for (_, *place), cost in rows.items() if place == [budget, name]]
        lines.append(row(f"{budget} B | {name} | {len(costs)}", costs))
    return "\n".join(lines) + "\n"


def row(first: str, costs: list[Cost]) -> str:
    """A line of the table: means over photos."""
    one, two, base = (float(np.mean([getattr(cost, name) for cost in costs])) for name in ("one", "two", "base"))
    more = float(np.mean([cost.more_bytes for cost in costs]))
    return f"| {first} | {one:.4f} | {two:.4f} | {two - one:+.4f} | {more:+.1%} | {base:.3f} |"


def costs_of(image: np.ndarray, budgets: list[int], reconstructors: list[str]) -> dict[tuple[int, str], Cost]:
    """By (budget, reconstructor)."""
    layered, whole = analyse(image, EncodeRequest()), analyse(image, EncodeRequest(config=ONE_LAYER))
    found = {}
    for budget in budgets:
        two = code(layered, budget)
        ones = [code(whole, int(share * budget)) for share in (*OTHER_SHARES, 1.0)]
        base = SemanticPacket.from_payloads(
            {layer.key: layer.payload for layer in two.layers if layer.importance >= BASE_IMPORTANCE}
        )
        for name in reconstructors:
            shown = [ms_ssim(image, decode(packet, reconstructor=name).picture) for packet in (*ones, two, base)]
            sizes = np.log([len(packet.to_bytes()) for packet in ones])
            slope, offset = np.polyfit(sizes, np.log(1 - np.array(shown[:3])), 1)
            needed = np.exp((np.log(1 - shown[3]) - offset) / slope)
            found[budget, name] = Cost(shown[2], shown[3], shown[4], float(len(two.to_bytes()) / needed - 1))
    return found


if __name__ == "__main__":
    main()
