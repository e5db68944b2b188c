"""Shannon's formula and its inverse."""

import numpy as np
import pytest

from semcom.phy.channel import ideal


def test_capacity_of_known_points():
    assert ideal.capacity(0) == 1.0
    assert ideal.capacity(10 * np.log10(3)) == pytest.approx(2.0)
    assert ideal.capacity(10 * np.log10(255)) == pytest.approx(8.0)


@pytest.mark.parametrize("esno_db", [-7.3, 0, 4.4, 19])
def test_what_fits_takes_no_more_uses(esno_db):
    for uses in (1, 17, 4096):
        bits = ideal.bits_in(uses, esno_db)
        assert (
            ideal.channel_uses(bits, esno_db)
            <= uses
            < ideal.channel_uses(bits + 1 + int(ideal.capacity(esno_db)), esno_db)
        )


def test_symbols_get_the_noise_that_is_told(rng):
    symbols = np.ones(20_000, np.complex64)
    noisy, noise_var = ideal.send_symbols(symbols, 7, rng)
    assert noisy.dtype == np.complex64 and np.mean(np.abs(noisy - 1) ** 2) == pytest.approx(10**-0.7, rel=0.03)
    np.testing.assert_allclose(noise_var, 10**-0.7, rtol=1e-6)
