"""Features of views are computed once; a run that is broken off goes on and gives the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

import torch
from torch.nn import functional

from semcom.experiments.training import scene_features
from semcom.experiments.training.scenes import Scene
from semcom.semantic.nets.backbone import CHANNELS

SEED = 5


class Pooling:
    """In place of the backbone: mean colours at each size. Ends like a process that is killed, where told so."""

    def __init__(self, views: int) -> None:
        self._left = views

    def pyramid(self, tensor: torch.Tensor) -> dict[int, torch.Tensor]:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        return {
            stride: functional.avg_pool2d(tensor, stride).mean(1, keepdim=True).expand(-1, channels, -1, -1)
            for stride, channels in CHANNELS.items()
        }


@pytest.fixture
def pictures(rng: np.random.Generator) -> list[Scene]:
    images = [Image.fromarray(rng.integers(0, 255, (300, 420, 3), np.uint8)) for _ in range(3)]
    masks = [Image.fromarray(np.full((300, 420), number, np.uint8)) for number in range(3)]
    return [
        Scene(f"source{n % 2}", f"scene{n}", image, mask)
        for n, (image, mask) in enumerate(zip(images, masks, strict=True))
    ]


def read(folder: Path) -> list[np.ndarray]:
    file = scene_features.FeatureFile.open(folder)
    return [np.asarray(file.codes), *(np.asarray(file.features[stride]) for stride in CHANNELS)]


def test_a_run_in_two_pieces_gives_what_one_gives(tmp_path: Path, pictures) -> None:
    scene_features.compute(pictures, Pooling(6), 2, tmp_path / "one", SEED)
    with pytest.raises(KeyboardInterrupt):
        scene_features.compute(pictures, Pooling(4), 2, tmp_path / "two", SEED)
    scene_features.compute(pictures, Pooling(2), 2, tmp_path / "two", SEED)
    scene_features.compute(pictures, Pooling(0), 2, tmp_path / "two", SEED)  # all there: the backbone is not asked
    one, two = read(tmp_path / "one"), read(tmp_path / "two")
    assert all(np.array_equal(mine, other) for mine, other in zip(one, two, strict=True))
    origins = scene_features.FeatureFile.open(tmp_path / "two").origins
    assert origins == [(f"source{n % 2}", f"scene{n}") for n in range(3)] * 2
    assert not np.array_equal(one[1][0], one[1][3]), "two views of a scene are the same"
