import numpy as np
import pytest

from semcom.phy.channel import complex_noise
from semcom.phy.channel_estimation.interference import noise_with_interference
from semcom.phy.ofdm.constellation import Constellation


def received(bits, noise_var, rng, rows=40, columns=48):
    modulation = Constellation(bits)
    sent = modulation.map(rng.integers(0, 2, rows * columns * bits).astype(np.uint8)).reshape(rows, columns)
    return modulation, sent + complex_noise(sent.size, noise_var, rng).reshape(sent.shape)


@pytest.mark.parametrize(
    ("bits", "snr_db"), [(1, -8.0), (1, 5.0), (2, 0.0), (2, 12.0), (4, 10.0), (6, 16.0), (8, 22.0)]
)
def test_even_noise_is_left_alone(bits, snr_db, rng):
    noise_var = np.full(48, 10 ** (-snr_db / 10), np.float32)
    for rows in (1, 3, 12, 60):
        modulation, symbols = received(bits, noise_var[0], rng, rows)
        assert np.array_equal(noise_with_interference(symbols, noise_var, modulation), np.tile(noise_var, (rows, 1)))


@pytest.mark.parametrize(("bits", "snr_db"), [(2, 8.0), (6, 18.0)])
def test_disturbed_symbols_and_carriers_are_found_and_only_those(bits, snr_db, rng):
    expected = np.full(48, 10 ** (-snr_db / 10), np.float32)
    modulation, symbols = received(bits, expected[0], rng)
    symbols[[7, 8]] += complex_noise(96, 30.0, rng).reshape(2, 48)
    symbols[:, 20] += 5 * np.exp(1j * 0.9 * np.arange(40))
    ratio = noise_with_interference(symbols.astype(np.complex64), expected, modulation) / expected
    touched = np.zeros((40, 48), bool)
    touched[[7, 8]] = True
    touched[:, 20] = True
    assert ratio[touched].min() > 10
    assert np.all(ratio[~touched] == 1)


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_errors_that_change_no_decision_are_no_interference(bits, rng):
    expected = np.full(48, 1e-7, np.float32)
    modulation, symbols = received(bits, expected[0], rng)
    symbols[:, ::5] += np.float32(0.1 * modulation.margin)
    assert np.ptp(noise_with_interference(symbols, expected, modulation)) == 0
