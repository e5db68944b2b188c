"""Views of BSDS500 train for the boundary head: pictures, what people drew in them, the frozen backbone's features.

The backbone is shown some views of each photo once, each at another size, turned, mirrored and recoloured by chance;
the head then sees random crops of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from semcom.experiments.training.scenes import degrade, recolour
from semcom.semantic.nets.backbone import CHANNELS, Backbone

WIDTH, HEIGHT = 384, 256
"""Of a view. At the least zoom it is a whole photo of BSDS500."""
ZOOM = (0.8, 1.7)
"""The detailer's views of 384 and 640 pixels are 0.8 and 1.33 times a photo."""
DEGRADED = 0.08
APART = 10
"""Every tenth photo is not trained on: what has to be chosen is chosen by these."""
DONE = "done.txt"


def training_pairs(shared: Path, whole: bool = False) -> list[tuple[Path, Path]]:
    """Photos with the mean of all annotators' maps, without every tenth photo unless `whole`."""
    folder = shared / "data/bsds500/train"
    images = sorted((folder / "images").glob("*.jpg"))
    kept = [path for number, path in enumerate(images) if whole or number % APART]
    return [(path, folder / "edges" / f"{path.stem}.png") for path in kept]


def random_view(image: Image.Image, edges: Image.Image, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Picture uint8 [HEIGHT, WIDTH, 3] and the share of annotators who drew a boundary, uint8 [HEIGHT, WIDTH]."""
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM))))
    quarters = int(rng.integers(4))
    box = np.array([WIDTH / zoom, HEIGHT / zoom])
    upright = image.width >= image.height
    if upright == bool(quarters % 2) and (box > min(image.size)).any():
        quarters += 1  # so large a part of the photo fits lying down only
    image, edges = (whole.rotate(90 * quarters, expand=True) for whole in (image, edges))
    box = np.minimum(box, image.size)
    left, top = (rng.uniform(0, side - part) for side, part in zip(image.size, box, strict=True))
    area = (left, top, left + box[0], top + box[1])
    picture = image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=area)
    if rng.random() < DEGRADED:
        picture = degrade(picture, rng)
    target = np.asarray(edges.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=area)).astype(np.float32)
    target = np.minimum(target * max(1.0, box[0] / WIDTH), 255).astype(np.uint8)  # a thin line pales when it shrinks
    found = recolour(np.asarray(picture), rng)
    if rng.random() < 0.5:
        found, target = found[:, ::-1], target[:, ::-1]
    return np.ascontiguousarray(found), np.ascontiguousarray(target)


@dataclass(frozen=True)
class BoundaryViews:
    """Views in files mapped into memory.

    Attributes
    ----------
    pictures : uint8 [N, HEIGHT, WIDTH, 3]
    targets : uint8 [N, HEIGHT, WIDTH]
    features : dict of int to float16 [N, HEIGHT/stride, WIDTH/stride, channels]
        By stride, as `Backbone.pyramid` gives them, channels last.
    """

    pictures: np.ndarray
    targets: np.ndarray
    features: dict[int, np.ndarray]

    @classmethod
    def open(cls, folder: Path, count: int, mode: str = "r") -> BoundaryViews:
        """The files of `count` views; mode "w+" makes them."""

        def mapped(name: str, dtype: type, *shape: int) -> np.ndarray:
            path = folder / f"{name}.npy"
            there = mode == "w+" and path.exists()
            return np.lib.format.open_memmap(path, "r+" if there else mode, dtype, (count, *shape))

        features = {
            stride: mapped(f"features{stride}", np.float16, HEIGHT // stride, WIDTH // stride, channels)
            for stride, channels in CHANNELS.items()
        }
        return cls(mapped("pictures", np.uint8, HEIGHT, WIDTH, 3), mapped("targets", np.uint8, HEIGHT, WIDTH), features)

    def batch(
        self, size: int, crop: int, rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, dict[int, torch.Tensor]]:
        """Pictures float32 [N, 3, crop, crop] in 0..1, targets float32 [N, crop, crop] in 0..1, and features."""
        pictures, targets = [], []
        features: dict[int, list[np.ndarray]] = {stride: [] for stride in CHANNELS}
        for _ in range(size):
            position = int(rng.integers(len(self.pictures)))
            top, left = (32 * int(rng.integers((side - crop) // 32 + 1)) for side in (HEIGHT, WIDTH))
            pictures.append(self.pictures[position, top : top + crop, left : left + crop])
            targets.append(self.targets[position, top : top + crop, left : left + crop])
            for stride, values in self.features.items():
                y, x, side = top // stride, left // stride, crop // stride
                features[stride].append(values[position, y : y + side, x : x + side])
        stacked = {s: torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2).float() for s, parts in features.items()}
        shown = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
        return shown, torch.from_numpy(np.stack(targets)).float() / 255, stacked


def compute(pairs: list[tuple[Path, Path]], backbone: Backbone, renditions: int, folder: Path, seed: int) -> None:
    """Write `renditions` random views of each photo into `folder`; goes on where it was broken off.

    A view depends on the seed and its number alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    views = BoundaryViews.open(folder, renditions * len(pairs), "w+")
    done = folder / DONE
    for position in range(int(done.read_text()) if done.exists() else 0, len(views.pictures)):
        rng = np.random.default_rng([seed, position])
        with Image.open(pairs[position % len(pairs)][0]) as file:
            image = file.convert("RGB")
        with Image.open(pairs[position % len(pairs)][1]) as file:
            edges = file.convert("L")
        views.pictures[position], views.targets[position] = random_view(image, edges, rng)
        tensor = torch.from_numpy(views.pictures[position].copy()).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            found = backbone.pyramid(tensor.to(memory_format=torch.channels_last))
        for stride, values in found.items():
            views.features[stride][position] = values[0].permute(1, 2, 0).float().numpy().astype(np.float16)
        done.write_text(str(position + 1))  # only now is the view there
        if position % 200 == 0:
            print(f"features of {position} of {len(views.pictures)} views", flush=True)
