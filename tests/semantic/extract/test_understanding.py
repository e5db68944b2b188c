"""What may be put into words: sure pixels, and of what is no thing sure areas alone."""

import numpy as np

from semcom.semantic.extract.understanding import LEAST_AREA_SCORE, in_words
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

VOCABULARY = Vocabulary.load("everyday-2")


def test_a_doubtful_sky_is_not_spoken_of_and_a_doubtful_person_is() -> None:
    """Left half sky, right half a person; the sky is as sure as asked, or a little less."""
    labels = np.full((10, 20), VOCABULARY["sky"].id, np.uint8)
    labels[:, 10:] = VOCABULARY["person"].id
    score = np.full(labels.shape, LEAST_AREA_SCORE + 0.01, np.float32)
    score[:, 10:] = 0.5
    assert (in_words(labels, score, VOCABULARY, 0.42) == labels).all()
    score[:, :10] -= 0.02
    said = in_words(labels, score, VOCABULARY, 0.42)
    assert (said[:, :10] == NO_LABEL).all() and (said[:, 10:] == labels[:, 10:]).all()


def test_pixels_are_left_out_one_by_one() -> None:
    labels = np.full((4, 4), VOCABULARY["sky"].id, np.uint8)
    score = np.full(labels.shape, 0.9, np.float32)
    score[0, 0] = 0.2
    said = in_words(labels, score, VOCABULARY, 0.42)
    assert said[0, 0] == NO_LABEL and (said == labels).sum() == 15
