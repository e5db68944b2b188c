"""Features of the frozen backbone for many renditions of the labelled scenes, computed once and kept in one file.

The backbone takes three times as long as a step of the head that is trained on it, so every scene is shown to it a few
times only, each time at another size, mirrored, recoloured or degraded by chance; the head then sees random crops.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training import scenes
from semcom.semantic.benchmark import labels
from semcom.semantic.nets.backbone import CHANNELS, Backbone

SIDE = 384
ORIGINS = "origins.tsv"
"""Source and name of the scene of each view that is written, a line each."""

CODE_STEP = 2
"""Codes are kept at half of the picture's resolution."""


@dataclass(frozen=True)
class FeatureFile:
    """Features float16 and codes uint8 of renditions, in files mapped into memory.

    Attributes
    ----------
    features : dict of int to float16 [N, SIDE/stride, SIDE/stride, channels]
        By stride, as `Backbone.pyramid` gives them, channels last.
    codes : uint8 [N, SIDE/CODE_STEP, SIDE/CODE_STEP]
    origins : list of (str, str)
        Source and name of each rendition's scene.
    """

    features: dict[int, np.ndarray]
    codes: np.ndarray
    origins: list[tuple[str, str]]

    @classmethod
    def open(cls, folder: Path) -> FeatureFile:
        origins = [tuple(line.split("\t")) for line in (folder / ORIGINS).read_text().splitlines()]
        features = {stride: np.load(folder / f"features{stride}.npy", mmap_mode="r") for stride in CHANNELS}
        return cls(features, np.load(folder / "codes.npy", mmap_mode="r"), origins)


def compute(pictures: list[scenes.Scene], backbone: Backbone, renditions: int, folder: Path, seed: int) -> None:
    """Write the features of `renditions` random views of each scene into `folder`; goes on where it was broken off.

    A view depends on the seed and its number alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count, kept = renditions * len(pictures), SIDE // CODE_STEP
    shapes = {stride: (count, SIDE // stride, SIDE // stride, channels) for stride, channels in CHANNELS.items()}
    files = {stride: _opened(folder / f"features{stride}.npy", np.float16, shape) for stride, shape in shapes.items()}
    codes = _opened(folder / "codes.npy", np.uint8, (count, kept, kept))
    sampler = scenes.CropSampler(pictures, defaultdict(lambda: 1.0), SIDE, (0.55, 1.6), 0.15)
    origins = folder / ORIGINS
    done = len(origins.read_text().splitlines()) if origins.exists() else 0
    for position in range(done, count):
        rng = np.random.default_rng([seed, position])
        scene = pictures[position % len(pictures)]
        picture, mask = sampler.view(scene, rng)
        tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            found = backbone.pyramid(tensor.to(memory_format=torch.channels_last))
        for stride, values in found.items():
            files[stride][position] = values[0].permute(1, 2, 0).numpy().astype(np.float16)
        dy, dx = rng.integers(0, CODE_STEP, size=2)
        codes[position] = mask[dy::CODE_STEP, dx::CODE_STEP]
        with origins.open("a") as file:  # only now is the view there
            file.write(f"{scene.source}\t{scene.name}\n")
        if position % 200 == 0:
            print(f"features of {position} of {count} views", flush=True)


def _opened(path: Path, dtype: type, shape: tuple[int, ...]) -> np.memmap:
    """A file of that shape, made where it is not there."""
    return np.lib.format.open_memmap(path, "r+" if path.exists() else "w+", dtype, shape)


class FeatureSampler:
    """Random crops of the kept features: sources by weight, a third of the crops from views with a chosen category."""

    def __init__(self, file: FeatureFile, weights: dict[str, float], crop: int, skip: tuple[str, ...] = ()) -> None:
        self.file, self.crop = file, crop
        self._members: dict[str, list[int]] = defaultdict(list)
        self._showing: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        partly = {labels.CODES[name] for name in ("STUFF", "NOT_VOC", "NOT_PERSON")}
        for position, (source, name) in enumerate(file.origins):
            if any(part in name for part in skip):
                continue
            self._members[source].append(position)
            counts = np.bincount(np.asarray(file.codes[position]).ravel(), minlength=256)[: len(labels.CODES)]
            for code in np.flatnonzero(counts >= 150):
                if code not in partly:
                    self._showing[source][int(code)].append(position)
        self._sources = sorted(self._members)
        share = np.array([weights[source] for source in self._sources])
        self._share = share / share.sum()

    def batch(self, size: int, rng: np.random.Generator) -> tuple[dict[int, torch.Tensor], torch.Tensor]:
        """Features float32 [N, C, crop/stride, crop/stride] by stride and codes int64 [N, crop/2, crop/2]."""
        taken = [self._one(rng) for _ in range(size)]
        features = {
            stride: torch.from_numpy(np.stack([one[stride] for one, _ in taken])).permute(0, 3, 1, 2).float()
            for stride in CHANNELS
        }
        return features, torch.from_numpy(np.stack([codes for _, codes in taken])).long()

    def code_counts(self, rng: np.random.Generator, views: int) -> np.ndarray:
        """How many pixels each code has in views drawn as `batch` draws them: float64 [num_codes]."""
        counts = np.zeros(len(labels.CODES))
        for _ in range(views):
            codes = np.asarray(self.file.codes[self._draw(rng)])[::4, ::4]
            counts += np.bincount(codes.ravel(), minlength=256)[: len(counts)]
        return counts

    def _draw(self, rng: np.random.Generator) -> int:
        source = self._sources[rng.choice(len(self._sources), p=self._share)]
        members = self._members[source]
        if rng.random() < 0.33 and self._showing[source]:
            by_code = self._showing[source]
            members = by_code[list(by_code)[rng.integers(len(by_code))]]
        return int(members[rng.integers(len(members))])

    def _one(self, rng: np.random.Generator) -> tuple[dict[int, np.ndarray], np.ndarray]:
        position = self._draw(rng)
        y, x = 32 * rng.integers(0, (SIDE - self.crop) // 32 + 1, size=2)
        features = {}
        for stride, values in self.file.features.items():
            top, left, side = y // stride, x // stride, self.crop // stride
            features[stride] = np.asarray(values[position, top : top + side, left : left + side])
        top, left, side = y // CODE_STEP, x // CODE_STEP, self.crop // CODE_STEP
        return features, np.asarray(self.file.codes[position, top : top + side, left : left + side])
