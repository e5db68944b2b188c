"""Phase noise of a free-running oscillator (Wiener) and of a phase-locked loop."""

import numpy as np
import scipy.signal


def wiener_phase_noise(
    samples: np.ndarray, linewidth_hz: float, sample_rate_hz: float, rng: np.random.Generator
) -> np.ndarray:
    """Phase noise of a free-running oscillator: a random walk, Lorentzian spectrum of full width `linewidth_hz`.

    complex64 [n] -> complex64 [n]. Phase variance grows by 2π · linewidth / rate a sample [Demir 2000].
    """
    deviation = np.sqrt(2 * np.pi * linewidth_hz / sample_rate_hz)
    phase = np.cumsum(deviation * rng.standard_normal(len(samples)))
    return (samples * np.exp(1j * phase)).astype(np.complex64)


def locked_phase_noise(
    samples: np.ndarray, level_dbc_hz: float, loop_bandwidth_hz: float, sample_rate_hz: float, rng: np.random.Generator
) -> np.ndarray:
    """Phase noise of a phase-locked loop: flat up to the loop's bandwidth, falling 20 dB a decade beyond.

    Parameters
    ----------
    samples : complex64 [n]
    level_dbc_hz : float
        Single-sideband phase noise inside the loop, dBc/Hz.
    loop_bandwidth_hz : float
        Where it has fallen by 3 dB.
    sample_rate_hz : float
    rng : numpy.random.Generator

    Returns
    -------
    received : complex64 [n]
    """
    pole = np.exp(-2 * np.pi * loop_bandwidth_hz / sample_rate_hz)
    density = 10 ** (level_dbc_hz / 10)  # of the phase on either side of the carrier, rad²/Hz
    deviation = np.sqrt(density * sample_rate_hz)
    steady = pole * deviation * np.sqrt((1 - pole) / (1 + pole)) * rng.standard_normal(1)  # as if it had always run
    white = deviation * rng.standard_normal(len(samples))
    phase, _ = scipy.signal.lfilter([1 - pole], [1, -pole], white, zi=steady)
    return (samples * np.exp(1j * phase)).astype(np.complex64)
