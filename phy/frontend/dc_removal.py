"""Taking out the direct current that a zero-IF receiver adds."""

import numpy as np

_CERTAIN = 9.0  # times the power that the mean of a burst without direct current has


def remove_dc(samples: np.ndarray) -> np.ndarray:
    """Samples less their mean, where that is more than chance, complex64 [n] -> complex64 [n].

    A burst has next to no energy at its carrier, and what is left of it there averages to power / n. Taking out a mean
    of that size would add as much error as it removes, so it is left alone.
    """
    mean = samples.mean(dtype=np.complex128)
    power = float(np.vdot(samples, samples).real) / max(len(samples), 1)
    if abs(mean) ** 2 * len(samples) <= _CERTAIN * power:
        return samples
    return samples - np.complex64(mean)
