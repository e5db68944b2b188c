"""Words on pictures: whole inside them, or not there at all."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from semcom.semantic.illustration import MAX_SHOWN_SIDE, shown_size, write_words

ROOMY, TOO_NARROW, TOO_LOW = (120, 40), (20, 40), (120, 8)


def written(size: tuple[int, int], position: tuple[int, int]) -> np.ndarray:
    image = Image.new("RGB", size, (200, 30, 30))
    write_words(ImageDraw.Draw(image), position, "parrot", 14, anchor="mm")
    return np.asarray(image)


@pytest.mark.parametrize("size", [TOO_NARROW, TOO_LOW])
def test_words_that_do_not_fit_are_left_out(size: tuple[int, int]) -> None:
    assert (written(size, (size[0] // 2, size[1] // 2)) == (200, 30, 30)).all()


@pytest.mark.parametrize("position", [(0, 0), (119, 0), (0, 39), (119, 39)])
def test_words_at_the_edge_are_moved_inside(position: tuple[int, int]) -> None:
    """As many bright pixels as in the middle: nothing is cut off."""
    bright = [(written(ROOMY, place) > 220).all(axis=2).sum() for place in ((60, 20), position)]
    assert bright[0] > 50 and bright[1] == bright[0]


def test_large_pictures_are_shown_smaller_and_narrow_ones_stay_wide_enough() -> None:
    assert shown_size(300, 200) == (300, 200)
    assert shown_size(6000, 4000) == (MAX_SHOWN_SIDE, round(4000 * MAX_SHOWN_SIDE / 6000))
    assert min(shown_size(40, 20_000)) == 40
