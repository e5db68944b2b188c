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
    return _equalise(
        np.ascontiguousarray(carriers),
        estimate.carriers,
        estimate.carriers_var,
        estimate.noise_var,
        tracking.phase,
        tracking.slope,
        carrier_numbers,
        selected,
        gain,
    )


@njit(
    "Tuple((complex64[:,::1], float32[::1]))(complex64[:,::1], complex64[::1], float32[::1], float64, float32[::1],"
    "float32[::1], int64[::1], int64[::1], float64)",
    cache=True,
    nogil=True,
)
def _equalise(carriers, channel, channel_var, noise_var, phase, slope, numbers, selected, gain):
    count = selected.shape[0]
    power = np.empty(count, np.float32)
    mean = 0.0
    for i in range(count):
        value = channel[selected[i]]
        power[i] = max((value.real * value.real + value.imag * value.imag) * gain**2, 1e-20)
        mean += power[i]
    # The floor bounds the gain in a deep notch; it has no effect where there is signal.
    floor = np.float32(1e-6 * mean / max(count, 1))
    inverse = np.empty(count, np.complex64)
    out_var = np.empty(count, np.float32)
    for i in range(count):
        power[i] = max(power[i], floor)
        inverse[i] = np.conj(channel[selected[i]]) * np.float32(gain) / power[i]
        out_var[i] = (noise_var + gain**2 * channel_var[selected[i]]) / power[i]
    out = np.empty((carriers.shape[0], count), np.complex64)
    for m in range(carriers.shape[0]):
        common = np.complex64(np.cos(phase[m]) - 1j * np.sin(phase[m]))
        sloped = abs(slope[m]) * np.float32(count) > np.float32(1e-4)
        for i in range(count):
            value = carriers[m, selected[i]] * inverse[i] * common
            if sloped:
                angle = slope[m] * np.float32(numbers[selected[i]])
                value *= np.complex64(np.cos(angle) - 1j * np.sin(angle))
            out[m, i] = value
    return out, out_var
