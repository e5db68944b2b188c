"""Interference: bursts of noise and a continuous tone."""

import numpy as np

from semcom.phy.channel.awgn import complex_noise


def burst_interference(
    samples: np.ndarray, duty: float, length_samples: int, power: float, rng: np.random.Generator
) -> np.ndarray:
    """Add bursts of white noise of variance `power`, complex64 [n] -> complex64 [n].

    Bursts of `length_samples` begin at random (exponential gaps), so that they cover the share `duty` of the time in
    the long run; the stream may begin inside one.
    """
    received = samples.astype(np.complex64)
    if duty <= 0:
        return received
    gap = length_samples * (1 - duty) / duty
    position = -rng.uniform(0, length_samples) if rng.random() < duty else rng.exponential(gap)
    while position < len(received):
        start, stop = max(0, int(position)), min(len(received), int(position) + length_samples)
        received[start:stop] += complex_noise(max(0, stop - start), power, rng)
        position += length_samples + rng.exponential(gap)
    return received


def tone_jammer(samples: np.ndarray, frequency_hz: float, power: float, sample_rate_hz: float, phase: float = 0.0):
    """Add a tone of the given power at `frequency_hz`, complex64 [n] -> complex64 [n]."""
    turns = (frequency_hz / sample_rate_hz) * np.arange(len(samples))
    return (samples + np.sqrt(power) * np.exp(1j * (2 * np.pi * turns + phase))).astype(np.complex64)
