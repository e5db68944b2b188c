"""Rayleigh fading with Jakes Doppler spectrum: independent gains for every path of a profile."""

from __future__ import annotations

import numpy as np
import scipy.fft

from semcom.phy.channel.profiles import FadingProfile

_NUM_WAVES = 32
_POINTS_PER_CYCLE = 32  # gains are computed at this density per Doppler cycle, and interpolated between
_GUARD = 64


def rayleigh_gains(
    num_samples: int, doppler_hz: float, sample_rate_hz: float, rng: np.random.Generator, num_paths: int = 1
) -> np.ndarray:
    """Gains of independent Rayleigh paths of mean power one, complex64 [num_paths, num_samples].

    Isotropic scattering: sum of 32 plane waves, one at a random angle in each of 32 sectors. The autocorrelation is
    J0(2π fd τ) [Clarke 1968].
    """
    sectors = (np.arange(_NUM_WAVES) + rng.random((num_paths, _NUM_WAVES))) / _NUM_WAVES
    shifts_hz = doppler_hz * np.cos(2 * np.pi * sectors)
    waves = (rng.standard_normal((num_paths, _NUM_WAVES)) + 1j * rng.standard_normal((num_paths, _NUM_WAVES))) / 8
    step = max(1, int(sample_rate_hz / (_POINTS_PER_CYCLE * doppler_hz))) if doppler_hz > 0 else max(1, num_samples)
    points = np.arange(-(-num_samples // step) + 1) * step
    coarse = np.einsum("pw,pwt->pt", waves, np.exp(2j * np.pi * shifts_hz[..., None] * points / sample_rate_hz))
    times = np.arange(num_samples)
    return np.array([np.interp(times, points, g.real) + 1j * np.interp(times, points, g.imag) for g in coarse]).astype(
        np.complex64
    )


def fade(
    samples: np.ndarray, profile: FadingProfile, sample_rate_hz: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Send samples through a fresh draw of a fading channel.

    Parameters
    ----------
    samples : complex64 [n]
    profile : FadingProfile
    sample_rate_hz : float
    rng : numpy.random.Generator

    Returns
    -------
    received : complex64 [n + m]
        Longer by the longest delay and one sample. The mean power over many draws is that of `samples`.
    gains : complex64 [num_paths, n + m]
        Of each path, at each sample: perfect channel knowledge.
    """
    delays = np.array(profile.delays_s) * sample_rate_hz
    count = len(samples) + int(np.ceil(delays.max())) + 1
    gains = rayleigh_gains(count, profile.doppler_hz, sample_rate_hz, rng, len(delays))
    gains *= np.sqrt(np.array(profile.powers, np.float32))[:, None]
    length = scipy.fft.next_fast_len(count + 2 * _GUARD)
    padded = np.zeros(length, np.complex64)
    padded[_GUARD : _GUARD + len(samples)] = samples
    spectrum, frequencies = scipy.fft.fft(padded), np.fft.fftfreq(length)
    received = np.zeros(count, np.complex64)
    for delay_samples, gain in zip(delays, gains, strict=True):
        copy = scipy.fft.ifft(spectrum * np.exp(-2j * np.pi * frequencies * delay_samples).astype(np.complex64))
        received += gain * copy[_GUARD : _GUARD + count]
    return received, gains
