from __future__ import annotations

import numpy as np

from semcom.semantic.extract.map_scaling import divisor_for, majority, without_specks
from semcom.semantic.vocabulary import NO_LABEL


def test_majority_of_cells() -> None:
    labels = np.array([[1, 1, 2], [1, 5, 2], [7, 7, 7]], np.uint8)
    np.testing.assert_array_equal(majority(labels, 2), [[1, 2], [7, 7]])
    assert majority(np.full((3, 3), NO_LABEL, np.uint8), 2).tolist() == [[NO_LABEL] * 2] * 2


def test_divisors() -> None:
    assert [divisor_for(width, 300, 256) for width in (120, 384, 768, 8000)] == [1, 2, 3, 31]


def test_specks_join_the_nearest_area() -> None:
    labels = np.full((12, 20), 3, np.uint8)
    labels[:, 10:] = 4
    labels[5, 2:5] = 9  # a speck
    labels[2:6, 14:18] = 8  # large enough
    cleared = without_specks(labels, 6)
    assert (cleared[:, :10] == 3).all()
    assert (cleared[2:6, 14:18] == 8).all()
    np.testing.assert_array_equal(without_specks(cleared, 6), cleared)


def test_a_map_of_specks_only_stays_as_it_is() -> None:
    labels = (np.indices((4, 4)).sum(0) % 2).astype(np.uint8)
    np.testing.assert_array_equal(without_specks(labels, 6), labels)
