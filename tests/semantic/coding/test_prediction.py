"""A picture enlarged in whole numbers, and what a finer one has more than that."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.coding.prediction import FULL_WEIGHT, Prediction, enlarged

from .maps import painting


@pytest.mark.parametrize(("height", "width"), [(61, 90), (200, 171), (31, 47), (1, 1)])
def test_enlarged_as_cubic_convolution(height: int, width: int) -> None:
    small = painting(31, 47)
    expected = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    found = enlarged(small, height, width)
    assert found.dtype == np.uint8 and found.shape == (height, width, 3)
    if height >= 31 and width >= 47:
        assert np.abs(found - expected).mean() < 0.6


def test_known_values() -> None:
    """A step, enlarged fourfold by hand: weights of Keys's kernel at 1/8, 3/8, 5/8, 7/8 of a sample."""
    step = np.zeros((1, 6, 3), np.uint8)
    step[:, 3:] = 128
    expected = []
    for pixel in range(6, 18):
        position = (2 * pixel + 1) / 8 - 0.5
        first = int(np.floor(position))
        t = position - first
        weights = ((-t + 2 * t**2 - t**3) / 2, 1 - 2.5 * t**2 + 1.5 * t**3, (t + 4 * t**2 - 3 * t**3) / 2)
        samples = [step[0, min(max(first - 1 + k, 0), 5), 0] for k in range(4)]
        last = (t**3 - t**2) / 2
        expected.append(np.dot(samples, (*weights, last)))
    assert np.abs(enlarged(step, 1, 24)[0, 6:18, 0] - np.clip(expected, 0, 255)).max() <= 0.51


def test_a_difference_gives_the_brightness_back() -> None:
    fine = painting(120, 160)
    coarse = np.asarray(Image.fromarray(fine).resize((40, 30), Image.Resampling.BOX))
    for weight in (FULL_WEIGHT, 5, 1):
        prediction = Prediction(coarse, weight)
        difference = prediction.difference(fine)
        assert difference.dtype == np.uint8 and (difference == difference[..., :1]).all()
    luma = np.array([0.299, 0.587, 0.114])
    shown = Prediction(coarse, FULL_WEIGHT).refined(Prediction(coarse, FULL_WEIGHT).difference(fine))
    before = enlarged(coarse, 120, 160)
    assert np.abs(shown @ luma - fine @ luma).mean() < 0.2 * np.abs(before @ luma - fine @ luma).mean()


def test_nothing_lacking_is_grey() -> None:
    coarse = painting(20, 30)
    prediction = Prediction(coarse, FULL_WEIGHT)
    assert np.abs(prediction.difference(enlarged(coarse, 50, 70)).astype(int) - 128).max() <= 1
    assert (prediction.refined(np.full((50, 70, 3), 128, np.uint8)) == enlarged(coarse, 50, 70)).all()
    half = Prediction(coarse, FULL_WEIGHT // 2).refined(np.full((50, 70, 3), 128, np.uint8)).astype(int)
    assert np.abs(half - (enlarged(coarse, 50, 70) / 2 + 64)).max() <= 1
