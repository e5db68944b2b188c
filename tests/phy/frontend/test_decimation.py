import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.decimation import PASSBAND, Decimator


def test_decimation_is_exact_for_any_chunks(rng):
    samples, decimator, other = channel.complex_noise(100_000, 1.0, rng), Decimator(0.0371), Decimator(0.0371)
    whole, pieces, begin = decimator.push(samples), [], 0
    while begin < len(samples):
        count = int(rng.integers(0, 700))
        pieces.append(other.push(samples[begin : begin + count]))
        begin += count
    assert np.array_equal(np.concatenate(pieces), whole)


def test_decimation_keeps_the_band_without_aliasing():
    n = np.arange(4000)
    for frequency, expected in ((0.2, 1.0), (-0.234, 1.0), (0.266, 0.0), (-0.4, 0.0)):
        out = Decimator(0.0).push(np.exp(2j * np.pi * frequency * n).astype(np.complex64))[200:-200]
        assert np.abs(out).max() == pytest.approx(expected, abs=1e-3)
    shifted = Decimator(0.05).push(np.exp(2j * np.pi * 0.15 * n).astype(np.complex64))[200:400]
    assert np.allclose(shifted, np.exp(2j * np.pi * 0.2 * np.arange(200, 400)), atol=2e-3)


def test_output_k_is_centred_on_input_2k_and_flush_brings_the_rest():
    pulse = np.exp(-0.5 * ((np.arange(600) - 300) / 8) ** 2).astype(np.complex64)
    decimator = Decimator(0.0)
    out = np.concatenate([decimator.push(pulse), decimator.flush()])
    assert len(out) >= 300
    assert np.allclose(out[:300], pulse[::2], atol=2e-3)
    again = np.concatenate([decimator.push(pulse), decimator.flush()])  # a flush starts anew
    assert np.array_equal(again, out)


def test_passband_and_stopband_are_symmetric_about_half_the_nominal_rate():
    """PASSBAND of the nominal rate passes; what would alias onto it is 60 dB down."""
    n = np.arange(6000)
    edge = PASSBAND / 2  # in cycles per input sample
    for frequency, low_db, high_db in ((edge, -0.02, 0.02), (0.5 - edge, -200, -60)):
        out = Decimator(0.0).push(np.exp(2j * np.pi * frequency * n).astype(np.complex64))[200:-200]
        level_db = 10 * np.log10(np.mean(np.abs(out) ** 2) + 1e-30)
        assert low_db <= level_db <= high_db


def test_samples_that_are_not_finite_count_as_zero():
    bad = np.zeros(400, np.complex64)
    bad[[10, 20, 30]] = [np.nan, np.inf, -np.inf]
    assert not Decimator(0.1).push(bad).any()


def test_nothing_in_gives_nothing_out():
    assert len(Decimator(0.0).push(np.zeros(0, np.complex64))) == 0
