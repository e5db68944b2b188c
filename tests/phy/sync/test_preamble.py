"""The preamble as docs/waveform.md describes it, rebuilt independently."""

import numpy as np
import pytest

from semcom.phy.pseudo_random import gold_sequence
from semcom.phy.sync.preamble import basic_sequence, preamble
from semcom.phy.waveform import Waveform, known_waveforms


@pytest.mark.parametrize("name", known_waveforms())
def test_the_basic_sequence_is_qpsk_on_the_carriers_of_the_used_band(name):
    waveform = Waveform.load(name)
    period, used = waveform.preamble_period, waveform.used_carriers
    spacing = waveform.fft_size // period
    inside = [k for k in range(-period // 2 + 1, period // 2) if k and used[0] <= k * spacing <= used[-1]]
    order = [k for k in inside if k > 0] + [k for k in inside if k < 0]
    bits = gold_sequence(waveform.preamble_seed, 2 * len(order)).astype(int)
    spectrum = np.zeros(period, complex)
    for i, k in enumerate(order):
        spectrum[k % period] = ((1 - 2 * bits[2 * i]) + 1j * (1 - 2 * bits[2 * i + 1])) / np.sqrt(2)
    expected = np.fft.ifft(spectrum)
    expected /= np.sqrt(np.mean(np.abs(expected) ** 2))
    assert np.allclose(basic_sequence(waveform), expected, atol=1e-6)


@pytest.mark.parametrize("name", known_waveforms())
def test_the_preamble_repeats_it_with_the_signs_of_the_cover_and_a_cyclic_suffix(name):
    waveform = Waveform.load(name)
    sequence, samples = basic_sequence(waveform), preamble(waveform)
    assert len(samples) == waveform.preamble_length + waveform.window_length
    for index, sign in enumerate(waveform.preamble_cover):
        part = samples[index * len(sequence) :][: len(sequence)]
        assert np.array_equal(part, sign * sequence)
    suffix = samples[waveform.preamble_length :]
    assert np.array_equal(suffix, waveform.preamble_cover[-1] * sequence[: waveform.window_length])
    assert np.mean(np.abs(samples[: waveform.preamble_length]) ** 2) == pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 0
