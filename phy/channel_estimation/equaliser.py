"""Zero-forcing equalisation of received carriers: channel, common phase and timing slope removed."""

import numpy as np
from numba import njit

from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.ofdm.pilot_tracking import Tracking


def equalise(
    carriers: np.ndarray,
    estimate: ChannelEstimate,
    tracking: Tracking,
    carrier_numbers: np.ndarray,
    selected: np.ndarray,
    gain: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Equalised symbols of the selected carriers and their noise variance.

    Symbol = carrier · conj(H) / |H|²; noise variance = (noise + error of H) / |H|², H the estimated response times
    `gain`.

    Parameters
    ----------
    carriers : complex64 [num_symbols, num_used]
    estimate : ChannelEstimate
    tracking : Tracking
        For the same symbols.
    carrier_numbers : int [num_used]
    selected : int [num_selected]
        Indices into the used carriers.
    gain : float
        Amplitude of a unit-energy carrier (`Waveform.carrier_gain`).

    Returns
    -------
    symbols : complex64 [num_symbols, num_selected]
    noise_var : float32 [num_selected]
        Noise variance of each carrier after equalisation, error of the channel estimate included.
    """
    response = (gain * estimate.carriers[selected]).astype(np.complex64)
    power = np.maximum(np.abs(response) ** 2, 1e-20)
    # The floor bounds the gain in a deep notch; it has no effect where there is signal.
    power = np.maximum(power, 1e-6 * power.mean()).astype(np.float32)
    inverse = (response.conj() / power).astype(np.complex64)
    noise_var = (estimate.noise_var + gain**2 * estimate.carriers_var[selected]) / power
    symbols = _equalise(
        np.ascontiguousarray(carriers),
        inverse,
        tracking.phase,
        tracking.slope,
        carrier_numbers[selected].astype(np.float32),
        selected.astype(np.int64),
    )
    return symbols, noise_var.astype(np.float32)


@njit(
    "complex64[:,::1](complex64[:,::1], complex64[::1], float32[::1], float32[::1], float32[::1], int64[::1])",
    cache=True,
    nogil=True,
)
def _equalise(carriers, inverse, phase, slope, numbers, selected):
    out = np.empty((carriers.shape[0], selected.shape[0]), np.complex64)
    for m in range(carriers.shape[0]):
        common = np.complex64(np.cos(phase[m]) - 1j * np.sin(phase[m]))
        sloped = abs(slope[m]) * np.float32(len(numbers)) > np.float32(1e-4)
        for i in range(selected.shape[0]):
            value = carriers[m, selected[i]] * inverse[i] * common
            if sloped:
                angle = slope[m] * numbers[i]
                value *= np.complex64(np.cos(angle) - 1j * np.sin(angle))
            out[m, i] = value
    return out
