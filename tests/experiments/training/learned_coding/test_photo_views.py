"""Views of photos change what a projector shall overlook; their features are computed once, also in pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.experiments.training.learned_coding.photo_views import SIDE, random_view, view_features  # noqa: E402
from semcom.semantic.nets.set_projector import FEATURES  # noqa: E402


class MeanColour:
    """In place of the backbone. Ends like a process that is killed, where told so."""

    def __init__(self, photos: int) -> None:
        self._left = photos

    def pyramid(self, x: torch.Tensor) -> dict[int, torch.Tensor]:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        return {32: x.mean((2, 3), keepdim=True)}

    def embedding(self, seen: torch.Tensor) -> torch.Tensor:
        return seen.mean(1, keepdim=True).expand(-1, FEATURES, 1, 1)


@pytest.fixture
def photos(tmp_path: Path, rng: np.random.Generator) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path in paths:
        Image.fromarray(rng.integers(0, 255, (60, 90, 3), np.uint8)).save(path)
    return paths


def test_views_are_of_one_size_and_differ(photos: list[Path]) -> None:
    photo, rng = Image.open(photos[0]), np.random.default_rng(1)
    views = [random_view(photo, rng) for _ in range(12)]
    assert {view.shape for view in views} == {(SIDE, SIDE, 3)}
    assert len({view.tobytes() for view in views}) == 12
    grey = [view for view in views if (view == view[..., :1]).all()]
    assert len(grey) < 6
    np.testing.assert_array_equal(random_view(photo, np.random.default_rng(1)), views[0])


def test_a_run_in_two_pieces_gives_what_one_gives(photos: list[Path], tmp_path: Path) -> None:
    whole = view_features(photos, 3, MeanColour(4), tmp_path / "whole.npy", seed=2)
    with pytest.raises(KeyboardInterrupt):
        view_features(photos, 3, MeanColour(2), tmp_path / "parts.npy", seed=2)
    parts = view_features(photos, 3, MeanColour(2), tmp_path / "parts.npy", seed=2)
    np.testing.assert_array_equal(parts, whole)
    assert whole.shape == (4, 3, FEATURES) and whole.all() and len(np.unique(whole[..., 0])) > 6
    view_features(photos, 3, MeanColour(0), tmp_path / "parts.npy", seed=2)  # all there: the backbone is not asked
    with pytest.raises(ValueError, match=r"must hold features of shape \(4, 2, 1280\), got \(4, 3, 1280\)"):
        view_features(photos, 2, MeanColour(4), tmp_path / "parts.npy", seed=2)
