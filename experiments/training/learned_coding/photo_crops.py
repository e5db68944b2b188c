"""Crops of photos for training picture codecs; which photos train, and which never do.

BSDS500 train, CamVid train, COCO pictures that are not held out, VOC 2012 train. Never `kodak/`, `sequences/` and
`cityscapes/`, which figures are measured on.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training.scenes import coco_names


def training_photos(shared: Path) -> list[Path]:
    """All photos that train, in a fixed order."""
    data = shared / "data"
    photos = sorted((data / "bsds500/train/images").iterdir()) + sorted((data / "camvid/train/images").iterdir())
    for kind in ("dense", "things"):
        photos += [data / "coco" / image for image, _ in coco_names(shared, kind, held_out=False)]
    with (data / "voc2012/annotations.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    photos += [data / "voc2012" / entry["file"] for entry in entries if entry["split"] == "train"]
    return photos


class PhotoCrops:
    """Random crops of photos, half of them mirrored.

    Parameters
    ----------
    photos : list of Path
    least_side : int
        Smaller photos are left out.
    """

    def __init__(self, photos: list[Path], least_side: int) -> None:
        self._pictures = []
        for path in photos:
            with Image.open(path) as image:
                if min(image.size) >= least_side:
                    self._pictures.append(np.asarray(image.convert("RGB")))

    def __len__(self) -> int:
        return len(self._pictures)

    def batch(self, count: int, side: int, rng: np.random.Generator) -> np.ndarray:
        """float32 [count, 3, side, side], 0..1, each of another photo."""
        return np.stack([self._crop(self._pictures[rng.integers(len(self))], side, rng) for _ in range(count)])

    def related(self, count: int, side: int, rng: np.random.Generator) -> np.ndarray:
        """As `batch`, all of one photo: enlarged or made smaller by up to a quarter, cut and mirrored at random."""
        picture = Image.fromarray(self._pictures[rng.integers(len(self))])
        crops = []
        for _ in range(count):
            scale = max(float(rng.uniform(0.75, 1.25)), (side + 1) / min(picture.size))
            size = tuple(round(edge * scale) for edge in picture.size)
            crops.append(self._crop(np.asarray(picture.resize(size, Image.Resampling.BICUBIC)), side, rng))
        return np.stack(crops)

    @staticmethod
    def _crop(picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
        top, left = (int(rng.integers(edge - side + 1)) for edge in picture.shape[:2])
        crop = picture[top : top + side, left : left + side].transpose(2, 0, 1)
        return (crop[:, :, ::-1] if rng.random() < 0.5 else crop).astype(np.float32) / 255
