"""Measure the generator: against the drawing and against best-scaled AVIF without its container, at equal bytes.

    python experiments/training/generator/evaluate_generator.py \\
        --photos ../shared/data/kodak --csv docs/results/generator.csv

MS-SSIM of the luma (`semantic/metrics`); sharpness is the mean squared gradient of the luma over the original's;
feature distance by a segmenter's encoder, which took no part in the generator's training (`metrics/features.py`).
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic import encode
from semcom.semantic.coding.picture_fitting import PictureFitter
from semcom.semantic.layers import LayerKind
from semcom.semantic.metrics.features import feature_distance
from semcom.semantic.metrics.quality import ms_ssim
from semcom.semantic.reconstruct.drawing import draw
from semcom.semantic.reconstruct.generator import Generator

MAX_PIXELS = 16_000_000


def sharpness(picture: np.ndarray) -> float:
    """Mean squared gradient of the luma."""
    luma = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return float((np.diff(luma, axis=0) ** 2).mean() + (np.diff(luma, axis=1) ** 2).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--pictures", type=Path, help="folder for PNGs to look at")
    parser.add_argument("--bpp", type=float, nargs="+", default=[0.01, 0.03, 0.05])
    args = parser.parse_args()
    generator = Generator(args.weights)
    rows = []
    for path in sorted(args.photos.glob("*.png")):
        with Image.open(path) as opened:
            original = np.asarray(opened.convert("RGB"))
        original = original[: original.shape[0] // 32 * 32, : original.shape[1] // 32 * 32]
        height, width = original.shape[:2]
        fitter = PictureFitter(original)
        for bpp in args.bpp:
            budget = int(bpp * height * width / 8)
            fitted = fitter.fit(budget)
            shown = {("avif", "avif"): Image.fromarray(fitted.pixels).resize((width, height), Image.Resampling.BICUBIC)}
            for profile in ("pixels", "meaning"):
                packet = encode(original, budget_bytes=budget, profile=profile)
                shown[profile, "drawing"] = draw(packet, MAX_PIXELS)[0]
                shown[profile, "faithful"] = generator(packet, MAX_PIXELS)[0]
                shown[profile, "vivid"] = generator(packet, MAX_PIXELS, texture=1.0)[0]
                if profile == "meaning":
                    kinds = [kind for kind in LayerKind if kind != LayerKind.DETAIL_MAP]
                    shown["without detail map", "faithful"] = generator(packet.only(kinds), MAX_PIXELS)[0]
            for (profile, picture), image in shown.items():
                image = np.asarray(image)
                rows.append(
                    {
                        "photo": path.stem,
                        "bpp": bpp,
                        "profile": profile,
                        "picture": picture,
                        "ms_ssim": round(ms_ssim(original, image), 4),
                        "sharpness": round(sharpness(image) / sharpness(original), 3),
                        "feature_distance": round(feature_distance(original, image), 4),
                    }
                )
                if args.pictures:
                    args.pictures.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(image).save(args.pictures / f"{path.stem}_{bpp}_{profile}_{picture}.png")
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    print("| bpp | profile | picture | MS-SSIM | sharpness | feature distance |\n|---|---|---|---|---|---|")
    for bpp in args.bpp:
        for key in dict.fromkeys((row["profile"], row["picture"]) for row in rows):
            chosen = [row for row in rows if row["bpp"] == bpp and (row["profile"], row["picture"]) == key]
            means = (np.mean([row[name] for row in chosen]) for name in ("ms_ssim", "sharpness", "feature_distance"))
            print(f"| {bpp} | {' | '.join(key)} | " + " | ".join(f"{mean:.4f}" for mean in means) + " |")


if __name__ == "__main__":
    main()
