"""The scale of soft values against the information that Gaussian LLRs really carry."""

import numpy as np
import pytest

from semcom.phy.coding.ldpc.soft_scaling import gain_for_decoding, mean_information


def information(llr):
    """Mean of 1 - h(1 / (1 + exp(|llr|))), in bits."""
    p = 1 / (1 + np.exp(np.abs(llr)))
    return np.mean(1 + p * np.log2(p) + (1 - p) * np.log2(1 - p))


def bpsk_llr(noise_var, count, rng):
    """LLRs of +-1 in real noise: their information is the capacity of the channel."""
    received = 1 + np.sqrt(noise_var) * rng.standard_normal(count)
    return 2 * received / noise_var


@pytest.mark.parametrize("gain", [0.002, 0.01, 0.05])
def test_mean_information_is_that_of_the_binary_entropy(gain, rng):
    soft = np.rint(rng.uniform(-300, 300, 512)).astype(np.int16)
    soft[soft == 0] = 1
    assert mean_information(soft, gain) == pytest.approx(information(soft * gain), abs=0.02)


def test_erasures_count_neither_as_values_nor_as_zeros():
    soft = np.zeros(512, np.int16)
    soft[::2] = 40
    assert mean_information(soft, 0.05) == pytest.approx(information(np.array([2.0])), abs=0.02)
    assert mean_information(np.zeros(512, np.int16), 0.05) == 0


@pytest.mark.parametrize("noise_var", [0.6, 1.0])
@pytest.mark.parametrize("steps", [8.0, 64.0])
def test_near_its_rate_a_word_gets_its_true_scale(noise_var, steps, rng):
    """The rate asked for is the one whose target the channel meets: r + 0.2 r (1 - r) = capacity."""
    llr = bpsk_llr(noise_var, 20_000, rng)
    capacity = information(llr)
    rate = (1.2 - np.sqrt(1.44 - 0.8 * capacity)) / 0.4
    soft = np.rint(llr * steps).astype(np.int16)
    gain = gain_for_decoding(soft, round(rate * np.count_nonzero(soft)))
    assert gain * steps == pytest.approx(1.0, rel=0.12)


def test_scale_does_not_matter_and_silence_has_none(rng):
    soft = np.rint(50 * bpsk_llr(1.0, 4000, rng)).astype(np.int16)
    fine, coarse = gain_for_decoding(soft, 1500), gain_for_decoding((soft * 4).astype(np.int16), 1500)
    assert fine == pytest.approx(4 * coarse, rel=0.02)
    assert gain_for_decoding(np.zeros(100, np.int16), 50) == 1.0
