import os
import subprocess
import sys

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.channel_estimation.impulse_response import ChannelEstimator
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.sync.preamble import preamble

LEAD = 8  # taps before the nominal start


@pytest.fixture(scope="module")
def estimator(waveform):
    return ChannelEstimator(waveform)


def received_preamble(waveform, taps, noise_var, rng):
    """Preamble and some symbols of unit power through taps, with noise."""
    symbols = ofdm.modulate(np.exp(2j * np.pi * rng.random((4, waveform.num_used))).astype(np.complex64), waveform)
    burst = ofdm.join(preamble(waveform), symbols, waveform)
    return channel.add_noise(np.convolve(burst, taps)[: len(burst)], noise_var, rng)


def response(waveform, taps, window_start):
    shift = window_start - waveform.cp_length
    carriers = np.array(waveform.used_carriers)
    delays = np.arange(len(taps)) - shift
    return np.exp(-2j * np.pi * np.outer(carriers, delays) / waveform.fft_size) @ taps


@pytest.mark.parametrize("taps", [[1.0], [0.8, 0, 0, 0.6j], [0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.7]])
def test_error_matches_its_own_variance_and_beats_least_squares(taps, estimator, waveform, rng):
    noise_var = 0.5
    taps = np.array(taps, complex)
    errors, stated, noise = [], [], []
    for _ in range(60):
        estimate = estimator.from_preamble(received_preamble(waveform, taps, noise_var, rng))
        truth = response(waveform, taps, estimate.window_start)
        errors.append(np.mean(np.abs(estimate.carriers - truth) ** 2))
        stated.append(estimate.carriers_var.mean())
        noise.append(estimate.noise_var)
    least_squares = noise_var * 31 / (waveform.preamble_length - 31)
    assert np.mean(errors) < 0.6 * least_squares
    assert np.mean(stated) == pytest.approx(np.mean(errors), rel=0.6)
    assert np.mean(noise) == pytest.approx(noise_var, rel=0.05)


def test_known_symbols_make_it_better(estimator, waveform, rng):
    taps = np.array([0.8, 0, 0, 0.6j])
    rough, better = [], []
    for _ in range(40):
        known = np.exp(2j * np.pi * rng.random((16, waveform.num_used))).astype(np.complex64)
        samples = received_preamble(waveform, taps, 1.0, rng)
        first = estimator.from_preamble(samples)
        truth = response(waveform, taps, first.window_start)
        noise = channel.complex_noise(known.size, 1.0, rng).reshape(known.shape)
        second = estimator.refine(first, samples, waveform.carrier_gain * truth * known + noise, known)
        rough.append(np.mean(np.abs(first.carriers - truth) ** 2))
        better.append(np.mean(np.abs(second.carriers - truth) ** 2))
    assert np.mean(better) < 0.6 * np.mean(rough)


@pytest.mark.parametrize(("taps", "window"), [([1.0], 6), ([1.0] + [0] * 11 + [1.0], 12), ([1.0] + [0] * 15 + [1], 14)])
def test_window_lies_between_the_echoes(taps, window, estimator, waveform, rng):
    estimate = estimator.from_preamble(received_preamble(waveform, np.array(taps, complex), 1e-3, rng))
    assert abs(estimate.window_start - window) <= 2


def test_silence_gives_finite_numbers(estimator, waveform):
    estimate = estimator.from_preamble(np.zeros(waveform.preamble_length, np.complex64))
    assert np.all(np.isfinite(estimate.carriers.view(np.float32))) and np.isfinite(estimate.noise_var)


TABLES = """
import hashlib
from semcom.phy.channel_estimation.impulse_response import ChannelEstimator
from semcom.phy.waveform import Waveform
tables = vars(ChannelEstimator(Waveform.load("ofdm64")))
print(hashlib.sha256(b"".join(tables[name].tobytes() for name in ("_gram", "_basis_h", "_basis_values"))).hexdigest())
"""


def test_tables_are_the_same_however_many_threads_share_the_sums():
    """Else a burst would be received otherwise in a worker process than here, in the last bits."""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", TABLES],
            env={**os.environ, "OMP_NUM_THREADS": number, "OPENBLAS_NUM_THREADS": number},
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        ).stdout
        for number in ("1", "2", "7")
    }
    assert len(hashes) == 1
