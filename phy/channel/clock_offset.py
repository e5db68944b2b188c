"""Sample clock offset between sender and receiver."""

import numpy as np

_HALF_TAPS = 16


def clock_offset(samples: np.ndarray, offset_ppm: float) -> np.ndarray:
    """Resample as a receiver whose clock runs slow by `offset_ppm` would see it: positive shortens the burst.

    Windowed-sinc interpolation over 32 samples; the signal must leave a tenth of the band empty.

    Parameters
    ----------
    samples : complex64 [n]
    offset_ppm : float
        Sender's clock against the receiver's, parts per million.

    Returns
    -------
    received : complex64 [round(n / (1 + offset))]
    """
    rate = 1 + offset_ppm * 1e-6
    count = round(len(samples) / rate)
    position = np.arange(count) * rate
    whole = np.floor(position).astype(np.int64)
    fraction = position - whole
    padded = np.concatenate([np.zeros(_HALF_TAPS, np.complex64), samples, np.zeros(_HALF_TAPS + 1, np.complex64)])
    received = np.zeros(count, np.complex128)
    for tap in range(-_HALF_TAPS + 1, _HALF_TAPS + 1):
        distance = fraction - tap
        weight = np.sinc(distance) * np.cos(0.5 * np.pi * distance / (_HALF_TAPS + 1)) ** 2
        received += weight * padded[whole + tap + _HALF_TAPS]
    return received.astype(np.complex64)
