"""The kernels of the coherent search against the same sums by numpy."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.sync.coherent_search import cycle_powers, energy, half_powers, preamble_powers, strongest_pair

PERIOD, REPEATS, DELAYS, OFFSETS = 8, 6, 5, 3


@pytest.fixture
def parts(rng):
    samples = channel.complex_noise(PERIOD * REPEATS + DELAYS - 1, 1.0, rng)
    sequence = channel.complex_noise(PERIOD, 1.0, rng)
    cover = rng.choice([-1, 1], REPEATS).astype(np.float32)
    turns = np.exp(1j * rng.uniform(0, 6, (REPEATS, OFFSETS))).astype(np.complex64)
    return samples, sequence, cover, np.ascontiguousarray(turns.real), np.ascontiguousarray(turns.imag)


def by_numpy(samples, template, cover):
    windows = np.array([samples[d : d + PERIOD * REPEATS].reshape(REPEATS, PERIOD) for d in range(DELAYS)])
    return (windows @ template.conj()) * cover


def test_powers_of_delays_and_offsets(parts):
    samples, sequence, cover, re, im = parts
    segments, power = preamble_powers(*parts)
    expected = by_numpy(samples, sequence, cover)
    assert np.allclose(segments, expected, atol=1e-4)
    assert np.allclose(power, np.abs(expected @ (re + 1j * im)) ** 2, rtol=1e-3)


def test_powers_of_templates(parts, rng):
    samples, _, cover, re, im = parts
    templates = channel.complex_noise(4 * PERIOD, 1.0, rng).reshape(4, PERIOD)
    turn_re, turn_im = np.ascontiguousarray(re[:, 1]), np.ascontiguousarray(im[:, 1])
    power = cycle_powers(samples, cover, turn_re, turn_im, templates)
    expected = [np.abs(by_numpy(samples, t, cover) @ (turn_re + 1j * turn_im)) ** 2 for t in templates]
    assert np.allclose(power, expected, rtol=1e-3)


def test_powers_of_the_halves(parts):
    segments, _ = preamble_powers(*parts)
    turns = parts[3] + 1j * parts[4]
    expected = [np.abs(segments[2, part] @ turns[part]) ** 2 for part in (slice(0, 3), slice(3, 6))]
    assert np.allclose(half_powers(segments[2], parts[3], parts[4]), expected, rtol=1e-3)


def test_the_strongest_pair_and_the_stronger_of_the_two():
    power = np.array([[1, 0], [2, 5], [6, 1], [5, 9]], np.float32)
    assert strongest_pair(power) == (2, 0, 11.0)
    power[3, 1] = 11
    assert strongest_pair(power) == (3, 1, 12.0)


def test_energy(rng):
    samples = channel.complex_noise(500, 2.0, rng)
    assert energy(samples) == pytest.approx(float(np.sum(np.abs(samples) ** 2)), rel=1e-5)
