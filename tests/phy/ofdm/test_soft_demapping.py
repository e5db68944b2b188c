"""LLRs by vector instructions against the definition in double precision."""

import numpy as np
import pytest
from scipy.special import logsumexp

from semcom.phy import channel
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.ofdm.soft_demapping import exp2, log2


def test_exponential_and_logarithm_are_right_to_a_millionth():
    exponents = np.linspace(-120, 0, 5001, dtype=np.float32)
    powers = exponents.copy()
    exp2(powers, np.empty(len(powers), np.int32))
    assert np.allclose(powers, np.exp2(exponents.astype(float)), rtol=3e-6, atol=0)
    numbers = np.exp2(np.linspace(-100, 30, 5001)).astype(np.float32)
    logarithms = numbers.copy()
    log2(logarithms, np.empty(len(numbers), np.int32))
    assert np.allclose(logarithms, np.log2(numbers.astype(float)), rtol=1e-6, atol=3e-5)


def test_what_is_next_to_nothing_does_not_overflow_or_turn_negative():
    values = np.array([-1e30, -500, -126, -125], np.float32)
    exp2(values, np.empty(4, np.int32))
    assert np.all(values > 0) and np.all(values < 1e-37)


@pytest.mark.parametrize("bits", [4, 6, 8])
@pytest.mark.parametrize("snr_db", [0.0, 12.0])
@pytest.mark.parametrize("count", [1, 255, 700])
def test_llrs_are_those_of_all_points(bits, snr_db, count, rng):
    modulation, noise_var = constellation(bits), channel.noise_var_for(snr_db)
    sent = modulation.points[rng.integers(0, 1 << bits, count)]
    received = channel.add_noise(sent, noise_var, rng)
    variances = (noise_var * rng.uniform(0.5, 2, count)).astype(np.float32)
    metric = -(np.abs(received.astype(complex)[:, None] - modulation.points) ** 2) / variances[:, None]
    ones = (np.arange(1 << bits)[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    expected = np.array(
        [
            logsumexp(metric[:, ones[:, b] == 0], axis=1) - logsumexp(metric[:, ones[:, b] == 1], axis=1)
            for b in range(bits)
        ]
    ).T
    llr = modulation.demap(received, variances).reshape(count, bits)
    assert np.allclose(np.clip(llr, -50, 50), np.clip(expected, -50, 50), rtol=2e-4, atol=2e-3)
