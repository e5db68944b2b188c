"""Interference: duty cycle and power of noise bursts, place and power of a tone."""

import numpy as np
import pytest

from semcom.phy import channel

RATE = 1e6


def test_interference_covers_its_share_of_the_time(rng):
    received = channel.burst_interference(np.zeros(2_000_000, np.complex64), 0.1, 1000, 100.0, rng)
    hit = received != 0
    assert hit.mean() == pytest.approx(0.1, abs=0.015)
    assert np.mean(np.abs(received[hit]) ** 2) == pytest.approx(100, rel=0.02)
    assert np.array_equal(channel.burst_interference(np.ones(9, np.complex64), 0.0, 5, 1.0, rng), np.ones(9))


def test_a_tone_is_where_and_as_strong_as_asked():
    spectrum = np.fft.fft(channel.tone_jammer(np.zeros(1000, np.complex64), -50_000.0, 0.25, RATE)) / 1000
    assert np.argmax(np.abs(spectrum)) == 950
    assert np.abs(spectrum[950]) ** 2 == pytest.approx(0.25, rel=1e-4)


def test_a_stream_may_begin_inside_a_burst_and_is_changed_nowhere_else():
    """With this duty the stream begins inside a burst in half of the draws, which then ends before its length."""
    begun = 0
    for seed in range(200):
        samples = np.full(400, 3.0, np.complex64)
        received = channel.burst_interference(samples, 0.5, 100, 1.0, np.random.default_rng(seed))
        hit = received != samples
        begun += bool(hit[0])
        ends = np.flatnonzero(hit[:-1] & ~hit[1:])
        if hit[0] and len(ends):
            assert ends[0] < 200  # at most one burst and one that follows at once
    assert 70 <= begun <= 130
