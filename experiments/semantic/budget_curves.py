"""Recipe: what a budget of bytes buys, profile by profile, beside best-scaled AVIF → docs/results/budget_curves.*

Run: ``python -m semcom.experiments.semantic.budget_curves [--pictures 12]``. Needs the Kodak and the labelled pictures
of the reference data (``SEMCOM_SHARED``, or ``shared`` beside the checkout). About ten minutes on one core.

Quality is MS-SSIM of the luma over all pixels (`semantic/metrics`). AVIF is judged without its container: the bytes of
the AV1 frame alone, at the best of eight sizes, enlarged by the better of two filters. *Default* is the encoder as
Pillow ships it (speed 6); *tuned* has this project's settings and search, and all of the budget's bytes.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.semantic.map_transfer import Transfer, measure_transfer
from semcom.semantic import LayerKind, SemanticPacket, decode, encode, load_picture
from semcom.semantic.coding.avif_container import strip_avif
from semcom.semantic.coding.picture_fitting import PictureFitter
from semcom.semantic.metrics.quality import ms_ssim
from semcom.semantic.reconstruct.drawing import draw

REPOSITORY = Path(__file__).resolve().parents[2]
BITS_PER_PIXEL = (0.01, 0.03, 0.05)
SMALL_BUDGETS = (150, 300)
PROFILES = ("meaning", "pixels", "tasks")
SCALES = (0.125, 0.1875, 0.25, 0.3, 0.375, 0.5, 0.75, 1.0)
FILTERS = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
MAX_PIXELS = 16_000_000
LEAST_BITS_PER_PIXEL = 0.035
"""Of a coded picture: below, AVIF cannot."""
_FRAMES: dict[tuple[int, float, int], tuple[int, np.ndarray]] = {}


@dataclass(frozen=True)
class Point:
    """One picture at one budget in one profile: a line of the CSV."""

    picture: str
    profile: str
    budget_bytes: int
    packet_bytes: int
    scene_bytes: int
    class_map_bytes: int
    detail_map_bytes: int
    close_ups: int
    left_out: str
    encode_s: float
    scene_bicubic: float
    drawing: float
    picture_ms_ssim: float
    avif_default: float
    avif_tuned: float
    class_map_of_webp: float
    detail_map_of_png: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    photos = sorted((options.shared / "data" / "kodak").glob("kodim*.png"))[: options.pictures]
    if not photos:
        parser.error(f"no Kodak pictures under {options.shared}; set --shared or SEMCOM_SHARED")
    encode(load_picture(photos[0]), budget_bytes=1000)  # load and compile, outside of the measured time
    points = [point for photo in photos for point in measure(photo)]
    transfers = measure_transfer(options.shared, budgets=(300, 600, 1475))
    with (options.out / "budget_curves.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(vars(points[0])))
        writer.writeheader()
        writer.writerows(vars(point) for point in points)
    page = as_markdown(points, transfers)
    (options.out / "budget_curves.md").write_text(page, encoding="utf-8")
    print(page)


def measure(photo: Path) -> Iterable[Point]:
    """All budgets and profiles of one picture."""
    _FRAMES.clear()
    image = load_picture(photo)
    pixels = image.shape[0] * image.shape[1]
    for budget in (*SMALL_BUDGETS, *(round(bpp * pixels / 8) for bpp in BITS_PER_PIXEL)):
        default, tuned = best_scaled_avif(image, budget), fitted_avif(image, budget)
        for profile in PROFILES:
            yield point(photo.stem, image, profile, budget, default, tuned)


def point(name: str, image: np.ndarray, profile: str, budget: int, default: float, tuned: float) -> Point:
    start = time.process_time()
    packet = encode(image, budget_bytes=budget, profile=profile)
    encode_s = time.process_time() - start
    assert len(packet.to_bytes()) <= budget
    scenes = [layer for layer in packet.of_kind(LayerKind.SUB_IMAGE) if layer.content.is_scene]
    return Point(
        picture=name,
        profile=profile,
        budget_bytes=budget,
        packet_bytes=len(packet.to_bytes()),
        scene_bytes=len(scenes[0].payload) if scenes else 0,
        class_map_bytes=_payload_bytes(packet, LayerKind.CLASS_MAP),
        detail_map_bytes=_payload_bytes(packet, LayerKind.DETAIL_MAP),
        close_ups=len(packet.of_kind(LayerKind.SUB_IMAGE)) - len(scenes),
        left_out=" ".join(kind for kind, _ in packet.left_out),
        encode_s=round(encode_s, 3),
        scene_bicubic=_enlarged_quality(image, scenes[0].content.pixels, FILTERS[:1]) if scenes else float("nan"),
        drawing=round(ms_ssim(image, draw(packet, MAX_PIXELS)[0]), 4),
        picture_ms_ssim=round(ms_ssim(image, decode(packet, "drawing").picture), 4),
        avif_default=default,
        avif_tuned=tuned,
        class_map_of_webp=_share_of_webp(packet),
        detail_map_of_png=_share_of_png(packet),
    )


def best_scaled_avif(image: np.ndarray, max_bytes: int) -> float:
    """Best MS-SSIM of a stripped AVIF of at most so many bytes, as Pillow encodes by default."""
    best = float("nan")
    for scale in SCALES:
        if scale**2 * image.shape[0] * image.shape[1] * LEAST_BITS_PER_PIXEL > 8 * max_bytes:
            break
        low, high = -1, 101
        while high - low > 1:
            quality = (low + high) // 2
            if avif_frame_bytes(image, scale, quality)[0] <= max_bytes:
                low = quality
            else:
                high = quality
        if low >= 0:
            best = np.fmax(best, _enlarged_quality(image, avif_frame_bytes(image, scale, low)[1], FILTERS))
    return round(float(best), 4)


def avif_frame_bytes(image: np.ndarray, scale: float, quality: int) -> tuple[int, np.ndarray]:
    """Bytes of the AV1 frame, and the picture it decodes to; remembered from budget to budget."""
    key = (id(image), scale, quality)
    if key not in _FRAMES:
        picture = Image.fromarray(image)
        size = tuple(max(8, round(side * scale)) for side in picture.size)
        small, file = picture.resize(size, Image.Resampling.LANCZOS), io.BytesIO()
        small.save(file, "AVIF", quality=quality, subsampling="4:2:0", max_threads=1)
        stripped = strip_avif(file.getvalue(), *size)
        with Image.open(file) as opened:
            _FRAMES[key] = (len(stripped[0]) if stripped else 1 << 30, np.asarray(opened.convert("RGB")))
    return _FRAMES[key]


def fitted_avif(image: np.ndarray, max_bytes: int) -> float:
    fitted = PictureFitter(image).fit(max_bytes)
    return _enlarged_quality(image, fitted.pixels, FILTERS) if fitted else float("nan")


def _enlarged_quality(image: np.ndarray, small: np.ndarray, filters: Iterable[Image.Resampling]) -> float:
    size = image.shape[1::-1]
    return round(max(ms_ssim(image, np.asarray(Image.fromarray(small).resize(size, way))) for way in filters), 4)


def _payload_bytes(packet: SemanticPacket, kind: LayerKind) -> int:
    return sum(len(layer.payload) for layer in packet.of_kind(kind))


def _share_of_webp(packet: SemanticPacket) -> float:
    """Class map layer over the same map as lossless WebP."""
    if not packet.of_kind(LayerKind.CLASS_MAP):
        return float("nan")
    content, file = packet.content(LayerKind.CLASS_MAP), io.BytesIO()
    Image.fromarray(content.labels).convert("RGB").save(file, "WEBP", lossless=True, quality=100, method=6)
    return round(_payload_bytes(packet, LayerKind.CLASS_MAP) / len(file.getvalue()), 3)


def _share_of_png(packet: SemanticPacket) -> float:
    """Detail map layer over the same map as 1-bit PNG."""
    if not packet.of_kind(LayerKind.DETAIL_MAP):
        return float("nan")
    content, file = packet.content(LayerKind.DETAIL_MAP), io.BytesIO()
    Image.fromarray(content.edges).save(file, "PNG", optimize=True)
    return round(_payload_bytes(packet, LayerKind.DETAIL_MAP) / len(file.getvalue()), 3)


def as_markdown(points: list[Point], transfers: list[Transfer]) -> str:
    lines = [
        "# What a budget buys",
        "",
        f"`python -m semcom.experiments.semantic.budget_curves`, {len({p.picture for p in points})} Kodak pictures; "
        "means. The recipe says what the columns are. Encoding time is process time on a busy machine.",
        "",
        "| profile | budget B | packet B | scene B | class map B | detail map B | scene, bicubic | drawing | picture | "
        "AVIF default | AVIF tuned | encode s | left out |",
        "|" + "---|" * 13,
    ]
    for profile in PROFILES:
        for budget in sorted({p.budget_bytes for p in points}):
            group = [p for p in points if (p.profile, p.budget_bytes) == (profile, budget)]
            out = sorted({kind for p in group for kind in p.left_out.split()})
            lines.append(
                f"| {profile} | {budget} | {_mean(group, 'packet_bytes'):.0f} | {_mean(group, 'scene_bytes'):.0f} | "
                f"{_mean(group, 'class_map_bytes'):.0f} | {_mean(group, 'detail_map_bytes'):.0f} | "
                f"{_mean(group, 'scene_bicubic'):.3f} | {_mean(group, 'drawing'):.3f} | "
                f"{_mean(group, 'picture_ms_ssim'):.3f} | {_mean(group, 'avif_default'):.3f} | "
                f"{_mean(group, 'avif_tuned'):.3f} | {_mean(group, 'encode_s'):.2f} | {', '.join(out)} |"
            )
    webp, png = _mean(points, "class_map_of_webp"), _mean(points, "detail_map_of_png")
    lines += [
        "",
        f"Class maps as sent have {webp:.2f} of the bytes of lossless WebP, detail maps {png:.2f} of 1-bit PNG "
        "(means of all the packets above).",
        "",
        "## Class maps at the receiver",
        "",
        "Mean IoU against ground truth, of the map as received over what A-seg says at the sender.",
        "",
        "| pictures | profile | budget B | sender | receiver | ratio |",
        "|---|---|---|---|---|---|",
        *(
            f"| {t.pictures} | {t.profile} | {t.budget_bytes} | {t.sender:.3f} | {t.receiver:.3f} | "
            f"{t.receiver / t.sender:.3f} |"
            for t in transfers
        ),
    ]
    return "\n".join([*lines, ""])


def _mean(points: list[Point], name: str) -> float:
    return float(np.nanmean([getattr(p, name) for p in points])) if points else float("nan")


if __name__ == "__main__":
    main()
