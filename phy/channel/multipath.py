"""Static multipath."""

from collections.abc import Sequence

import numpy as np

from semcom.phy.channel.delay import delay


def multipath(samples: np.ndarray, paths: Sequence[tuple[float, complex]]) -> np.ndarray:
    """Sum of delayed and weighted copies.

    Parameters
    ----------
    samples : complex64 [n]
    paths : sequence of (delay_samples, gain)
        Delays may be fractional. Gains are used as they are; see `unit_power` for a channel that keeps the mean power.

    Returns
    -------
    received : complex64 [n + ceil(longest delay)]
    """
    longest = max(int(np.ceil(delay_samples)) for delay_samples, _ in paths)
    received = np.zeros(len(samples) + longest, np.complex64)
    for delay_samples, gain in paths:
        copy = delay(samples, delay_samples)
        received[: len(copy)] += np.complex64(gain) * copy
    return received


def unit_power(paths: Sequence[tuple[float, complex]]) -> list[tuple[float, complex]]:
    """The same paths with gains scaled to a total power of one."""
    total = np.sqrt(sum(abs(gain) ** 2 for _, gain in paths))
    return [(delay_samples, gain / total) for delay_samples, gain in paths]
