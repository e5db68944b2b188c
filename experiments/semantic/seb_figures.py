"""Recipe: figures 4, 5 and 6 of Seb's paper from what `seb_sets` measured, and pictures beside each other.

    python -m semcom.experiments.semantic.seb_sets --shared ../shared --out docs/results/seb_end_to_end.csv \
        --sets mixed --pictures 4 --snr-db 0 5 10 15
    python -m semcom.experiments.semantic.seb_figures --shared ../shared --rows docs/results/seb_end_to_end.csv \
        --set mixed --out docs/results

seb_figure_4.png: PSNR and MS-SSIM over SNR. seb_figure_5.png: what bases, usage and the rest of `seb-end-to-end` take
of the channel uses; where the paper varies λ, here the bytes do. seb_figure_6.png: the first picture, a part of it.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from semcom.experiments.semantic.seb_sets import (
    LABELS,
    SETS,
    SYSTEMS,
    av1_sequence,
    budget_bytes,
    rebuilt,
)
from semcom.semantic import EncodeRequest, encode_set, load_picture
from semcom.semantic.metrics.quality import psnr_db

SHOWN = ("jpeg2000", "avif", "av1 sequence", "seb", "seb-end-to-end without bases", "seb-end-to-end")


def over_snr(rows: list[dict[str, str]], out: Path) -> None:
    """Figure 4."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5))
    for system in dict.fromkeys(row["system"] for row in rows):
        own = sorted(
            (float(r["snr_db"]), float(r["psnr_db"]), float(r["ms_ssim"])) for r in rows if r["system"] == system
        )
        for axis, column in zip(axes, (1, 2), strict=True):
            axis.plot([row[0] for row in own], [row[column] for row in own], marker="o", label=system)
    for axis, label in zip(axes, ("PSNR, dB", "MS-SSIM"), strict=True):
        axis.set_xlabel("SNR, dB")
        axis.set_ylabel(label)
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(out / "seb_figure_4.png", dpi=110)


def split_of_rate(rows: list[dict[str, str]], out: Path) -> None:
    """Figure 5."""
    own = sorted((r for r in rows if r["system"] == "seb-end-to-end"), key=lambda r: float(r["snr_db"]))
    figure, axis = plt.subplots(figsize=(6, 4))
    bottom = np.zeros(len(own))
    for label in LABELS[:-1]:
        parts = np.array([float(row[f"bytes_{label}"]) for row in own])
        axis.bar([row["snr_db"] for row in own], parts, bottom=bottom, label=label)
        bottom += parts
    axis.set_xlabel("SNR, dB, at the same channel uses")
    axis.set_ylabel("bytes a picture")
    axis.legend()
    figure.tight_layout()
    figure.savefig(out / "seb_figure_5.png", dpi=110)


def pictures(images: list[np.ndarray], cbr: float, snr_db: float, out: Path) -> None:
    """Figure 6: the middle of the first picture under each system, with the PSNR of the whole of it."""
    budget = round(sum(budget_bytes(image, cbr, snr_db) for image in images) / len(images))
    shown = {"original": images[0]}
    for name in SHOWN:
        system, config = SYSTEMS[name]
        if system:
            packets = encode_set(images, EncodeRequest(system, config=config, budget_bytes=budget))
            shown[name] = rebuilt(packets)[0]
        else:
            shown[name] = av1_sequence(images, budget * len(images))[1][0]
    figure, axes = plt.subplots(2, 4, figsize=(16, 8))
    for axis in axes.ravel():
        axis.axis("off")
    height, width = images[0].shape[:2]
    for axis, (name, picture) in zip(axes.ravel(), shown.items(), strict=False):
        axis.imshow(picture[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4])
        axis.set_title(name if name == "original" else f"{name}, {psnr_db(images[0], picture):.1f} dB", fontsize=10)
    figure.tight_layout()
    figure.savefig(out / "seb_figure_6.png", dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--set", default="mixed", choices=list(SETS))
    parser.add_argument("--snr-db", type=float, default=5.0, help="of the pictures")
    parser.add_argument("--cbr", type=float, default=1 / 30)
    parser.add_argument("--pictures", type=int, default=4, help="of each folder, at most")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    with args.rows.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == args.set]
    over_snr(rows, args.out)
    split_of_rate(rows, args.out)
    paths = [
        path for pattern in SETS[args.set] for path in sorted((args.shared / "data").glob(pattern))[: args.pictures]
    ]
    pictures([load_picture(path) for path in paths], args.cbr, args.snr_db, args.out)


if __name__ == "__main__":
    main()
