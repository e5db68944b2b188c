"""Removal of the DC offset that a zero-IF receiver adds."""

import numpy as np

_CERTAIN = 9.0  # times the mean power of the sample mean of a burst without DC offset


def remove_dc(samples: np.ndarray) -> np.ndarray:
    """Samples minus their mean, where the mean is significant, complex64 [n] -> complex64 [n].

    A burst has next to no energy at its carrier: without DC offset its mean has power power / n. Subtracting a mean of
    that size would add as much error as it removes, so it is left alone.
    """
    mean = samples.mean(dtype=np.complex128)
    power = float(np.vdot(samples, samples).real) / max(len(samples), 1)
    if abs(mean) ** 2 * len(samples) <= _CERTAIN * power:
        return samples
    return samples - np.complex64(mean)
