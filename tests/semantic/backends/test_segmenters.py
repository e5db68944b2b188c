"""SegFormer and Mask2Former from a folder: ADE's labels as ours, at the picture's size, with probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.backends.segmenters import MappedSegmenter
from semcom.semantic.protocols import ProbabilisticSegmenter
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

from ...stand_ins import street

OURS = Vocabulary.load("everyday-1")
SIX = ("wall", "building", "sky", "floor", "tree", "car")


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", ["segformer", "mask2former"])
def test_by_name_from_the_folder_of_models(name: str) -> None:
    segmenter = registry.create("segmenters", name)
    assert isinstance(segmenter, ProbabilisticSegmenter)
    for width, height in ((96, 64), (16, 16), (50, 200)):
        found = segmenter(street(width, height))
        assert found.labels.shape == found.score.shape == (height, width)
        assert found.labels.dtype == np.uint8 and found.score.dtype == np.float32
        named = {OURS[int(label)].name for label in np.unique(found.labels) if label != NO_LABEL}
        assert named <= set(SIX)
        probabilities = segmenter.probabilities(street(width, height))
        assert len(probabilities) == len(OURS) and probabilities.dtype == np.float32
        others = [category.id for category in OURS if category.name not in SIX]
        assert probabilities[others].max() == 0 and probabilities.sum(0).max() <= 1.001
        assert (found.score >= 0).all() and (found.score <= 1).all()
    if name == "segformer":
        np.testing.assert_allclose(probabilities.sum(0), 1.0, atol=1e-5)


def test_an_ade_label_map_becomes_ours() -> None:
    """Left half "sky", right half "house" and "skyscraper" together likelier than "tree"."""
    probabilities = np.zeros((4, 10, 20), np.float32)
    probabilities[0, :, :10] = 0.9
    probabilities[1, :, 10:], probabilities[2, :, 10:], probabilities[3, :, 10:] = 0.3, 0.3, 0.4
    categories = np.array([OURS[name].id for name in ("sky", "building", "building", "tree")], np.uint8)
    found = MappedSegmenter(lambda image: probabilities, categories)(street(200, 100))
    assert OURS[int(found.labels[50, 20])].name == "sky" and OURS[int(found.labels[50, 180])].name == "building"
    assert found.score[50, 20] == pytest.approx(0.9) and found.score[50, 180] == pytest.approx(0.6)


def test_where_no_category_is_likely_there_is_no_label() -> None:
    probabilities = np.full((2, 4, 4), 0.2, np.float32)
    categories = np.array([0, NO_LABEL], np.uint8)
    found = MappedSegmenter(lambda image: probabilities, categories)(street(16, 16))
    assert (found.labels == NO_LABEL).all() and found.score[0, 0] == pytest.approx(0.8)


def test_large_pictures_are_labelled_at_a_bounded_size() -> None:
    probabilities = np.zeros((2, 4, 8), np.float32)
    probabilities[0, :, :4], probabilities[1, :, 4:] = 1.0, 1.0
    found = MappedSegmenter(lambda image: probabilities, np.array([0, 1], np.uint8))(street(4000, 2000))
    assert found.labels.shape == (2000, 4000)
    assert (found.labels[:, :1900] == 0).all() and (found.labels[:, 2100:] == 1).all()
