import numpy as np

from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.sync.preamble import basic_sequence, preamble


def test_carriers_go_round_and_noise_keeps_its_variance(waveform, rng):
    carriers = np.exp(2j * np.pi * rng.random((5, waveform.num_used))).astype(np.complex64)
    symbols = ofdm.modulate(carriers, waveform)
    assert np.isclose(np.mean(np.abs(symbols[:, waveform.cp_length : waveform.symbol_length]) ** 2), 1, atol=1e-5)
    body = symbols[:, waveform.cp_length : waveform.symbol_length]
    assert np.allclose(ofdm.demodulate(body, waveform), carriers * waveform.carrier_gain, atol=1e-5)
    noise = (rng.standard_normal((400, 64)) + 1j * rng.standard_normal((400, 64))).astype(np.complex64)
    assert np.isclose(np.mean(np.abs(ofdm.demodulate(noise, waveform)) ** 2), 2, rtol=0.03)


def test_prefix_and_suffix_are_cyclic(waveform, rng):
    carriers = rng.standard_normal((2, waveform.num_used)).astype(np.complex64)
    symbols = ofdm.modulate(carriers, waveform)
    n, cp, window = waveform.fft_size, waveform.cp_length, waveform.window_length
    assert np.allclose(symbols[:, :cp], symbols[:, n : n + cp])
    assert np.allclose(symbols[:, cp : cp + window], symbols[:, n + cp :])


def test_joined_symbols_keep_their_bodies(waveform, rng):
    """Windows touch only the first samples of each cyclic prefix, and ramps the two ends of the burst."""
    carriers = rng.standard_normal((3, waveform.num_used)).astype(np.complex64)
    symbols = ofdm.modulate(carriers, waveform)
    burst = ofdm.join(preamble(waveform), symbols, waveform)
    window, step, start = waveform.window_length, waveform.symbol_length, waveform.preamble_length
    assert len(burst) == start + 3 * step + window
    assert np.array_equal(burst[window:start], preamble(waveform)[window:start])
    for row in range(3):
        begin = start + row * step
        assert np.array_equal(burst[begin + window : begin + step], symbols[row, window:step])
    assert abs(burst[0]) < 0.1 and abs(burst[-1]) < 0.1


def test_pilots_lie_on_their_carriers(waveform):
    carriers = ofdm.with_pilots(np.zeros((4, waveform.num_data), np.complex64), waveform)
    places = np.flatnonzero(np.any(carriers != 0, axis=0))
    assert np.array(waveform.used_carriers)[places].tolist() == [-21, -7, 7, 21]
    assert np.all(np.abs(carriers[:, places]) == 1)


def test_preamble_is_short_repeats_with_signs_inside_the_band(waveform):
    samples = preamble(waveform)[: waveform.preamble_length].reshape(16, 32)
    sequence = basic_sequence(waveform)
    assert np.allclose(samples, np.outer(waveform.preamble_cover, sequence))
    assert np.isclose(np.mean(np.abs(sequence) ** 2), 1, atol=1e-5)
    spectrum = np.abs(np.fft.fft(sequence)) ** 2
    assert np.flatnonzero(spectrum < 1e-6).tolist() == [0, *range(14, 19)]


def test_preamble_signs_hide_its_repetition(waveform):
    """Neighbouring signs, multiplied, are nearly balanced (a tone) and nearly white (a shift by a repeat)."""
    cover = np.array(waveform.preamble_cover)
    products = cover[1:] * cover[:-1]
    correlation = np.correlate(products, products, "full")[len(products) :]
    assert abs(products.sum()) <= 1 and np.max(np.abs(correlation)) <= 3
