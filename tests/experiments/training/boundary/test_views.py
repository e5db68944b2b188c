"""Views for the boundary head: what is drawn lies where the picture shows it, and pieces make the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

import torch
from torch.nn import functional

from semcom.experiments.training.boundary import views as module
from semcom.experiments.training.boundary.views import (
    HEIGHT,
    WIDTH,
    BoundaryViews,
    compute,
    random_view,
    training_pairs,
)
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


def square(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """A bright square on black, and its outline."""
    image, edges = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    image[100:220, 100:220] = 230
    edges[100:220, 100:220] = 255
    edges[102:218, 102:218] = 0
    return Image.fromarray(image), Image.fromarray(edges)


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Path, Path]]:
    found = []
    for number, size in enumerate([(481, 321), (321, 481)]):
        paths = tmp_path / f"{number}.jpg", tmp_path / f"{number}.png"
        for whole, path in zip(square(*size), paths, strict=True):
            whole.save(path)
        found.append(paths)
    return found


@pytest.mark.parametrize("size", [(481, 321), (321, 481)])
def test_lines_lie_where_brightness_changes(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "recolour", lambda picture, rng: picture)
    monkeypatch.setattr(module, "DEGRADED", 0.0)
    seen = set()
    for seed in range(12):
        picture, target = random_view(*square(*size), np.random.default_rng(seed))
        assert picture.shape == (HEIGHT, WIDTH, 3) and target.shape == (HEIGHT, WIDTH)
        assert picture.dtype == target.dtype == np.uint8
        grey = picture.mean(axis=2)
        steps = np.hypot(*np.gradient(grey))
        if target.max() > 60:
            assert steps[target > 60].mean() > 20 * max(steps[target == 0].mean(), 0.1)
        seen.add((grey > 100).sum())
    assert len(seen) > 6, "views do not differ"


def test_a_run_in_two_pieces_gives_what_one_gives(tmp_path: Path, pairs) -> None:
    compute(pairs, Pooling(6), 3, tmp_path / "one", SEED)
    with pytest.raises(KeyboardInterrupt):
        compute(pairs, Pooling(4), 3, tmp_path / "two", SEED)
    compute(pairs, Pooling(2), 3, tmp_path / "two", SEED)
    compute(pairs, Pooling(0), 3, tmp_path / "two", SEED)  # all there: the backbone is not asked
    one, two = (BoundaryViews.open(tmp_path / name, 6) for name in ("one", "two"))
    assert np.array_equal(one.pictures, two.pictures) and np.array_equal(one.targets, two.targets)
    assert all(np.array_equal(one.features[stride], two.features[stride]) for stride in CHANNELS)
    assert not np.array_equal(one.pictures[0], one.pictures[2]), "two views of a photo are the same"


def test_crops_of_features_are_those_of_the_picture(tmp_path: Path, pairs, rng) -> None:
    compute(pairs, Pooling(4), 2, tmp_path, SEED)
    pictures, targets, features = BoundaryViews.open(tmp_path, 4).batch(5, 128, rng)
    assert pictures.shape == (5, 3, 128, 128) and targets.shape == (5, 128, 128)
    assert pictures.min() >= 0 and pictures.max() <= 1 and 0 < targets.max() <= 1
    for stride, channels in CHANNELS.items():
        wanted = functional.avg_pool2d(pictures, stride).mean(1)
        assert features[stride].shape == (5, channels, 128 // stride, 128 // stride)
        torch.testing.assert_close(features[stride][:, 0], wanted, atol=0.01, rtol=0)


def test_every_tenth_photo_is_kept_apart(shared_dir: Path) -> None:
    whole = training_pairs(shared_dir, whole=True)
    kept = training_pairs(shared_dir)
    assert len(whole) == 200 and len(kept) == 180
    assert set(whole) - set(kept) == set(whole[::10])
    assert all(path.exists() for pair in whole for path in pair)
