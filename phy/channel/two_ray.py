"""Two-ray channel: a direct path and one reflection."""

import numpy as np

from semcom.phy.channel.multipath import multipath, unit_power


def two_ray(samples: np.ndarray, delay_samples: float, echo_db: float, phase: float = 0.0) -> np.ndarray:
    """Direct path plus an echo of `echo_db` relative to it, `delay_samples` later, total power kept.

    Parameters
    ----------
    samples : complex64 [n]
    delay_samples, echo_db : float
    phase : float
        Of the echo, radians.

    Returns
    -------
    received : complex64 [n + ceil(delay_samples)]
    """
    echo = 10 ** (echo_db / 20) * np.exp(1j * phase)
    return multipath(samples, unit_power([(0.0, 1.0), (delay_samples, echo)]))
