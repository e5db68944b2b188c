"""Recipe: Seb against systems that code each picture alone, at equal channel uses over a channel of ideal capacity.

    python -m semcom.experiments.semantic.seb_sets --shared ../shared --out docs/results/seb_sets.csv

Bytes of a picture: CBR · 3 · width · height · log2(1 + SNR) / 8, headers and the set's bases included (equations 11
and 12 of Zheng et al.). A row a set, system and SNR; rows that the file has are not measured again, so it goes on
where it stopped. Sets: a fixed camera, a camera that follows a dog, and a mix of the first and of a drive.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from semcom.semantic import EncodeRequest, SemanticPacket, decode, encode_set, load_picture
from semcom.semantic.errors import RequestError
from semcom.semantic.metrics.quality import ms_ssim, psnr_db

SETS = {
    "fixed camera": ("sequences/indoor_person_432p/images/*.jpg",),
    "dog": ("sequences/davis_dog/images/*.jpg",),
    "mixed": ("sequences/indoor_person_432p/images/*.jpg", "sequences/highway_540p/images/*.jpg"),
}
NO_BASES = {"patches_per_base": 100_000}
SYSTEMS = {
    "seb": ("seb", {}),
    "seb without bases": ("seb", NO_BASES),
    "seb-learned": ("seb-learned", {}),
    "seb-learned without bases": ("seb-learned", NO_BASES),
    "seb-end-to-end": ("seb-end-to-end", {}),
    "seb-end-to-end without bases": ("seb-end-to-end", NO_BASES),
    "pair": ("pair", {}),
    "hyperprior": ("hyperprior", {}),
    "avif": ("avif", {}),
    "jpeg2000": ("jpeg2000", {}),
    "av1 sequence": ("", {}),
}
"""By the name in the table: system and configuration. Without bases K is 0: the same codec codes each picture alone;
`seb-end-to-end` has weights for that which were trained for as many steps. The AV1 sequence is no system here."""
LABELS = ("semantic_base", "usage", "compensation", "residual", "picture")
FIELDS = (
    "set", "system", "cbr", "snr_db", "pictures", "bytes_per_picture", "psnr_db", "ms_ssim", "bases",
    *(f"bytes_{label}" for label in LABELS), "usage_bits_equation_7", "usage_bits_coded",
)  # fmt: skip


def budget_bytes(image: np.ndarray, cbr: float, snr_db: float) -> int:
    """What a channel of ideal capacity carries in `cbr` channel uses per colour value of a picture."""
    return int(cbr * image.size * math.log2(1 + 10 ** (snr_db / 10)) / 8)


def with_bases(packets: Sequence[SemanticPacket]) -> list[SemanticPacket]:
    """Packets as a receiver has them that keeps the layers of their group."""
    shared = {layer.key: layer for packet in packets for layer in packet.layers if layer.key.picture == 0}
    return [replace(packet, layers=(*packet.layers, *(shared[k] for k in packet.missing()))) for packet in packets]


def rebuilt(packets: Sequence[SemanticPacket]) -> list[np.ndarray]:
    """Pictures of a set as such a receiver shows them."""
    return [decode(SemanticPacket.from_bytes(packet.to_bytes())).picture for packet in with_bases(packets)]


def measure(images: Sequence[np.ndarray], system: str, cbr: float, snr_db: float) -> dict[str, object]:
    """A row: quality and bytes of a set under one system."""
    name, config = SYSTEMS[system]
    budget = round(sum(budget_bytes(image, cbr, snr_db) for image in images) / len(images))
    if not name:
        num_bytes, shown = av1_sequence(images, budget * len(images))
        return {"pictures": len(images), "bytes_per_picture": round(num_bytes / len(images))} | quality(images, shown)
    packets = encode_set(images, EncodeRequest(name, config=config, budget_bytes=budget))
    shown = rebuilt(packets)
    layers = [layer for packet in packets for layer in packet.layers]
    bases = {layer.key.layer: layer.content.count for layer in layers if layer.label == "semantic_base"}
    usages = [layer for layer in layers if layer.label == "usage"]
    parts = {
        f"bytes_{label}": round(sum(len(la.payload) for la in layers if la.label == label) / len(images))
        for label in LABELS
    }
    by_equation_7 = sum(layer.content.cells.size * math.log2(layer.content.count) for layer in usages)
    return {
        "pictures": len(images),
        "bytes_per_picture": round(sum(len(packet.to_bytes()) for packet in packets) / len(images)),
        **quality(images, shown),
        "bases": sum(bases.values()),
        **parts,
        "usage_bits_equation_7": round(by_equation_7 / len(images)),
        "usage_bits_coded": round(8 * sum(len(la.payload) for la in usages) / len(images)),
    }  # fmt: skip


def quality(images: Sequence[np.ndarray], shown: Sequence[np.ndarray]) -> dict[str, float]:
    """Means over the pictures of a set."""
    pairs = list(zip(images, shown, strict=True))
    return {
        "psnr_db": round(float(np.mean([psnr_db(a, b) for a, b in pairs])), 2),
        "ms_ssim": round(float(np.mean([ms_ssim(a, b) for a, b in pairs])), 4),
    }


def av1_sequence(images: Sequence[np.ndarray], max_bytes: int) -> tuple[int, list[np.ndarray]]:
    """The whole file of the best quality that fits, in bytes, and its pictures, through Pillow; one file a size."""
    sizes = [image.shape for image in images]
    shown: list[np.ndarray | None] = [None] * len(images)
    num_bytes = 0
    for size in dict.fromkeys(sizes):
        numbers = [number for number, one in enumerate(sizes) if one == size]
        frames = [Image.fromarray(images[number]) for number in numbers]
        low, high, best = -1, 101, b""
        while high - low > 1:
            file, tried = io.BytesIO(), (low + high) // 2
            frames[0].save(file, "AVIF", save_all=True, append_images=frames[1:], quality=tried, speed=6)
            if file.tell() <= max_bytes * len(numbers) / len(images):
                low, best = tried, file.getvalue()
            else:
                high = tried
        if not best:
            raise RequestError(f"an AV1 sequence of {len(numbers)} pictures does not fit its bytes")
        num_bytes += len(best)
        with Image.open(io.BytesIO(best)) as sequence:
            for number, frame in zip(numbers, ImageSequence.Iterator(sequence), strict=True):
                shown[number] = np.asarray(frame.convert("RGB"))
    return num_bytes, shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument("--snr-db", nargs="+", type=float, default=[0.0, 10.0])
    parser.add_argument("--cbr", type=float, default=1 / 30)
    parser.add_argument("--pictures", type=int, default=30, help="of each folder, at most")
    args = parser.parse_args()
    known: set[tuple[str, ...]] = set()
    if args.out.exists():
        with args.out.open(encoding="utf-8") as file:
            known = {(r["set"], r["system"], r["snr_db"], r["cbr"], r["pictures"]) for r in csv.DictReader(file)}
    for name in args.sets:
        paths = [
            path for pattern in SETS[name] for path in sorted((args.shared / "data").glob(pattern))[: args.pictures]
        ]
        images = [load_picture(path) for path in paths]
        for snr_db in args.snr_db:
            for system in args.systems:
                told = {"set": name, "system": system, "snr_db": str(snr_db), "cbr": str(round(args.cbr, 5))}
                if (name, system, told["snr_db"], told["cbr"], str(len(images))) in known:
                    continue
                try:
                    row = told | measure(images, system, args.cbr, snr_db)
                except RequestError as error:
                    print(f"{name}, {system}, {snr_db} dB: {error}", flush=True)
                    continue
                is_new = not args.out.exists()
                with args.out.open("a", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
                    if is_new:
                        writer.writeheader()
                    writer.writerow(row)
                print(row, flush=True)


if __name__ == "__main__":
    main()
