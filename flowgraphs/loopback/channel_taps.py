"""Propagation paths of a channel file → taps of an FIR filter."""

from __future__ import annotations

import math

import numpy as np

from semcom.sdr_configs.radio import Channel

SINC_HALF_LENGTH = 16


def channel_taps(channel: Channel, sample_rate_hz: float) -> np.ndarray:
    """Impulse response of all paths together.

    Paths on whole samples are single taps; others are windowed sinc pulses (Kaiser, beta 8), and then the whole
    response comes 16 samples later, to make room for their onset. The powers of the paths add up to 1.

    Returns
    -------
    taps : complex128 [num_taps]
    """
    delays = np.array([path.delay_us * 1e-6 * sample_rate_hz for path in channel.paths]) + channel.delay_samples
    gains = np.array([10 ** (path.power_db / 20) for path in channel.paths])
    gains = gains / math.sqrt(np.sum(gains**2)) * np.exp(1j * np.deg2rad([path.phase_deg for path in channel.paths]))
    nearest = np.round(delays).astype(int)
    if np.allclose(delays, nearest, atol=1e-9):
        taps = np.zeros(nearest.max() + 1, complex)
        np.add.at(taps, nearest, gains)
        return taps
    delays = delays + SINC_HALF_LENGTH
    distance = np.arange(math.ceil(delays.max()) + SINC_HALF_LENGTH + 1)[:, None] - delays
    inside = np.clip(1 - (distance / (SINC_HALF_LENGTH + 1)) ** 2, 0, None)
    pulses = np.sinc(distance) * np.i0(8 * np.sqrt(inside)) / np.i0(8) * (inside > 0)
    return pulses @ gains
