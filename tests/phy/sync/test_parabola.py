import numpy as np
import pytest

from semcom.phy.sync.parabola import peak_shift


@pytest.mark.parametrize("peak", [4.6, 5.0, 5.4])
def test_the_peak_of_a_parabola_is_found_exactly(peak):
    values = 7.0 - 2.0 * (np.arange(11) - peak) ** 2
    assert 5 + peak_shift(values, 5) == pytest.approx(peak)


def test_without_neighbours_or_without_a_summit_the_grid_point_stays():
    assert peak_shift(np.array([3.0, 2.0, 1.0]), 0) == 0.0
    assert peak_shift(np.array([1.0, 2.0, 3.0]), 2) == 0.0
    assert peak_shift(np.zeros(5), 2) == 0.0
