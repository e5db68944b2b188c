import numpy as np
import pytest
from scipy.special import erfc

from semcom.phy.channel import add_noise, noise_var_for
from semcom.phy.errors import ConfigurationError
from semcom.phy.ofdm.constellation import Constellation

SIZES = [1, 2, 4, 6, 8]


@pytest.mark.parametrize("bits", SIZES)
def test_points_have_unit_energy_and_gray_labels(bits):
    points = Constellation(bits).points
    assert np.mean(np.abs(points) ** 2) == pytest.approx(1, abs=1e-6)
    distance = np.abs(points[:, None] - points[None, :]) + 10 * np.eye(len(points))
    neighbours = np.argwhere(distance < distance.min() * 1.001)
    assert all(bin(a ^ b).count("1") == 1 for a, b in neighbours)


def test_points_are_those_of_the_standard():
    """The formulas of TS 38.211 §5.1.4 and §5.1.5, written out."""
    for label in range(16):
        b = [1 - 2 * ((label >> (3 - i)) & 1) for i in range(4)]
        expected = (b[0] * (2 - b[2]) + 1j * b[1] * (2 - b[3])) / np.sqrt(10)
        assert abs(Constellation(4).points[label] - expected) < 1e-6
    for label in range(64):
        b = [1 - 2 * ((label >> (5 - i)) & 1) for i in range(6)]
        expected = (b[0] * (4 - b[2] * (2 - b[4])) + 1j * b[1] * (4 - b[3] * (2 - b[5]))) / np.sqrt(42)
        assert abs(Constellation(6).points[label] - expected) < 1e-6


@pytest.mark.parametrize("bits", SIZES)
def test_llr_is_the_exact_ratio(bits, rng):
    modulation = Constellation(bits)
    noise_var = rng.uniform(0.05, 2.0, 200).astype(np.float32)
    symbols = (rng.standard_normal(200) + 1j * rng.standard_normal(200)).astype(np.complex64)
    metric = -(np.abs(symbols[:, None] - modulation.points) ** 2) / noise_var[:, None]
    labels = np.arange(len(modulation.points))
    expected = np.empty((200, bits))
    for position in range(bits):
        one = ((labels >> (bits - 1 - position)) & 1) == 1
        expected[:, position] = np.logaddexp.reduce(metric[:, ~one], axis=1) - np.logaddexp.reduce(
            metric[:, one], axis=1
        )
    llr = modulation.demap(symbols, noise_var).reshape(200, bits)
    assert np.allclose(llr, expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(("bits", "snr_db"), [(1, 4.0), (2, 7.0), (4, 13.0), (6, 19.0), (8, 25.0)])
def test_bit_errors_over_noise_follow_theory(bits, snr_db, rng):
    num_symbols = 120_000
    modulation = Constellation(bits)
    sent = rng.integers(0, 2, num_symbols * bits).astype(np.uint8)
    noise_var = noise_var_for(snr_db)
    received = add_noise(modulation.map(sent), noise_var, rng)
    llr = modulation.demap(received, np.full(num_symbols, noise_var, np.float32))
    measured = np.mean((llr < 0) != sent)
    snr = 10 ** (snr_db / 10)
    if bits == 1:
        expected = 0.5 * erfc(np.sqrt(snr))
    else:  # nearest neighbours on each axis of square Gray QAM
        side = 2 ** (bits // 2)
        crossing = 0.5 * erfc(np.sqrt(1.5 * snr / (side**2 - 1)))
        expected = 2 * (1 - 1 / side) / (bits // 2) * crossing
    assert expected > 1e-4
    assert measured == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize("bits", SIZES)
def test_nearest_returns_points_to_themselves(bits, rng):
    modulation = Constellation(bits)
    noisy = modulation.points + 0.02 * (rng.standard_normal(len(modulation.points)))
    assert np.allclose(modulation.nearest(noisy), modulation.points, atol=1e-5)


def test_unknown_sizes_and_shapes_are_refused():
    with pytest.raises(ConfigurationError, match="bits_per_symbol must be one of"):
        Constellation(3)
    with pytest.raises(ConfigurationError, match="noise_var must have the shape"):
        Constellation(2).demap(np.zeros(4, np.complex64), np.ones(3, np.float32))


@pytest.mark.parametrize("bits_per_symbol", SIZES)
def test_expected_symbols_are_the_mean_over_all_points(bits_per_symbol, rng):
    modulation = Constellation(bits_per_symbol)
    llr = rng.normal(0, 3, (50, bits_per_symbol)).astype(np.float32)
    labels = np.arange(1 << bits_per_symbol)
    bits = (labels[:, None] >> np.arange(bits_per_symbol - 1, -1, -1)) & 1
    ones = 1 / (1 + np.exp(llr.astype(float)))
    probability = np.prod(np.where(bits[None], ones[:, None], 1 - ones[:, None]), axis=2)
    mean, variance = modulation.expected(llr.ravel())
    assert np.allclose(mean, probability @ modulation.points, atol=1e-5)
    power = probability @ np.abs(modulation.points) ** 2
    assert np.allclose(variance, power - np.abs(probability @ modulation.points) ** 2, atol=1e-5)
    assert np.allclose(modulation.expected(np.zeros(bits_per_symbol, np.float32))[1], 1, atol=1e-6)
