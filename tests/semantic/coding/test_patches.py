"""Pictures in patches and back, with edges that no patch fits."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.patches import divide, grid_of, join


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 64), (70, 95)])
def test_a_picture_comes_back(height: int, width: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    rows, columns = grid_of(width, height, 32)
    patches = divide(image, 32)
    assert patches.shape == (rows * columns, 32, 32, 3)
    np.testing.assert_array_equal(patches[columns - 1][:, 0], image[:32, (columns - 1) * 32])
    whole = join(patches, rows, columns)
    np.testing.assert_array_equal(whole[:height, :width], image)
    assert (whole[height:, :width] == image[-1:, :]).all() and (whole[:height, width:] == image[:, -1:]).all()
