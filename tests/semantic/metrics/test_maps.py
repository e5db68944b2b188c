import numpy as np
import pytest

from semcom.semantic.metrics.maps import boundary_f, iou_per_class, mean_iou
from semcom.semantic.metrics.sharpness import sharpness_ratio


def test_iou_by_hand():
    truth = np.array([[0, 0, 1], [1, 1, -1]])
    predicted = np.array([[0, 1, 1], [1, 7, 0]])
    scores = iou_per_class(truth, predicted, 3)
    assert scores[0] == pytest.approx(1 / 2)
    assert scores[1] == pytest.approx(2 / 4)  # two hit; three true, two predicted, one of them wrong
    assert np.isnan(scores[2])
    assert mean_iou(truth, predicted, 3) == pytest.approx(0.5)
    assert np.isnan(mean_iou(np.full((2, 2), -1), predicted[:2, :2], 3))


def test_iou_against_sets(rng):
    truth, predicted = rng.integers(-1, 5, (40, 50)), rng.integers(0, 6, (40, 50))
    for number, score in enumerate(iou_per_class(truth, predicted, 5)):
        known = truth >= 0
        a, b = (truth == number) & known, (predicted == number) & known
        assert score == pytest.approx((a & b).sum() / (a | b).sum())


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="must have the shape of truth"):
        mean_iou(np.zeros((2, 2), int), np.zeros((2, 3), int), 2)


def test_boundaries_may_be_a_little_beside():
    drawn, found = np.zeros((200, 200), bool), np.zeros((200, 200), bool)
    drawn[:, 100] = True
    found[:, 102] = True
    assert boundary_f(drawn, found) == pytest.approx(1)  # 2.1 pixels are allowed
    found[:, 102], found[:, 110] = False, True
    assert boundary_f(drawn, found) == 0
    found[:, 101] = True
    assert boundary_f(drawn, found) == pytest.approx(2 * 200 / 600)  # half of what was found is wrong
    assert boundary_f(~drawn & False, ~drawn & False) == 1


def test_sharpness_falls_with_blur(rng):
    from PIL import Image, ImageFilter

    picture = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(2)))
    assert sharpness_ratio(picture, picture) == 1
    assert sharpness_ratio(picture, blurred) < 0.1
    assert np.isnan(sharpness_ratio(np.zeros((8, 8, 3), np.uint8), picture[:8, :8]))
